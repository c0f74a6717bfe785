"""Who may do what with an event, and with an organisation: by what one is to it. Pure.

Whoever may not even read an event is answered as if there were none: ids tell nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from backbone.campaign.geography import DEPARTMENTS, ONLINE, department_of

from .reviewing import ADMINISTRATOR, COORDINATOR, REVIEWER


class Act(StrEnum):
    """What is done with an event."""

    READ = "read"
    EDIT = "edit"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    ANNOUNCE = "announce"
    """Tell visitors that it is off, put off, held online."""
    HAND_OVER = "hand_over"
    KIT = "kit"
    """Download its communication kit."""
    OFFER = "offer"
    """Have whoever it was entered for claim it: of those who enter events for others."""


class Relation(StrEnum):
    """What somebody is to an event."""

    KEEPER = "keeper"
    """Wrote it, or was handed it: is the organiser whom the others write to."""
    MANAGER = "manager"
    """Manages the organisation that it is an event of."""
    MEMBER = "member"
    FEDERATION = "federation"
    """Is of the federation that the organisation has joined."""
    COORDINATOR = "coordinator"
    """Helps the organisers of the region where it takes place."""
    REVIEWER = "reviewer"
    """Decides for that region."""
    ADMINISTRATOR = "administrator"


_ALL, _HELP = frozenset(Act), frozenset({Act.READ, Act.EDIT, Act.SUBMIT})
RIGHTS: Mapping[Relation, frozenset[Act]] = MappingProxyType(
    {
        Relation.KEEPER: _ALL,
        Relation.MANAGER: _ALL,
        Relation.MEMBER: _ALL - {Act.HAND_OVER, Act.OFFER},
        Relation.FEDERATION: _HELP,
        Relation.COORDINATOR: _HELP,
        Relation.REVIEWER: frozenset({Act.READ}),
        Relation.ADMINISTRATOR: _HELP,
    }
)
"""The whole table."""


class Deed(StrEnum):
    """What is done with an organisation."""

    SEE = "see"
    LEAVE = "leave"
    CHANGE = "change"
    INVITE = "invite"
    ARRANGE = "arrange"
    """Give somebody of it another role, or none."""
    HELP = "help"
    """Offer others, as a federation, to help with their events."""
    KEYS = "keys"
    """Make keys for its programs, see and revoke them."""


class Door(StrEnum):
    """Who is let in where no event is named."""

    ANYONE = "anyone"
    """Who is there, or what the link is for, is found out inside."""
    SIGNED_IN = "signed_in"
    REVIEWING = "reviewing"
    """Who decides about the events of others."""


class Role(StrEnum):
    """What a person is in an organisation."""

    MANAGER = "manager"
    MEMBER = "member"


DEEDS: Mapping[Role, frozenset[Deed]] = MappingProxyType(
    {Role.MANAGER: frozenset(Deed), Role.MEMBER: frozenset({Deed.SEE, Deed.LEAVE})}
)


@dataclass(frozen=True)
class Ties:
    """What ties somebody to an organisation."""

    role: str | None = None
    """Theirs in it; None: they are not of it."""
    is_of_federation: bool = False


@dataclass(frozen=True)
class Standing:
    """Who somebody is, whatever the event."""

    account_id: UUID
    role: str
    regions: Collection[str] = ()


def relations(who: Standing, keeper: UUID | None, ties: Ties, region: str | None) -> frozenset[Relation]:
    """All that somebody is to an event of this keeper, in this region; empty: nobody."""
    found = {
        Relation.KEEPER: keeper == who.account_id,
        Relation.MANAGER: ties.role == Role.MANAGER,
        Relation.MEMBER: ties.role is not None,
        Relation.FEDERATION: ties.is_of_federation,
        Relation.COORDINATOR: who.role == COORDINATOR and region in who.regions,
        Relation.REVIEWER: who.role == REVIEWER and region in who.regions,
        Relation.ADMINISTRATOR: who.role == ADMINISTRATOR,
    }
    return frozenset(relation for relation, is_so in found.items() if is_so)


def may(who: Collection[Relation], act: Act) -> bool:
    """Whether somebody who is this to an event may do that with it."""
    return any(act in RIGHTS[relation] for relation in who)


def region_of_draft(kept: Mapping[str, Any]) -> str | None:
    """The region where the event of a draft takes place, however it was kept: `00` for one online; None where the draft
    does not say it."""
    venue = kept.get("venue")
    if not venue:
        return ONLINE if kept.get("online_url") or kept.get("is_online") is True else None
    postcode = venue.get("postcode") if isinstance(venue, Mapping) else None
    department = department_of(postcode) if isinstance(postcode, str) else None
    return DEPARTMENTS[department].region if department else None
