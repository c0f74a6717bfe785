"""What an organiser does whose event was refused: asks that a person judge it again.

EventMissing      no event of theirs is known here
TextChanged       the decision is on another revision than they read
NothingToAppeal   the event is not refused: it has its label, or waits for a decision
AppealOpen        a person is at it already
AppealUsed        a person has judged this very text again
"""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, or_, select

from backbone.contracts import AppealReceived, EventRejected, JudgedFact, Label
from backbone.http.access import Caller
from backbone.postgres.database import Tx
from backbone.postgres.jobs import queue_jobs
from backbone.postgres.purge import Purge
from backbone.runtime.trace import current_trace

from . import store
from .deadlines import deadlines
from .desk import Desk
from .domain.decision import reads_alike, receive_appeal
from .reviews import TextChanged, enter, open_on
from .store import CASES, OpenCase, judged

log = logging.getLogger(__name__)


class EventMissing(Exception):
    """No event of this organiser's is known here under this number."""


class NothingToAppeal(Exception):
    """The event is not refused."""


class AppealOpen(Exception):
    """A person is asked already."""

    def __init__(self, received: AppealReceived) -> None:
        super().__init__(str(received.event_id))
        self.received = received


class AppealUsed(Exception):
    """A person has judged this very text again, and refused it."""


async def appeal(desk: Desk, event_id: UUID, revision: int, words: str, organiser: Caller) -> AppealReceived:
    """Asks that another person than who refused it judge the event again, by a clock of its own; `words` are for them
    alone. Raises EventMissing, TextChanged, NothingToAppeal, AppealOpen, AppealUsed."""
    async with desk.engine.begin() as tx:
        [case] = (await CASES.load(tx, [str(event_id)])).values()
        refusal = await _refusal(tx, case, revision, organiser)
        now = desk.clock.now()
        received = receive_appeal(case.now, refusal, now, desk.review_rules(refusal.edition))
        # whose word the refusal is stays with the case: somebody else judges again
        await enter(tx, case, received, case.now.reviewer)
        await store.note_appeal(tx, received, words)
        trace = current_trace()
        await queue_jobs(tx, [(later.job, later.due_in, trace) for later in deadlines(received, now)])
    log.info("an appeal was received", extra={"event": str(event_id), "revision": revision})
    return received


async def decision_for(desk: Desk, event_id: UUID, organiser: Caller) -> tuple[JudgedFact, bool]:
    """Where the organiser's event stands, as it was told, and whether they may appeal. Raises EventMissing."""
    async with desk.engine.connect() as tx:
        case = await store.case_of(tx, event_id)
        decision = judged(case) if case else None
        if decision is None or decision.event.organiser_id != organiser.account_id:
            raise EventMissing
        return decision, isinstance(decision, EventRejected) and not await _is_used(tx, decision)


async def _refusal(tx: Tx, case: OpenCase, revision: int, organiser: Caller) -> EventRejected:
    newest = judged(case.now)
    if newest is None or newest.event.organiser_id != organiser.account_id:
        raise EventMissing
    if newest.revision != revision:
        raise TextChanged(newest.event, open_on(case.now))
    if isinstance(newest, AppealReceived):
        raise AppealOpen(newest)
    if not isinstance(newest, EventRejected) or newest.label != Label.REFUSED:
        raise NothingToAppeal
    if await _is_used(tx, newest):
        raise AppealUsed
    return newest


async def _is_used(tx: Tx, refusal: EventRejected) -> bool:
    judged_again = await store.refused_on_appeal(tx, refusal.event_id)
    return any(reads_alike(text, refusal.event) for text in judged_again)


def old_words(kept: timedelta) -> Purge:
    """What organisers wrote with appeals: of events that were taken back (an erased person's are), at once; of all
    others after so long."""
    gone = select(store.cases.c.event_id).where(store.cases.c.label == Label.WITHDRAWN.value)
    words = store.appeals

    async def purge(tx: Tx) -> bool:
        await tx.execute(delete(words).where(or_(words.c.noted_at < func.now() - kept, words.c.event_id.in_(gone))))
        return False

    return purge
