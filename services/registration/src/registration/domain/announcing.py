"""What an organiser tells visitors of an event that is announced: it is cancelled, postponed, moved online, a slot of
it is full, or where its pin is. Pure: from what was submitted to what is submitted in its place, by the rules of its
day.

Each is undone by reinstating it. What a measure says of the event (`domain.measure`) is said besides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from backbone.contracts import Admission, EventStatus, SlotStatus

from .fields import DraftPosition, Note, WebAddress
from .kept import Kept
from .refusals import Unacceptable, UnknownSlot
from .slots import DraftSlot

Change = Callable[[Kept], Kept]
"""What was submitted, in what is submitted in its place. Raises Refused."""

NO_WAY_TO_CONNECT = (
    "Indiquez l’adresse de connexion (status_url) : l’événement est ouvert à tous, et les visiteurs doivent pouvoir le "
    "rejoindre."
)
_WORDS = ("status", "status_note", "status_url")


class Announcement(BaseModel):
    """A word to visitors. `confirmed`: as in a submission."""

    model_config = ConfigDict(extra="forbid")

    status_note: Note | None = None
    confirmed: Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=20)] = []


class Postponement(Announcement):
    """It takes place later: at these hours, or at hours that are not known yet."""

    slots: Annotated[list[DraftSlot], Field(min_length=1, max_length=30)] | None = None


class Relocation(Announcement):
    """It takes place online; where one connects is told to everybody only if everybody may come."""

    status_url: WebAddress | None = None


class StatusOfSlot(BaseModel):
    """Whether one may still come to a slot."""

    model_config = ConfigDict(extra="forbid")

    status: SlotStatus


def cancelled(note: str | None) -> Change:
    return lambda kept: _said(kept, EventStatus.CANCELLED, note)


def postponed(note: str | None, slots: Sequence[DraftSlot] | None) -> Change:
    def change(kept: Kept) -> Kept:
        if not slots:
            return _said(kept, EventStatus.POSTPONED, note)
        hours = [slot.model_dump(mode="json", exclude_defaults=True) for slot in slots]
        return _said(kept, EventStatus.RESCHEDULED, note) | {"slots": hours}

    return change


def moved_online(note: str | None, url: object) -> Change:
    def change(kept: Kept) -> Kept:
        link = str(url) if url else None
        if kept.get("admission") == Admission.EVERYONE and not (link or kept.get("online_url")):
            raise Unacceptable.field("status_url", ValueError(NO_WAY_TO_CONNECT))
        return _said(kept, EventStatus.MOVED_ONLINE, note) | ({"status_url": link} if link else {})

    return change


def reinstated(kept: Kept) -> Kept:
    """It takes place as it is written; one that was given new dates, at these."""
    return {name: value for name, value in kept.items() if name not in _WORDS}


def pinned_at(at: DraftPosition, venue: Kept) -> Change:
    """The pin of this venue is there, as its organiser says; what is written meanwhile of another address has none."""
    confirmed = at.model_copy(update={"is_confirmed": True}).model_dump(exclude_defaults=True)

    def change(kept: Kept) -> Kept:
        here = kept.get("venue") or {}
        return kept | {"venue": here | {"position": confirmed}} if here and _is_same_address(here, venue) else kept

    return change


def is_where_it_was(venue: Kept, before: Kept) -> bool:
    """Whether the pin of a venue is where it was, for the same address."""
    here, there = ((one.get("position") or {}) for one in (venue, before))
    is_unmoved = all(here.get(name) == there.get(name) is not None for name in ("longitude", "latitude"))
    return is_unmoved and _is_same_address(venue, before)


def _is_same_address(one: Kept, other: Kept) -> bool:
    return all(one.get(name) == other.get(name) for name in ("street", "postcode", "city"))


def slot_is(slot_id: str, status: SlotStatus) -> Change:
    def change(kept: Kept) -> Kept:
        slots = [_with_status(slot, status) if slot.get("id") == slot_id else slot for slot in kept["slots"]]
        if not any(slot.get("id") == slot_id for slot in slots):
            raise UnknownSlot
        return kept | {"slots": slots}

    return change


def _said(kept: Kept, status: EventStatus, note: str | None) -> Kept:
    words: Kept = {"status": status.value}
    return reinstated(kept) | words | ({"status_note": note} if note else {})


def _with_status(slot: dict[str, Any], status: SlotStatus) -> dict[str, Any]:
    others = {name: value for name, value in slot.items() if name != "status"}
    return others if status == SlotStatus.SCHEDULED else others | {"status": status.value}
