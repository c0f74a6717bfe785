"""What a reviewer does: reads what waits for them, and settles it, has it corrected, or hands it over.

ReviewMissing   nothing waits for a person on this event
TextChanged     the organiser changed the event after it was read: nothing is decided
OwnCause        nobody decides of their own organisation's event
OwnRefusal      nobody judges an appeal against their own word
InAppeal        of an appeal no correction is asked: its organiser has said that the text stands
NotAllowed      it is another region's
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from uuid import UUID

from backbone.contracts import (
    AppealReceived,
    Condition,
    Correction,
    CorrectionRequested,
    DecisionFact,
    EventLabelled,
    EventRejected,
    Label,
    PublicEvent,
    ReviewRequested,
    canary,
)
from backbone.http.access import Caller, NotAllowed
from backbone.postgres.database import Tx
from backbone.postgres.outbox import tell_now

from . import store
from .desk import Desk
from .domain.case import Case, entered
from .domain.decision import Open, Waiting, handed_over, region_of, settle, to_correct
from .domain.independence import is_own_cause
from .store import CASES, OpenCase, judged

log = logging.getLogger(__name__)


class ReviewMissing(Exception):
    """Nothing waits for a person on this event."""


class OwnCause(Exception):
    """The event is the reviewer's own, or their organisation's."""


class OwnRefusal(Exception):
    """The appeal is against the reviewer's own word."""


class InAppeal(Exception):
    """The organiser has asked for a decision on the text as it is."""


class TextChanged(Exception):
    """The organiser changed the event after it was read; `review` is open on its new text, if one is."""

    def __init__(self, event: PublicEvent, review: Open | None) -> None:
        super().__init__(str(event.event_id))
        self.event, self.review = event, review


async def read_review(desk: Desk, event_id: UUID, reviewer: Caller) -> Open:
    """What is open on an event. Raises ReviewMissing, NotAllowed."""
    async with desk.engine.connect() as tx:
        case = await store.case_of(tx, event_id)
    asked = open_on(case) if case else None
    if case is None or asked is None or event_id == canary.EVENT:  # nobody is asked about that one
        raise ReviewMissing
    check_region(case, asked.event, reviewer)
    return asked


async def settle_review(
    desk: Desk, event_id: UUID, revision: int, refused: Mapping[Condition, str], reviewer: Caller
) -> EventLabelled | EventRejected:
    """Gives the label, or refuses it for the conditions named, each with a sentence for the organiser; `revision` is
    the one that the reviewer has read. An appeal is settled so too, by another person than who refused. Raises
    ReviewMissing, TextChanged, OwnCause, OwnRefusal, NotAllowed."""
    async with desk.engine.begin() as tx:
        case, asked = await _that_was_read(tx, event_id, revision, reviewer, to_decide=True)
        decision = settle(case.now, asked, refused, desk.clock.now())
        await enter(tx, case, decision, reviewer.account_id)
    about = {"event": str(event_id), "revision": decision.revision, "by": str(reviewer.account_id)}
    log.info("a decision was taken", extra={**about, "is_labelled": decision.label == Label.GRANTED})
    return decision


async def ask_correction(
    desk: Desk, event_id: UUID, revision: int, correction: Correction, reviewer: Caller
) -> CorrectionRequested:
    """Asks the organiser to mend the text that the reviewer has read; the clock stands still until they do. Raises
    ReviewMissing, TextChanged, OwnCause, InAppeal, NotAllowed."""
    async with desk.engine.begin() as tx:
        case, asked = await _that_was_read(tx, event_id, revision, reviewer, to_decide=True)
        if isinstance(asked, AppealReceived):
            raise InAppeal
        if not isinstance(asked, ReviewRequested):
            raise ReviewMissing
        decision = to_correct(case.now, asked, correction, desk.clock.now())
        await enter(tx, case, decision, reviewer.account_id)
    about = {"event": str(event_id), "revision": revision, "by": str(reviewer.account_id)}
    log.info("a correction was asked for", extra={**about, "of": correction.kind})
    return decision


async def hand_over(desk: Desk, event_id: UUID, revision: int, region: str, reviewer: Caller) -> Waiting:
    """Asks the people of another region instead, by the same clock. Whoever may not decide may hand over. Raises
    ReviewMissing, TextChanged, NotAllowed."""
    async with desk.engine.begin() as tx:
        case, asked = await _that_was_read(tx, event_id, revision, reviewer)
        if not isinstance(asked, ReviewRequested | AppealReceived):
            raise ReviewMissing
        if (asked.region, case.now.overdue_in) == (region, None):
            return asked
        again = handed_over(case.now, asked, region, desk.clock.now())
        await enter(tx, case, again, case.now.reviewer)
    about = {"event": str(event_id), "revision": revision, "by": str(reviewer.account_id)}
    log.info("a review was handed over", extra={**about, "to": region})
    return again


async def enter(tx: Tx, case: OpenCase, decision: DecisionFact, reviewer: UUID | None) -> None:
    """Takes a decision: enters it in the log, keeps and tells it."""
    after, taken = entered(case.now, decision, reviewer)
    await CASES.save(tx, {str(decision.event_id): case.after(after, taken)})
    await tell_now(tx, taken.told)


def open_on(case: Case) -> Open | None:
    """What nobody has decided yet of a case."""
    asked = judged(case) if case.asks else None
    return asked if isinstance(asked, ReviewRequested | AppealReceived | CorrectionRequested) else None


def check_region(case: Case, event: PublicEvent, reviewer: Caller) -> None:
    """Raises NotAllowed for who has neither the region that is asked, nor the one that let it wait."""
    regions = {case.region or region_of(event), case.overdue_in}
    if reviewer.role != "administrator" and not regions & reviewer.regions:
        raise NotAllowed("another region")


async def _that_was_read(
    tx: Tx, event_id: UUID, revision: int, reviewer: Caller, *, to_decide: bool = False
) -> tuple[OpenCase, Open]:
    """The case, locked, and what is open on it, if it is on the text that the reviewer has read."""
    [case] = (await CASES.load(tx, [str(event_id)])).values()
    newest = judged(case.now)
    if newest is None:
        raise ReviewMissing
    event, asked = newest.event, open_on(case.now)
    check_region(case.now, event, reviewer)
    if to_decide:
        _check_independence(case.now, asked, event, reviewer)
    if event.revision != revision:
        raise TextChanged(event, asked)
    if asked is None:
        raise ReviewMissing
    return case, asked


def _check_independence(case: Case, asked: Open | None, event: PublicEvent, reviewer: Caller) -> None:
    if is_own_cause(event, reviewer.account_id, reviewer.organisation):
        raise OwnCause
    if isinstance(asked, AppealReceived) and case.reviewer == reviewer.account_id:
        raise OwnRefusal
