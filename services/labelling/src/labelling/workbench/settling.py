"""A decision that was held for a minute is told; or it is noted why nothing came of it, for whoever took it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import JSONB

from backbone.contracts import Fact
from backbone.http.access import Caller, NotAllowed
from backbone.postgres.database import Tx
from backbone.postgres.jobs import Claimed, Retry
from backbone.service.folding import in_transaction
from backbone.service.outcomes import Dead, Done, Work

from .. import reviews
from ..desk import Desk
from ..reviews import InAppeal, OwnCause, OwnRefusal, ReviewMissing, TextChanged
from ..store import decisions
from .access import REASONS
from .holds import Settle
from .tables import held
from .words import WORDS, ToCorrect, ToHandOver, ToLabel, ToRefuse, Word

log = logging.getLogger(__name__)


async def tell_held(claimed: Claimed, desk: Desk) -> str | None:
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
