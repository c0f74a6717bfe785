"""All decisions of an edition, judged again: the rules, their lexicons or the edition's window have changed.

It works beside a running service. Cases are read in lots without a lock; those whose label changes are locked as a
poll locks them, in one order, and judged once more under the lock, so that what was decided meanwhile counts. Each lot
is a transaction: whoever is stopped half-way begins again, and what was told is not told twice, since it then says what
the rules say.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.campaign.clock import Clock
from backbone.campaign.edition import Edition
from backbone.contracts import JudgedFact
from backbone.postgres.jobs import queue_jobs
from backbone.postgres.outbox import tell_now
from backbone.runtime.failpoints import failpoint
from backbone.runtime.trace import current_trace

from . import store
from .deadlines import deadlines
from .domain.again import Rejudged, Standing, judge_again
from .domain.case import PERSONS, Case, entered
from .domain.criteria import judge

AT_ONCE = 100
"""Cases that are read, and at most locked, at once: a tenth of a second's work."""


@dataclass(frozen=True)
class Lot:
    """Some cases of an edition, judged again."""

    read: int
    found: Sequence[Rejudged]
    """Of which something is to be said: told if the lot was applied, and shown in any case."""


async def rejudge(engine: AsyncEngine, clock: Clock, edition: Edition, *, apply: bool) -> AsyncIterator[Lot]:
    """Judges all decisions of the edition again, in the order of the events' ids; with `apply` it decides, tells each
    decision that changes, and has committed it when its lot is given."""
    last = UUID(int=0)
    while cases := await _some_cases(engine, edition, last):
        last = cases[-1].event_id
        found = [one for one in (_judged_again(case, edition, clock.now()) for case in cases) if one]
        if apply and (told := [one.before.event_id for one in found if one.is_told]):
            decided = await _decide(engine, clock, edition, told)
            found = [one for one in found if not one.is_told] + decided
        yield Lot(len(cases), found)


async def _some_cases(engine: AsyncEngine, edition: Edition, after: UUID) -> Sequence[Case]:
    async with engine.connect() as tx:
        return await store.decided_cases(tx, edition.name, after=after, limit=AT_ONCE)


async def _decide(engine: AsyncEngine, clock: Clock, edition: Edition, events: Sequence[UUID]) -> list[Rejudged]:
    async with engine.begin() as tx:
        decided, changed, told = [], {}, []
        for key, case in (await store.CASES.load(tx, [str(event_id) for event_id in events])).items():
            one = _judged_again(case.now, edition, clock.now())
            if one and one.is_told:
                after, taken = entered(case.now, one.after, _answers_for(case.now, one.after))
                changed[key] = case.after(after, taken)
                decided.append(one)
                told.append(taken.told)
        await store.CASES.save(tx, changed)
        await tell_now(tx, *told)
        due = [later for one in decided for later in deadlines(one.after, clock.now())]
        await queue_jobs(tx, [(later.job, later.due_in, current_trace()) for later in due])
        failpoint("in-rejudgement")
    return decided


def _answers_for(case: Case, decision: JudgedFact) -> UUID | None:
    """The person whose word it still rests on as well, and who judges no appeal against it."""
    return case.reviewer if any(verdict.rule in PERSONS for verdict in decision.verdicts) else None


def _judged_again(case: Case, edition: Edition, now: datetime) -> Rejudged | None:
    before = store.judged(case)
    if before is None or before.edition != edition.name:
        return None
    found = judge_again(case, before, judge(before.event, edition), now, edition.review)
    return found if found.standing is not Standing.SAME else None
