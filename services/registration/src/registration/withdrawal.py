"""Taking an event back: the state, and the fact that tells it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from backbone.contracts import EventWithdrawn
from backbone.postgres.database import Tx
from backbone.postgres.outbox import tell_now

from . import store


async def withdraw(tx: Tx, event_id: UUID, revision: int, now: datetime) -> None:
    """Takes a submitted event back; `revision` is the withdrawal's own. The event's row is locked by the caller."""
    fact = EventWithdrawn(event_id=event_id, revision=revision, withdrawn_at=now)
    await store.mark_withdrawn(tx, event_id, revision)
    await store.add_step(tx, fact)
    await tell_now(tx, "registration", fact)
