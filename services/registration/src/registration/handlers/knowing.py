"""What is known of an event, gathered for whoever asks where it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from backbone.contracts import SlotStatus
from backbone.postgres.database import Tx

from .. import store
from ..desk import Desk
from ..domain.attendance import open_until
from ..domain.deadline import PARIS, day_in_paris, last_day
from ..domain.kept import read_in_part
from ..domain.known import LABELLED, Known
from ..domain.missing import missing
from ..domain.timeline import Step
from ..store import StoredEvent
from .attendance import Reported, labelled_events


async def known_of(tx: Tx, desk: Desk, event: StoredEvent) -> Known:
    """All that where it is follows from."""
    return (await all_known(tx, desk, [event]))[event.id]


async def all_known(tx: Tx, desk: Desk, found: Collection[StoredEvent]) -> dict[UUID, Known]:
    """The same of many events: what a list says of one is what its own page says."""
    ids = [event.id for event in found]
    words, pins, steps = await store.words_on(tx, found), await store.pins_of(tx, found), await store.all_steps(tx, ids)
    offers, labelled = await store.open_offers(tx, ids), await labelled_events(tx, ids)
    return {
        event.id: _known(
            desk,
            event,
            steps[event.id],
            word=words.get(event.id),
            pin=pins.get(event.id),
            claim_until=offers[event.id].astimezone(PARIS).date() if event.id in offers else None,
            **_afterwards(labelled.get(event.id)),
        )
        for event in found
    }


def _known(desk: Desk, event: StoredEvent, steps: Sequence[Step], **more: Any) -> Known:
    was_labelled = any(step.kind == LABELLED for step in steps)
    return Known(
        state=event.state,
        steps=tuple(steps),
        today=day_in_paris(desk.clock.now()),
        amendable_until=last_day(desk.edition, event.state, was_labelled=was_labelled),
        map_opens=desk.edition.map.opens,
        opens=desk.edition.registration.opens,
        lacking=len(missing(read_in_part(event.draft)[0])) if event.revision == 0 else 0,
        is_changed=event.is_changed,
        **more,
    )


def _afterwards(found: Reported | None) -> dict[str, Any]:
    if found is None:
        return {}
    days: list[date] = [slot.starts_at.date() for slot in found.event.slots if slot.status != SlotStatus.CANCELLED]
    filed = found.kept and found.kept.filed_at
    return {
        "days": (min(days), found.last.date()),
        "report_until": open_until(found.last).date(),
        "visitors": sum((found.kept.visitors or {}).values()) if found.kept and filed else None,
    }
