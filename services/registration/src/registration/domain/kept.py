"""A draft as it is kept, and read again by other rules than those of its day; and back from what was told of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from backbone.contracts import Booking, EventStatus, PublicEvent, Slot

from .draft import DraftVenue, EventDraft
from .fields import DraftPosition
from .picture import DraftPicture
from .slots import DraftSlot, recognised

Kept = dict[str, Any]
"""A draft as it was kept: by the rules of its day, which have changed since perhaps, or by those of a later version."""


def read_draft(kept: Kept) -> EventDraft | None:
    """The draft, if it is one by today's rules."""
    try:
        return EventDraft.model_validate(kept)
    except ValidationError:
        return None


def read_in_part(kept: Kept) -> tuple[EventDraft, list[Mapping[str, Any]]]:
    """What of the draft is right by today's rules, and pydantic's errors on all that is not."""
    try:
        return EventDraft.model_validate(kept), []
    except ValidationError as refused:
        faults: list[Mapping[str, Any]] = list(refused.errors())
    if not isinstance(kept, dict):
        return EventDraft(), faults
    named = {fault["loc"][0] for fault in faults if fault["loc"]}
    return read_in_part({name: value for name, value in kept.items() if name not in named})[0], faults


def kept_of(draft: EventDraft) -> Kept:
    """The draft as it is kept: what says nothing is left out, so that an earlier release reads all that it knows."""
    return draft.model_dump(mode="json", exclude_defaults=True)


def carried_on(draft: EventDraft, before: Kept) -> EventDraft:
    """The draft that takes the place of another one. What it does not speak of stays: which openings these are,
    whether the event takes place as announced (« scheduled » says that it does), of which it is a copy, its
    picture (null says that it has none)."""
    known = read_in_part(before)[0]
    changes: dict[str, Any] = {"copied_from": draft.copied_from or known.copied_from}
    if "picture" not in draft.model_fields_set:
        changes["picture"] = known.picture
    if draft.status == EventStatus.SCHEDULED:
        changes |= {"status": None, "status_note": None, "status_url": None}
    elif draft.status is None:
        words = ("status", "status_note", "status_url")
        changes |= {name: getattr(draft, name) or getattr(known, name) for name in words}
    if draft.slots:
        changes["slots"] = recognised(draft.slots, known.slots or ())
    return draft.model_copy(update=changes)


def as_submitted(kept: Kept, event_id: UUID, revision: int, edition: str, organiser_id: UUID) -> PublicEvent | None:
    """The public event that a draft was submitted as, by the rules of its day, which are not asked again; None if it
    cannot be read."""
    try:
        venue, slots = kept.get("venue"), [_slot_as_kept(slot) for slot in kept["slots"]]
        place = _as_kept(DraftVenue, {**venue, "position": _position_as_kept(venue)}) if venue else None
        known = {name: kept.get(name) for name in EventDraft.model_fields} | {"venue": place, "slots": slots}
        known["picture"] = _as_kept(DraftPicture, _UNSAID | kept["picture"]) if kept.get("picture") else None
        draft: EventDraft = _as_kept(EventDraft, known)
        return draft.as_event(event_id, revision, edition, organiser_id)
    except (LookupError, TypeError, ValueError, AttributeError):
        return None


_UNSAID = dict.fromkeys(DraftPicture.model_fields)


def _slot_as_kept(slot: Kept) -> Any:
    hours = {name: datetime.fromisoformat(slot[name]) for name in ("starts_at", "ends_at")}
    return _as_kept(DraftSlot, {**slot, **hours})


def _position_as_kept(venue: Kept) -> Any:
    return _as_kept(DraftPosition, venue["position"]) if venue.get("position") else None


def as_draft(event: PublicEvent) -> Kept:
    """The draft that was submitted as this event, as it is kept. A link that was not told is not there any more, and
    what a measure says of an event stands as its organiser's own word."""
    venue, booking = event.venue, event.booking or Booking()
    place = venue and {
        "name": venue.name,
        **venue.address.model_dump(include=set(DraftVenue.model_fields)),
        "position": venue.position and venue.position.model_dump(include=set(DraftPosition.model_fields)),
    }
    slots = [{**_own(slot, DraftSlot), **_hours(slot)} for slot in event.slots]
    if event.status == EventStatus.CANCELLED:  # none takes place: of whom nothing else was said
        slots = [slot | {"status": None} for slot in slots]
    written = {
        **_own(event, EventDraft),
        "venue": place,
        "is_online": event.has_private_link,
        "slots": slots,
        **{f"booking_{name}": value for name, value in booking.model_dump().items()},
    }
    kept: Kept = _said(written)
    return kept


def _own(part: BaseModel, form: type[BaseModel]) -> Kept:
    return part.model_dump(mode="json", include=set(form.model_fields))


def _said(written: Any) -> Any:
    """Without what says nothing."""
    if isinstance(written, list):
        return [_said(one) for one in written]
    if not isinstance(written, dict):
        return written
    return {name: _said(value) for name, value in written.items() if not _says_nothing(name, value)}


def _says_nothing(name: str, value: Any) -> bool:
    is_as_ever = value is False and name in ("is_online", "is_confirmed", "is_confirmed_twice")
    return is_as_ever or value is None or value in ([], EventStatus.SCHEDULED)


def _hours(slot: Slot) -> Kept:
    return {"starts_at": _local(slot.starts_at), "ends_at": _local(slot.ends_at)}


def _local(there: datetime) -> str:
    return there.replace(tzinfo=None).isoformat()


def _as_kept(form: type[BaseModel], values: Kept) -> Any:
    return form.model_construct(**values)
