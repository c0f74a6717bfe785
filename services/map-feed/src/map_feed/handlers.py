"""One function per fact heard: each folds it into the read model; nothing follows from it."""

from __future__ import annotations

from backbone.contracts import (
    EventCancelled,
    EventLabelled,
    EventLocated,
    EventNotLocated,
    EventRejected,
    EventWithdrawn,
    LabelWithdrawn,
)
from backbone.postgres.database import Tx

from .store import keep_end, keep_label, keep_location


async def show_event(fact: EventLabelled, tx: Tx) -> None:
    """A labelled revision is what the public sees from now on."""
    await keep_label(tx, fact.event, fact.decided_at)


async def place_event(fact: EventLocated, tx: Tx) -> None:
    """The revision has a pin."""
    await keep_location(tx, fact.event_id, fact.revision, fact.location)


async def unplace_event(fact: EventNotLocated, tx: Tx) -> None:
    """The revision has no pin; the event stays in the list."""
    await keep_location(tx, fact.event_id, fact.revision, None)


async def hide_event(fact: EventRejected | LabelWithdrawn | EventWithdrawn | EventCancelled, tx: Tx) -> None:
    """The revision and those before it are not to be seen: refused, taken back, called off, or without label."""
    await keep_end(tx, fact.event_id, fact.revision)
