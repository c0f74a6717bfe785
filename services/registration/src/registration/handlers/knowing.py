"""What is known of an event, gathered for whoever asks where it is."""

from __future__ import annotations

from datetime import date
from typing import Any

from backbone.contracts import SlotStatus
from backbone.postgres.database import Tx

from .. import store
from ..desk import Desk
from ..domain.attendance import open_until
from ..domain.deadline import PARIS, day_in_paris, last_day
from ..domain.kept import read_in_part
from ..domain.known import LABELLED, Known
from ..domain.missing import missing
from ..domain.refusals import NoReport
from ..store import StoredEvent
from .attendance import Reported, labelled_event


async def known_of(tx: Tx, desk: Desk, event: StoredEvent) -> Known:
    """All that where it is follows from."""
    word, steps = await store.word_on(tx, event), await store.steps(tx, event.id)
    was_labelled = any(step.kind == LABELLED for step in steps)
    claim = await store.open_offer(tx, event.id)
    return Known(
        state=event.state,
        word=word,
        steps=tuple(steps),
        today=day_in_paris(desk.clock.now()),
        amendable_until=last_day(desk.edition, event.state, was_labelled=was_labelled),
        map_opens=desk.edition.map.opens,
        opens=desk.edition.registration.opens,
        lacking=len(missing(read_in_part(event.draft)[0])) if event.revision == 0 else 0,
        is_changed=event.is_changed,
        pin=await store.pin_of(tx, event),
        claim_until=claim.astimezone(PARIS).date() if claim else None,
        **_afterwards(await _labelled(tx, event)),
    )


async def _labelled(tx: Tx, event: StoredEvent) -> Reported | None:
    try:
        return await labelled_event(tx, event.id)
    except NoReport:
        return None


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
