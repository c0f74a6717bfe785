"""What a reviewer does: reads what waits for them, and settles it.

ReviewMissing   nothing waits for a person on this event
TextChanged     the organiser changed the event after it was read: nothing is decided
OwnCause        nobody decides of their own organisation's event
NotAllowed      it is another region's
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from uuid import UUID

from backbone.contracts import Condition, EventLabelled, EventRejected, Label, PublicEvent, ReviewRequested
from backbone.http.access import Caller, NotAllowed
from backbone.postgres.database import Tx
from backbone.postgres.outbox import tell_now

from . import store
from .desk import Desk
from .domain.case import entered
from .domain.decision import region_of, settle
from .domain.independence import is_own_cause

log = logging.getLogger(__name__)


class ReviewMissing(Exception):
    """Nothing waits for a person on this event."""


class OwnCause(Exception):
    """The event is the reviewer's own, or their organisation's."""


class TextChanged(Exception):
    """The organiser changed the event after it was read; `review` is open on its new text, if one is."""

    def __init__(self, event: PublicEvent, review: ReviewRequested | None) -> None:
        super().__init__(str(event.event_id))
        self.event, self.review = event, review


async def read_review(desk: Desk, event_id: UUID, reviewer: Caller) -> ReviewRequested:
    """The review that is open on an event. Raises ReviewMissing, NotAllowed."""
    async with desk.engine.connect() as tx:
        review = await store.open_review(tx, event_id)
    if review is None:
        raise ReviewMissing
    _check_region(review.region, reviewer)
    return review


async def settle_review(
    desk: Desk, event_id: UUID, revision: int, refused: Mapping[Condition, str], reviewer: Caller
) -> EventLabelled | EventRejected:
    """Gives the label, or refuses it for the conditions named, each with a sentence for the organiser; `revision` is
    the one that the reviewer has read. Raises ReviewMissing, TextChanged, OwnCause, NotAllowed."""
    async with desk.engine.begin() as tx:
        review = await _review_that_was_read(tx, event_id, revision, reviewer)
        [(key, case)] = (await store.CASES.load(tx, [str(event_id)])).items()
        decision = settle(case.now, review, refused, desk.clock.now())
        await store.CASES.save(tx, {key: case.after(*entered(case.now, decision, reviewer.account_id))})
        await tell_now(tx, decision)
    about = {"event": key, "revision": decision.revision, "by": str(reviewer.account_id)}
    log.info("a decision was taken", extra={**about, "is_labelled": decision.label == Label.GRANTED})
    return decision


async def _review_that_was_read(tx: Tx, event_id: UUID, revision: int, reviewer: Caller) -> ReviewRequested:
    review = await store.open_review(tx, event_id, to_settle=True)
    event = review.event if review else await store.newest_text(tx, event_id)
    if event is None:
        raise ReviewMissing
    _check_region(region_of(event), reviewer)
    if is_own_cause(event, reviewer.account_id, reviewer.organisation):
        raise OwnCause
    if event.revision != revision:
        raise TextChanged(event, review)
    if review is None:
        raise ReviewMissing
    return review


def _check_region(region: str, reviewer: Caller) -> None:
    if reviewer.role != "administrator" and region not in reviewer.regions:
        raise NotAllowed("another region")
