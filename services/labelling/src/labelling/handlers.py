"""What labelling does when it hears of an event."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.campaign.clock import Clock
from backbone.campaign.edition import Edition
from backbone.contracts import EventFact, EventSubmitted, EventWithdrawn, LabelWithdrawn
from backbone.postgres.database import Tx

from . import store
from .domain.criteria import judge
from .domain.decision import decide


async def judge_event(submitted: EventSubmitted, tx: Tx, *, edition: Edition, clock: Clock) -> Sequence[EventFact]:
    """Judges a revision by the four conditions and tells the decision; an older revision changes nothing."""
    before = await store.decision_on(tx, submitted.event_id)
    if before and before[0] >= submitted.revision:
        return []
    decision = decide(submitted.event, judge(submitted.event, edition), clock.now())
    await store.save_decision(tx, decision)
    return [decision]


async def withdraw_label(withdrawn: EventWithdrawn, tx: Tx) -> Sequence[EventFact]:
    """Takes the event out of review; tells that its label is gone if it had one."""
    before = await store.decision_on(tx, withdrawn.event_id)
    if before and before[0] >= withdrawn.revision:
        return []
    await store.save_decision(tx, withdrawn)
    if before is None or before[1] != "labelled":
        return []
    reason = "L’organisateur a retiré l’événement."
    known = {"event_id": withdrawn.event_id, "revision": withdrawn.revision}
    return [LabelWithdrawn(**known, reason=reason, withdrawn_at=withdrawn.withdrawn_at)]
