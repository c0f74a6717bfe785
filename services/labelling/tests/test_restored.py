"""A database that was put back: what was decided since is told, and is taken back before anything is heard again."""

from __future__ import annotations

from uuid import uuid4

import pytest

from backbone.contracts import EventLabelled, EventRejected, EventWithdrawn, ReviewRequested
from backbone.service.folding import Happening, fold_all
from labelling.handlers import RECALL
from labelling.log import faults
from labelling.store import case_of


@pytest.fixture
def forget(engine):
    """The database is that of before anything was heard."""

    async def go():
        async with engine.begin() as tx:
            await tx.exec_driver_sql("ALTER TABLE decisions DISABLE TRIGGER USER")
            await tx.exec_driver_sql("TRUNCATE cases, decisions, tallies, outbox, inbox, jobs")
            await tx.exec_driver_sql("ALTER TABLE decisions ENABLE TRIGGER USER")

    return go


@pytest.fixture
def recall(engine, service):
    async def take_back(*facts):
        (words,) = RECALL.before
        async with engine.begin() as tx:
            said = [Happening(fact, fact.key, words[type(fact)], None) for fact in facts]
            await fold_all(tx, said, service.http.state.desk)

    return take_back


@pytest.fixture
def read(told):
    """What was told, as facts."""
    kinds = {kind.__name__: kind for kind in (EventLabelled, EventRejected, ReviewRequested)}

    async def facts():
        return [kinds[kind].model_validate(payload) for kind, payload in await told()]

    return facts


async def test_what_a_person_decided_in_the_lost_hour_stands_and_is_not_decided_again_by_the_rules(
    hear, told, read, forget, recall, engine, an_event, a_doubtful_event, submitted
):
    event = a_doubtful_event()
    await hear(submitted(event))
    [asked] = await read()
    # told by a reviewer, in the hour that is lost
    said = {"label": "granted", "decided_by": "review", "automated": False, "sequence": 2, "decision_id": uuid4()}
    granted = EventLabelled.model_validate(asked.model_dump(exclude={"region", "due_at"}) | said)
    await forget()
    for _ in range(2):  # begun anew after it was killed
        await recall(asked, granted)
    assert await hear(submitted(event)) == []
    async with engine.connect() as tx:
        case = await case_of(tx, event.event_id)
    assert (case.label, case.revision, case.sequence, case.asks) == ("granted", 1, 2, None)
    # the next word bears a number that nobody has heard
    amended = event.model_copy(update={"revision": 2, "is_free": False})
    [(kind, decision)] = await hear(submitted(amended))
    assert (kind, decision["revision"], decision["sequence"]) == ("EventRejected", 2, 3)
    assert decision["supersedes"] == str(granted.decision_id)
    async with engine.connect() as tx:
        assert [what async for *_, what in faults(tx)] == [None]


async def test_a_question_that_was_open_is_open_again_with_its_clock(
    hear, read, forget, recall, engine, a_doubtful_event, submitted
):
    event = a_doubtful_event()
    await hear(submitted(event))
    [asked] = await read()
    await forget()
    await recall(asked)
    assert await hear(submitted(event)) == []
    async with engine.connect() as tx:
        case = await case_of(tx, event.event_id)
        kinds = list(await tx.exec_driver_sql("SELECT kind, state FROM jobs"))
    assert (case.asks, case.region, case.due_at) == ("review", asked.region, asked.due_at)
    assert kinds == [("deadline", "waiting")]


async def test_what_was_taken_back_by_its_organiser_stays_so(
    hear, read, forget, recall, engine, a_doubtful_event, submitted
):
    event = a_doubtful_event()
    taken_back = EventWithdrawn(
        event_id=event.event_id, revision=2, sequence=2, edition="2026", withdrawn_at=submitted(event).submitted_at
    )
    await hear(submitted(event), taken_back)
    facts = await read()
    await forget()
    await recall(*facts)
    assert await hear(submitted(event), taken_back) == []
    async with engine.connect() as tx:
        case = await case_of(tx, event.event_id)
    assert (case.label, case.revision, case.asks) == ("withdrawn", 2, None)
