"""A database that was restored from before the last revisions: others have heard of them, and know their numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from backbone.contracts import KitSent

AT = datetime(2026, 6, 1, 10, tzinfo=UTC)


async def test_a_revision_that_others_judged_is_no_longer_free_and_its_text_can_be_submitted_again(
    mine, hear, a_decision, told
):
    person, event_id = mine
    await hear(a_decision(event_id, 3, 5, "granted"))
    event = await person.reads(event_id)
    assert (event["revision"], event["state"], event["is_changed"]) == (3, "labelled", True)
    for _ in range(2):  # asked twice, it is submitted once
        event = await person.submits(event_id)
        assert (event["revision"], event["state"], event["is_changed"]) == (4, "submitted", False)
    # the two that were lost were told as the second and the third
    assert [(fact["revision"], fact["sequence"]) for _, fact in await told()] == [(1, 1), (4, 4)]


async def test_whoever_speaks_of_a_lost_revision_first_it_was_submitted(mine, hear, a_decision):
    person, event_id = mine
    about = {"event_id": UUID(event_id), "revision": 3, "sequence": 1, "edition": "2026"}
    await hear(KitSent(**about, kit_id=uuid4(), pieces=(), sent_at=AT))
    event = await person.reads(event_id)
    assert (event["revision"], event["state"], event["is_changed"]) == (3, "submitted", True)
    await hear(a_decision(event_id, 3, 5, "granted"))
    assert (await person.reads(event_id))["state"] == "labelled"


async def test_a_withdrawal_that_was_lost_is_taken_over_too(mine, hear, a_decision):
    person, event_id = mine
    await hear(a_decision(event_id, 2, 2, "withdrawn"))
    event = await person.reads(event_id)
    assert (event["revision"], event["state"]) == (2, "withdrawn")
    assert (await person.submits(event_id))["revision"] == 3


async def test_what_is_heard_of_an_older_revision_changes_neither_number_nor_state(mine, hear, a_decision):
    person, event_id = mine
    await hear(a_decision(event_id, 3, 5, "granted"))
    await person.submits(event_id)
    await hear(a_decision(event_id, 3, 5, "granted"))
    await hear(a_decision(event_id, 1, 1, "granted"))
    event = await person.reads(event_id)
    assert (event["revision"], event["state"], event["is_changed"]) == (4, "submitted", False)
