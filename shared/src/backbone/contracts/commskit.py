"""What commskit tells: whether a kit reached the mail server. Never to whom."""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from .base import Bounds, Contract, EventFact, Reason, Topic

COMMSKIT_KITS = Topic("commskit.kits", writer="commskit")


class KitPiece(Contract):
    """One file of a kit."""

    name: str = Field(description="E.g. « affiche-a4.pdf »")
    media_type: str = Field("application/octet-stream", description="E.g. « application/pdf »")
    bytes: Annotated[int, Bounds(minimum=1)] = 0
    sha256: Annotated[str, Bounds(pattern="^[0-9a-f]{64}$")] = ""


class KitSent(EventFact):
    """The mail server accepted the kit of this revision."""

    topic: ClassVar[Topic] = COMMSKIT_KITS
    ce_type: ClassVar[str] = "fr.semaine-industrie.KitSent"
    kit_id: UUID
    pieces: Annotated[tuple[KitPiece, ...], Bounds(minItems=1)]
    sent_at: AwareDatetime


class KitFailed(EventFact):
    """The kit of this revision could not be made or sent; an operator sees why in commskit."""

    topic: ClassVar[Topic] = COMMSKIT_KITS
    ce_type: ClassVar[str] = "fr.semaine-industrie.KitFailed"
    reason: Reason
    failed_at: AwareDatetime
