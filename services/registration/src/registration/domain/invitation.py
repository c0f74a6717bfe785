"""An invitation: what is asked of whoever invites, and of whoever takes it up."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from .account import ChosenPassword, Email, Name
from .rights import Role

INVITATION_DAYS = 14
MOST_INVITATIONS = 100  # open at one time, of one organisation


class InvitationKind(StrEnum):
    """What one is invited to."""

    COLLEAGUE = "colleague"
    """Be of the organisation."""
    CLAIM = "claim"
    """Take over an event that somebody entered for them."""
    FEDERATION = "federation"
    """Have one's organisation helped by a federation."""


class InvitationRequest(BaseModel):
    """Whom a manager invites, and as what."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    role: Role = Role.MEMBER


class Acceptance(BaseModel):
    """The token out of the link in the mail; and who one is, if the address has no account yet. `organisation_id`:
    which organisation is helped, or has the event; the first one that one was of, if none is named."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[str, Field(max_length=2000)]
    organisation_id: UUID | None = None
    name: Name | None = None
    organisation: Name | None = None
    password: ChosenPassword | None = None


class AddressRequest(BaseModel):
    """Whom something is offered to."""

    model_config = ConfigDict(extra="forbid")

    email: Email


class RoleRequest(BaseModel):
    """What a member is to be."""

    model_config = ConfigDict(extra="forbid")

    role: Role


class HandoverRequest(BaseModel):
    """Who is to keep an event: somebody of its organisation."""

    model_config = ConfigDict(extra="forbid")

    account_id: UUID
