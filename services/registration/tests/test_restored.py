"""A database that was restored from before the last revisions: others have heard of them, and know their numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from backbone.contracts import EventLabelled, LabelWithdrawn
from registration.domain.draft import EventDraft
from registration.handlers import note_step

AT = datetime(2026, 6, 1, 10, tzinfo=UTC)


@pytest.fixture
async def mine(a_person, a_draft):
    """An event of which this database knows the first revision."""
    person = await a_person()
    event_id = await person.drafts(a_draft())
    await person.submits(event_id)
    return person, event_id


@pytest.fixture
def hears(engine):
    async def hear(fact):
        async with engine.begin() as tx:
            await note_step(fact, tx)

    return hear


def labelled(event_id, revision, draft):
    event = EventDraft.model_validate(draft).as_event(UUID(event_id), revision, "2026", UUID(int=7))
    known = {"event_id": event_id, "revision": revision, "event": event}
    return EventLabelled(**known, verdicts=(), decided_at=AT, decided_by="rules")


async def test_a_revision_that_others_judged_is_no_longer_free_and_its_text_can_be_submitted_again(
    mine, hears, a_draft, told
):
    person, event_id = mine
    await hears(labelled(event_id, 3, a_draft()))
    event = await person.reads(event_id)
    assert (event["revision"], event["state"], event["is_changed"]) == (3, "labelled", True)
    for _ in range(2):  # asked twice, it is submitted once
        event = await person.submits(event_id)
        assert (event["revision"], event["state"], event["is_changed"]) == (4, "submitted", False)
    assert [fact["revision"] for _, fact in await told()] == [1, 4]


async def test_a_withdrawal_that_was_lost_is_taken_over_too(mine, hears):
    person, event_id = mine
    await hears(LabelWithdrawn(event_id=event_id, revision=2, reason="L’organisateur l’a retiré.", withdrawn_at=AT))
    event = await person.reads(event_id)
    assert (event["revision"], event["state"]) == (2, "withdrawn")
    assert (await person.submits(event_id))["revision"] == 3


async def test_what_is_heard_of_an_older_revision_changes_neither_number_nor_state(mine, hears, a_draft):
    person, event_id = mine
    await hears(labelled(event_id, 3, a_draft()))
    await person.submits(event_id)
    await hears(labelled(event_id, 3, a_draft()))
    await hears(labelled(event_id, 1, a_draft()))
    event = await person.reads(event_id)
    assert (event["revision"], event["state"], event["is_changed"]) == (4, "submitted", False)
