"""An organiser takes an event back, and may submit it again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import pairwise
from uuid import uuid4

import pytest


@pytest.fixture
async def mine(a_person, a_draft):
    """An event that is submitted."""
    person = await a_person()
    event_id = await person.drafts(a_draft())
    await person.submits(event_id)
    return person, event_id


async def withdraw(person, event_id):
    return await person.ask("POST", f"/v1/events/{event_id}/withdrawal")


async def revisions(told):
    return [(kind, fact["revision"]) for kind, fact in await told()]


async def test_an_event_taken_back_is_told_with_a_revision_of_its_own(mine, told, clock):
    person, event_id = mine
    answer = await withdraw(person, event_id)
    event = answer.json()
    assert (answer.status_code, event["state"], event["revision"]) == (200, "withdrawn", 2)
    assert event["timeline"][-1] == {
        "kind": "EventWithdrawn",
        "revision": 2,
        "sequence": 2,
        "at": "2026-06-01T09:00:00Z",
        "text": "Vous avez retiré votre événement.",
    }
    kind, fact = (await told())[-1]
    assert (kind, fact) == (
        "EventWithdrawn",
        {
            "event_id": event_id,
            "revision": 2,
            "sequence": 2,
            "edition": "2026",
            "withdrawn_at": "2026-06-01T09:00:00Z",
        },
    )


async def test_taken_back_twice_it_is_told_once(mine, told):
    person, event_id = mine
    first, second = await withdraw(person, event_id), await withdraw(person, event_id)
    assert first.content == second.content
    assert await revisions(told) == [("EventSubmitted", 1), ("EventWithdrawn", 2)]


async def test_what_was_never_submitted_cannot_be_taken_back(a_person, a_draft, told):
    person = await a_person()
    answer = await withdraw(person, await person.drafts(a_draft()))
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "Cet événement n’a jamais été déposé : il n’y a rien à retirer.",
    )
    assert await told() == []


async def test_anothers_event_cannot_be_taken_back(mine, a_person, told):
    _, event_id = mine
    paul = await a_person("paul@fonderie.example")
    answers = [await withdraw(paul, id_) for id_ in (event_id, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert await revisions(told) == [("EventSubmitted", 1)]


async def test_an_event_may_be_taken_back_when_registrations_are_closed(mine, clock):
    clock.at = datetime(2026, 11, 17, 9, tzinfo=UTC)
    assert (await withdraw(*mine)).status_code == 200


async def test_an_event_taken_back_may_be_submitted_again_as_it_is(mine, told):
    person, event_id = mine
    assert (await withdraw(person, event_id)).json()["is_changed"] is True
    event = await person.submits(event_id)
    assert (event["state"], event["revision"], event["is_changed"]) == ("submitted", 3, False)
    assert await revisions(told) == [("EventSubmitted", 1), ("EventWithdrawn", 2), ("EventSubmitted", 3)]


async def test_the_label_that_goes_with_it_is_a_step_and_does_not_move_the_event(mine, hear, a_decision):
    person, event_id = mine
    await withdraw(person, event_id)
    await hear(a_decision(event_id, 2, 1, "withdrawn"))
    event = await person.reads(event_id)
    assert event["state"] == "withdrawn"
    assert {step["kind"] for step in event["timeline"]} == {"EventSubmitted", "EventWithdrawn", "LabelWithdrawn"}


async def test_withdrawals_and_submissions_at_once_are_told_in_the_order_of_their_commits(mine, told):
    person, event_id = mine
    asked = [
        person.ask("POST", f"/v1/events/{event_id}/{what}") for _ in range(4) for what in ("withdrawal", "submission")
    ]
    answers = await asyncio.gather(*asked)
    assert {answer.status_code for answer in answers} == {200}
    facts = await revisions(told)
    assert [revision for _, revision in facts] == list(range(1, len(facts) + 1))
    assert all(one != other for (one, _), (other, _) in pairwise(facts))


async def test_a_text_that_names_its_author_is_not_submitted_and_says_what_to_write_instead(a_person, a_draft, told):
    person = await a_person()
    event_id = await person.drafts(a_draft(description="Inès Payet vous accueille : ines@fonderie.example"))
    answer = await person.ask("POST", f"/v1/events/{event_id}/submission")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["detail"] == "2 champs à corriger ; l’événement n’a pas été déposé."
    name, address = answer.json()["errors"]
    assert (name["field"], address["field"]) == ("description", "description")
    assert "« le service des visites »" in name["message"]
    assert "visites@entreprise.example" in address["message"]
    assert (await told(), (await person.reads(event_id))["state"]) == ([], "draft")

    await person.ask("PUT", f"/v1/events/{event_id}", a_draft())
    assert (await person.submits(event_id))["revision"] == 1
