"""The same word on many events: what it would do, and then it is held."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import select

from backbone.http.access import Caller
from backbone.postgres.database import Tx

from ..desk import Desk
from . import queue
from .access import REASONS, AlreadyHeld, check
from .holds import keep
from .tables import held
from .waiting import Waiting
from .words import ToRefuse, Word

MOST = 500  # events in one go


@dataclass(frozen=True)
class Left:
    """An event that a batch leaves as it is, and why."""

    event_id: UUID
    title: str
    why: str


@dataclass(frozen=True)
class Batch:
    """Decisions taken in one go, and what was left out."""

    id: UUID
    taken: Sequence[Waiting]
    left: Sequence[Left]


async def look_at_batch(
    tx: Tx, wanted: Sequence[tuple[UUID, int]], word: Word, caller: Caller, *, hold: bool = False
) -> tuple[list[Waiting], list[Left]]:
    """What a word on many events would do: those it is said of, held (locked) if it is to be said, and those it leaves,
    with the reason."""
    known = await queue.some(tx, [event_id for event_id, _ in wanted], hold=hold)
    busy = set(await tx.scalars(select(held.c.event_id).where(held.c.event_id.in_(known), held.c.failed.is_(None))))
    taken, left = [], []
    for event_id, revision in dict(wanted).items():
        waiting = known.get(event_id)
        why = _why_not(waiting, revision, word, caller, busy)
        if waiting and why is None:
            taken.append(waiting)
        else:
            left.append(Left(event_id, waiting.event.title if waiting and why != "another-region" else "", why or ""))
    return taken, left


async def hold_batch(desk: Desk, wanted: Sequence[tuple[UUID, int]], word: Word, caller: Caller) -> Batch:
    """Says the same of up to 500 events, to be told in a minute; those of which it cannot be said are left."""
    batch = uuid4()
    async with desk.engine.begin() as tx:
        taken, left = await look_at_batch(tx, wanted[:MOST], word, caller, hold=True)
        await keep(tx, batch, [(waiting, word) for waiting in taken], caller)
    return Batch(batch, taken, left)


def _why_not(waiting: Waiting | None, revision: int, word: Word, caller: Caller, busy: Collection[UUID]) -> str | None:
    if waiting is None:
        return "gone"
    try:
        check(waiting, revision, word, caller)
    except tuple(REASONS) as error:
        return REASONS[type(error)]
    if waiting.event.event_id in busy:
        return REASONS[AlreadyHeld]
    # of a condition that nobody doubts, a sentence for many would be a sentence for none
    doubted = {verdict.condition for verdict in waiting.in_doubt}
    return "not-in-doubt" if isinstance(word, ToRefuse) and not doubted >= set(word.refused) else None
