"""What is decided in a crisis for many events at once: they are cancelled, or held online. Pure.

A measure is kept with the event, and holds for every revision of it: an organiser who mends a word does not call their
event on again. It holds for the openings of its days alone, so that whoever moves an opening behind them is free of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict

from backbone.campaign.geography import DEPARTMENTS, ONLINE, department_of
from backbone.contracts import EventStatus, PublicEvent, Slot, SlotStatus

from .fields import Note


class Measure(BaseModel):
    """Events are cancelled, or moved online, on the days from `first` to `last` (None: without an end on that side), by
    the local dates of their places. `note`: why, to visitors, in French."""

    model_config = ConfigDict(frozen=True)

    status: EventStatus
    note: Note | None = None
    first: date | None = None
    last: date | None = None

    def holds_for(self, slot: Slot) -> bool:
        """Whether the opening is, or goes on, on one of the days."""
        # until midnight is until the end of the day before
        begins, ends = slot.starts_at.date(), (slot.ends_at - timedelta(microseconds=1)).date()
        return (self.last is None or begins <= self.last) and (self.first is None or ends >= self.first)

    def concerns(self, event: PublicEvent) -> bool:
        return any(self.holds_for(slot) for slot in event.slots)

    def applied(self, event: PublicEvent) -> PublicEvent:
        """The event under this measure. One that also opens on other days stays open on them; it cannot be half
        online, and is left as it is."""
        if self.status == EventStatus.CANCELLED:
            return self._cancelled(event)
        if event.venue is None or not all(self.holds_for(slot) for slot in event.slots):
            return event
        slots = tuple(_with(slot, SlotStatus.SCHEDULED) for slot in event.slots)
        return event.model_copy(update={"slots": slots, "status": self.status.value, "status_note": self.note})

    def _cancelled(self, event: PublicEvent) -> PublicEvent:
        slots = tuple(_with(slot, SlotStatus.CANCELLED) if self.holds_for(slot) else slot for slot in event.slots)
        off = event.model_copy(update={"slots": slots})
        if any(slot.status != SlotStatus.CANCELLED for slot in slots):
            return off
        return off.model_copy(update={"status": EventStatus.CANCELLED.value, "status_note": self.note})


def under(measures: Iterable[Measure], event: PublicEvent) -> PublicEvent:
    """The event under all of them, one after the other: of two on one day, the later holds. None calls on again what
    its organiser has called off, or opens what is full."""
    if event.status == EventStatus.CANCELLED:
        return event
    ordered = event
    for measure in measures:
        if event.takes_place or measure.status == EventStatus.CANCELLED:
            ordered = measure.applied(ordered)
    pairs = zip(event.slots, ordered.slots, strict=True)
    slots = tuple(own if slot.status == SlotStatus.SCHEDULED else slot for own, slot in pairs)
    return ordered.model_copy(update={"slots": slots})


def is_over(event: PublicEvent, now: datetime) -> bool:
    """Whether nobody can come to it any more, whatever is decided."""
    return all(slot.ends_at <= now for slot in event.slots)


def region_of(event: PublicEvent) -> str:
    """The INSEE code of the region where it takes place; `00` for an event online."""
    department = department_of(event.venue.address.postcode) if event.venue else None
    return DEPARTMENTS[department].region if department else ONLINE


def _with(slot: Slot, status: SlotStatus) -> Slot:
    return slot.model_copy(update={"status": status.value})
