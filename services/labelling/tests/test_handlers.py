from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest
from sqlalchemy import delete, select

from backbone.contracts import EventLabelled, EventRejected, EventWithdrawn, LabelWithdrawn, ReviewRequested
from labelling.handlers import judge_event, withdraw_label
from labelling.store import counts, decisions

LATER = datetime(2026, 3, 9, tzinfo=UTC)


@pytest.fixture
def hear(engine, edition, clock):
    """Tells the service facts, each in a transaction of its own; what it answers to the last."""

    async def tell(*facts):
        answers = []
        for fact in facts:
            async with engine.begin() as tx:
                if isinstance(fact, EventWithdrawn):
                    answers = await withdraw_label(fact, tx)
                else:
                    answers = await judge_event(fact, tx, edition=edition, clock=clock)
        return list(answers)

    return tell


@pytest.fixture
def kept(engine):
    """What is kept of the only event: its revision and state."""

    async def read():
        async with engine.connect() as tx:
            [row] = (await tx.execute(select(decisions.c.revision, decisions.c.state))).all()
        return tuple(row)

    return read


def amended(event, **changes):
    return event.model_copy(update={"revision": event.revision + 1, **changes})


def withdrawn(event, revision):
    return EventWithdrawn(event_id=event.event_id, revision=revision, withdrawn_at=LATER)


async def test_an_event_in_order_is_labelled_at_once(hear, kept, an_event, submitted, judged):
    event = an_event()
    assert await hear(submitted(event)) == [judged(event)]
    assert isinstance(judged(event), EventLabelled)
    assert await kept() == (1, "labelled")


async def test_an_event_that_breaks_a_condition_is_rejected_at_once(hear, kept, an_event, submitted):
    [decision] = await hear(submitted(an_event(is_free=False)))
    assert (type(decision), decision.decided_by) == (EventRejected, "rules")
    assert await kept() == (1, "rejected")


async def test_a_doubtful_event_waits_for_a_person(hear, kept, a_doubtful_event, submitted):
    [decision] = await hear(submitted(a_doubtful_event()))
    assert (type(decision), decision.region) == (ReviewRequested, "84")
    assert await kept() == (1, "in_review")


async def test_a_revision_heard_twice_is_judged_once(hear, an_event, submitted):
    event = an_event()
    assert await hear(submitted(event), submitted(event)) == []


async def test_an_amendment_is_judged_again(hear, kept, an_event, submitted):
    event = an_event()
    [decision] = await hear(submitted(event), submitted(amended(event, is_free=False)))
    assert (type(decision), decision.revision) == (EventRejected, 2)
    assert await kept() == (2, "rejected")


async def test_a_refused_event_that_is_mended_is_labelled(hear, kept, an_event, submitted):
    event = an_event(is_free=False)
    [decision] = await hear(submitted(event), submitted(amended(event, is_free=True)))
    assert (type(decision), decision.revision) == (EventLabelled, 2)
    assert await kept() == (2, "labelled")


async def test_an_older_revision_changes_nothing(hear, kept, an_event, submitted):
    event = an_event()
    assert await hear(submitted(amended(event, is_free=False)), submitted(event)) == []
    assert await kept() == (2, "rejected")


async def test_a_withdrawal_takes_the_label_away(hear, kept, an_event, submitted):
    event = an_event()
    assert await hear(submitted(event), withdrawn(event, 2)) == [
        LabelWithdrawn(
            event_id=event.event_id, revision=2, reason="L’organisateur a retiré l’événement.", withdrawn_at=LATER
        )
    ]
    assert await kept() == (2, "withdrawn")


async def test_a_withdrawal_of_an_event_without_a_label_tells_nothing(hear, kept, a_doubtful_event, submitted):
    event = a_doubtful_event()
    assert await hear(submitted(event), withdrawn(event, 2)) == []
    assert await kept() == (2, "withdrawn")


async def test_a_withdrawal_heard_first_keeps_older_revisions_from_the_label(hear, kept, an_event, submitted):
    event = an_event()
    assert await hear(withdrawn(event, 2), submitted(event)) == []
    assert await kept() == (2, "withdrawn")


async def test_an_event_submitted_again_after_its_withdrawal_is_judged(hear, kept, an_event, submitted):
    event = an_event()
    again = event.model_copy(update={"revision": 3})
    [decision] = await hear(submitted(event), withdrawn(event, 2), submitted(again))
    assert (type(decision), decision.revision) == (EventLabelled, 3)
    assert await kept() == (3, "labelled")


async def test_the_newest_revision_decides_in_whatever_order_they_are_heard(hear, kept, engine, an_event, submitted):
    first = an_event()
    second, third = amended(first, is_free=False), first.model_copy(update={"revision": 3})
    for order in permutations([first, second, third]):
        async with engine.begin() as tx:
            await tx.execute(delete(decisions))
        await hear(*map(submitted, order))
        assert await kept() == (3, "labelled")


async def test_events_are_counted_by_state(hear, engine, an_event, a_doubtful_event, submitted):
    gone = an_event()
    await hear(*map(submitted, [an_event(), an_event(), a_doubtful_event(), gone]), withdrawn(gone, 2))
    async with engine.connect() as tx:
        assert await counts(tx) == {"labelled": 2, "rejected": 0, "in_review": 1, "withdrawn": 1}
