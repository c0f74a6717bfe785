"""Decisions taken on a page: held for a minute, in which whoever took them may take them back, then told.

TooLate   they are told, or being told: nothing can be taken back
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import JSONB

from backbone.contracts import Fact
from backbone.http.access import Caller, NotAllowed
from backbone.postgres.database import Tx
from backbone.postgres.jobs import Claimed as ClaimedJob
from backbone.postgres.jobs import Job, Retry, drop_jobs, queue_jobs
from backbone.runtime.trace import current_trace
from backbone.service.folding import in_transaction
from backbone.service.outcomes import Dead, Done, Work

from .. import reviews
from ..desk import Desk
from ..reviews import InAppeal, OwnCause, OwnRefusal, ReviewMissing, TextChanged
from ..store import decisions
from .access import AlreadyHeld, Claimed, check, to_decide
from .queue import Waiting, some
from .tables import claims, held
from .words import WORDS, ToCorrect, ToHandOver, ToLabel, ToRefuse, Word

log = logging.getLogger(__name__)

HELD = timedelta(seconds=60)
MOST = 500  # events in one go


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


async def hold(desk: Desk, event_id: UUID, revision: int, word: Word, caller: Caller) -> Held:
    """Takes a decision, to be told in a minute.

    Raises ReviewMissing, NotAllowed, OwnCause, TextChanged, Claimed, AlreadyHeld.
    """
    batch = uuid4()
    async with desk.engine.begin() as tx:
        waiting = await to_decide(tx, event_id, revision, caller, hands_over=isinstance(word, ToHandOver))
        await _keep(tx, batch, [(waiting, word)], caller)
        [kept] = await of_batch(tx, batch)
    return kept


async def look_at_batch(
    tx: Tx, wanted: Sequence[tuple[UUID, int]], word: Word, caller: Caller
) -> tuple[list[Waiting], list[Left]]:
    """What a word on many events would do: those it is said of, and those it leaves, with the reason."""
    known = await some(tx, [event_id for event_id, _ in wanted])
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
        taken, left = await look_at_batch(tx, wanted[:MOST], word, caller)
        await _keep(tx, batch, [(waiting, word) for waiting in taken], caller)
    return Batch(batch, taken, left)


def _why_not(waiting: Waiting | None, revision: int, word: Word, caller: Caller, busy: Collection[UUID]) -> str | None:
    if waiting is None:
        return "gone"
    try:
        check(waiting, revision, caller)
    except (NotAllowed, OwnCause, OwnRefusal, TextChanged, Claimed) as error:
        return REASONS[type(error)]
    if waiting.event.event_id in busy:
        return REASONS[AlreadyHeld]
    # of a condition that nobody doubts, a sentence for many would be a sentence for none
    doubted = {verdict.condition for verdict in waiting.in_doubt}
    return "not-in-doubt" if isinstance(word, ToRefuse) and not doubted >= set(word.refused) else None


REASONS: dict[type[Exception], str] = {
    ReviewMissing: "gone",
    NotAllowed: "another-region",
    OwnCause: "own-cause",
    OwnRefusal: "own-refusal",
    InAppeal: "in-appeal",
    TextChanged: "changed",
    Claimed: "claimed",
    AlreadyHeld: "held",
}


async def _keep(tx: Tx, batch: UUID, taken: Sequence[tuple[Waiting, Word]], caller: Caller) -> None:
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


async def of_batch(tx: Tx, batch: UUID) -> list[Held]:
    """What is held of decisions taken in one go."""
    return [_read(row) for row in await tx.execute(select(*_HELD).where(held.c.batch == batch))]


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


# --- the job -----------------------------------------------------------------------------------------------


async def tell_held(claimed: ClaimedJob, desk: Desk) -> str | None:
    """Does what was decided a minute ago; why nothing came of it, or None."""
    async with desk.engine.connect() as tx:
        row = (await tx.execute(select(held).where(held.c.id == claimed.job.hold))).one_or_none()
    if row is None:
        return None
    word, who = WORDS.validate_python(row.word), row.caller
    caller = Caller(row.account_id, who["role"], frozenset(who["regions"]), who["organisation"], who["name"])
    try:
        await _say(desk, row.event_id, row.revision, word, caller)
    except (ReviewMissing, NotAllowed, OwnCause, OwnRefusal, InAppeal, TextChanged) as error:
        # said, and the process ended before it could note that: the log knows
        return None if await _was_said(desk, row) else REASONS[type(error)]
    return None


async def _say(desk: Desk, event_id: UUID, revision: int, word: Word, caller: Caller) -> None:
    if isinstance(word, ToLabel):
        await reviews.settle_review(desk, event_id, revision, {}, caller)
    elif isinstance(word, ToRefuse):
        await reviews.settle_review(desk, event_id, revision, word.refused, caller)
    elif isinstance(word, ToCorrect):
        await reviews.ask_correction(desk, event_id, revision, word.correction, caller)
    elif isinstance(word, ToHandOver):
        await reviews.hand_over(desk, event_id, revision, word.region, caller)


async def _was_said(desk: Desk, row: Any) -> bool:
    its = (decisions.c.event_id == row.event_id) & (decisions.c.sequence == row.after_sequence + 1)
    fact = cast(decisions.c.fact, JSONB)
    # who hands over has decided nothing: the log has the region in place of their account
    by_them, to_there = decisions.c.reviewer == row.account_id, fact["region"].astext == row.word.get("region")
    is_theirs = to_there if row.word["kind"] == "region" else by_them
    async with desk.engine.connect() as tx:
        return bool(await tx.scalar(select(func.count()).where(its, is_theirs)))


async def _note_outcome(done: Done, tx: Tx, _: Desk) -> Sequence[Fact]:
    mine = held.c.id == done.job.hold
    if done.outcome is None:
        await tx.execute(delete(held).where(mine))
    else:
        await tx.execute(update(held).where(mine).values(failed=done.outcome))
        log.info("a held decision came to nothing", extra={"hold": str(done.job.hold), "why": done.outcome})
    return ()


async def _note_fault(dead: Dead, tx: Tx, _: Desk) -> Sequence[Fact]:
    await tx.execute(update(held).where(held.c.id == dead.job.hold).values(failed="fault"))
    return ()


SETTLING = Work(
    Settle,
    tell_held,
    then=in_transaction(_note_outcome),
    dead=in_transaction(_note_fault),
    retry=Retry(tries=8, first=1.0, cap=60.0),
    at_once=4,
    ahead=16,
    timeout_seconds=30.0,
)
