"""Decisions taken on a page: held for a minute, in which whoever took them may take them back; then they are told
(`settling.py`).

TooLate   they are told, or being told: nothing can be taken back
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select

from backbone.http.access import Caller
from backbone.postgres.database import Tx
from backbone.postgres.jobs import Job, drop_jobs, queue_jobs
from backbone.runtime.trace import current_trace

from ..desk import Desk
from .access import to_decide
from .tables import claims, held
from .waiting import Waiting
from .words import WORDS, Word

HELD = timedelta(seconds=60)


class TooLate(Exception):
    """The decision was told meanwhile, or was taken back before."""


class Settle(Job):
    """Tells a decision that was held."""

    kind: ClassVar[str] = "settle"
    hold: UUID

    @property
    def key(self) -> str:
        return str(self.hold)


@dataclass(frozen=True)
class Held:
    """A decision that was taken on a page. `failed`: why nothing came of it."""

    id: UUID
    batch: UUID
    event_id: UUID
    revision: int
    account_id: UUID
    word: Word
    title: str
    left: timedelta
    failed: str | None


async def hold(desk: Desk, event_id: UUID, revision: int, word: Word, caller: Caller) -> Held:
    """Takes a decision, to be told in a minute.

    Raises ReviewMissing, NotAllowed, OwnCause, OwnRefusal, TextChanged, Claimed, AlreadyHeld, InAppeal, BeingCorrected.
    """
    batch = uuid4()
    async with desk.engine.begin() as tx:
        waiting = await to_decide(tx, event_id, revision, word, caller)
        await keep(tx, batch, [(waiting, word)], caller)
        [kept] = await of_batch(tx, batch, caller)
    return kept


async def keep(tx: Tx, batch: UUID, taken: Sequence[tuple[Waiting, Word]], caller: Caller) -> None:
    """Keeps words that may be said, to be told in a minute: the events are locked."""
    if not taken:
        return
    events = [waiting.event.event_id for waiting, _ in taken]
    await tx.execute(delete(held).where(held.c.event_id.in_(events), held.c.failed.is_not(None)))
    who = {"role": caller.role, "regions": sorted(caller.regions), "organisation": caller.organisation}
    rows = [
        {
            "id": uuid4(),
            "batch": batch,
            "event_id": waiting.event.event_id,
            "revision": waiting.event.revision,
            "after_sequence": waiting.sequence,
            "account_id": caller.account_id,
            "caller": {**who, "name": caller.name},
            "word": WORDS.dump_python(word, mode="json"),
            "title": waiting.event.title,
        }
        for waiting, word in taken
    ]
    await tx.execute(held.insert().values(due_at=func.now() + HELD), rows)
    await queue_jobs(tx, [(Settle(hold=row["id"]), HELD, current_trace()) for row in rows])
    await tx.execute(delete(claims).where(claims.c.event_id.in_(events), claims.c.account_id == caller.account_id))


async def undo(desk: Desk, batch: UUID, caller: Caller) -> int:
    """Takes back what is still held of decisions taken in one go; how many. Raises TooLate if none is."""
    async with desk.engine.begin() as tx:
        mine = (held.c.batch == batch) & (held.c.account_id == caller.account_id) & held.c.failed.is_(None)
        ids = list(await tx.scalars(select(held.c.id).where(mine).with_for_update()))
        dropped = await drop_jobs(tx, Settle, [str(each) for each in ids])
        await tx.execute(delete(held).where(held.c.id.in_([each for each in ids if str(each) in dropped])))
    if not dropped:
        raise TooLate
    return len(dropped)


async def dismiss(desk: Desk, hold_id: UUID, caller: Caller) -> None:
    """Forgets a decision of which nothing came, once whoever took it has read that."""
    mine = (held.c.id == hold_id) & (held.c.account_id == caller.account_id) & held.c.failed.is_not(None)
    async with desk.engine.begin() as tx:
        await tx.execute(delete(held).where(mine))


_HELD = (
    *(held.c.id, held.c.batch, held.c.event_id, held.c.revision, held.c.account_id, held.c.word, held.c.title),
    *((held.c.due_at - func.now()).label("left"), held.c.failed),
)


async def of_batch(tx: Tx, batch: UUID, caller: Caller) -> list[Held]:
    """What is held of decisions that this reviewer took in one go, and those of them of which nothing came."""
    mine = (held.c.batch == batch) & (held.c.account_id == caller.account_id)
    return [_read(row) for row in await tx.execute(select(*_HELD).where(mine))]


async def on_event(tx: Tx, event_id: UUID) -> Held | None:
    """The decision that is held on an event."""
    asked = select(*_HELD).where(held.c.event_id == event_id, held.c.failed.is_(None))
    row = (await tx.execute(asked)).one_or_none()
    return _read(row) if row else None


async def failed_of(tx: Tx, caller: Caller) -> list[Held]:
    """The decisions of this reviewer of which nothing came, the oldest first."""
    asked = select(*_HELD).where(held.c.account_id == caller.account_id, held.c.failed.is_not(None))
    return [_read(row) for row in await tx.execute(asked.order_by(held.c.held_at).limit(20))]


def _read(row: Any) -> Held:
    return Held(**{**row._mapping, "word": WORDS.validate_python(row.word)})
