"""What registration does when the other services tell what became of an event."""

from __future__ import annotations

from backbone.contracts import EventFact
from backbone.postgres.database import Tx

from . import store


async def note_step(fact: EventFact, tx: Tx) -> None:
    """Adds what was told about an event to the timeline that its organiser sees."""
    await store.add_step(tx, fact)
