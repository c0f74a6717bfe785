"""What is told of events by the others, as it is kept: by the poll, beside erasures, and by other releases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import event as listening
from sqlalchemy import func, insert, select, text, update

from registration.handlers.erasure import erase
from registration.store import accounts, events, timeline

AT = datetime(2026, 6, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "second", "state"), [("refused", "granted", "labelled"), ("granted", "refused", "rejected")]
)
async def test_an_organiser_sees_both_decisions_on_a_revision_and_where_the_second_leaves_it(
    mine, hear, a_decision, first, second, state
):
    person, event_id = mine
    one = a_decision(event_id, 1, 1, first)
    other = a_decision(event_id, 1, 2, second, decided_by="appeal", decided_at=AT + timedelta(days=3))
    await hear(one)
    await hear(other)
    await hear(one)  # once more, and late
    event = await person.reads(event_id)
    assert (event["state"], event["revision"], event["is_changed"]) == (state, 1, False)
    assert [(step["kind"], step["sequence"]) for step in event["timeline"][1:]] == [
        ({"refused": "EventRejected", "granted": "EventLabelled"}[label], sequence)
        for label, sequence in ((first, 1), (second, 2))
    ]
    assert event["timeline"][-1]["text"].startswith("Après recours, votre événement")


async def test_a_second_refusal_of_a_revision_is_a_step_of_its_own(mine, hear, a_decision):
    person, event_id = mine
    await hear(a_decision(event_id, 1, 1, "refused"), a_decision(event_id, 1, 2, "refused", decided_by="appeal"))
    kinds = [step["kind"] for step in (await person.reads(event_id))["timeline"]]
    assert kinds == ["EventSubmitted", "EventRejected", "EventRejected"]


async def test_of_what_happened_at_one_instant_the_first_that_was_told_comes_first(mine, hear, a_decision, clock):
    person, event_id = mine
    decided = [a_decision(event_id, 1, number, "refused", decided_at=clock.at) for number in (1, 2, 3)]
    await hear(*decided)
    timeline_ = (await person.reads(event_id))["timeline"]
    assert [(step["kind"], step["sequence"]) for step in timeline_] == [
        ("EventSubmitted", 1),
        ("EventRejected", 1),
        ("EventRejected", 2),
        ("EventRejected", 3),
    ]


async def test_a_hundred_facts_of_one_poll_take_no_more_statements_than_one(mine, hear, a_decision, engine, a_draft):
    person, event_id = mine
    others = [await person.drafts(a_draft(title=f"Visite {number}")) for number in range(10)]
    statements = []

    @listening.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(_, __, statement, *rest):
        statements.append(statement.split()[0])

    await hear(a_decision(event_id, 1, 1, "granted"))
    of_one = list(statements)
    statements.clear()
    await hear(*(a_decision(one, 1, number, "granted") for number in range(1, 11) for one in others))
    once = ["SELECT", "INSERT", "UPDATE", "WITH"]  # the last has the organiser asked, one day, who came
    assert (of_one, statements) == (once, once)


async def test_an_erasure_among_polls_that_are_about_the_same_events_never_locks_them_out(
    mine, hear, a_decision, engine, a_draft
):
    person, _ = mine
    ids = [await person.drafts(a_draft(title=f"Visite {number}")) for number in range(12)]
    for event_id in ids:
        await person.submits(event_id)
    async with engine.connect() as tx:
        [account_id] = await tx.scalars(select(accounts.c.id))

    async def poll(number):
        chosen = Random(number).sample(ids, 8)
        await hear(*(a_decision(event_id, 1, number, "granted") for event_id in chosen))

    async def forget():
        async with engine.begin() as tx:
            assert await erase(tx, account_id, now=AT, again_after=[])

    await asyncio.gather(*map(poll, range(1, 15)), forget(), *map(poll, range(15, 30)))
    async with engine.connect() as tx:
        assert await tx.scalar(text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")) == 0
        assert await tx.scalar(select(func.count()).select_from(timeline)) == 0
        assert set(await tx.scalars(select(events.c.state))) == {"withdrawn"}


# Of another release.


async def test_steps_of_an_older_release_are_shown_with_the_others(mine, engine, hear, a_decision):
    person, event_id = mine
    old = {"event_id": UUID(event_id), "kind": "EventCancelled", "revision": 1, "sequence": 0}
    async with engine.begin() as tx:
        await tx.execute(insert(timeline).values(old | {"at": AT, "text": "L’événement est annulé."}))
    await hear(a_decision(event_id, 1, 1, "granted", decided_at=AT + timedelta(days=1)))
    assert [step["text"][:23] for step in (await person.reads(event_id))["timeline"]] == [
        "Votre événement est dép",
        "L’événement est annulé.",
        "Votre événement est lab",
    ]


async def test_a_state_that_only_a_later_release_knows_is_shown_as_submitted_and_can_be_taken_back(mine, engine, told):
    person, event_id = mine
    async with engine.begin() as tx:
        await tx.execute(update(events).values(state="archived"))
    assert (await person.reads(event_id))["state"] == "submitted"
    assert [event["state"] for event in (await person.ask("GET", "/v1/events")).json()["items"]] == ["submitted"]
    assert (await person.ask("POST", f"/v1/events/{event_id}/withdrawal")).json()["state"] == "withdrawn"
    assert [kind for kind, _ in await told()] == ["EventSubmitted", "EventWithdrawn"]


@pytest.mark.parametrize(
    ("kept", "field", "message"),
    [
        ({"parking": True}, "parking", "Ce champ n’existe pas ; vérifiez son nom."),
        ({"audiences": ["martians"]}, "audiences.0", "Choisissez parmi : 'pupils', 'students', "),
        ({"kind": "hackathon"}, "kind", "Choisissez parmi : 'company_visit', 'open_day', "),
        ({"title": "T" * 121}, "title", "Raccourcissez à 120 caractères au plus."),
        ({"venue": "la fonderie"}, "venue", "Indiquez un objet."),
        ({"slots": {"first": "2026-11-17"}}, "slots", "Indiquez une liste."),
    ],
)
async def test_a_draft_of_another_release_is_shown_as_it_is_and_submitted_it_is_said_what_is_wrong(
    mine, engine, told, a_draft, kept, field, message
):
    person, event_id = mine
    draft = a_draft(**kept)
    async with engine.begin() as tx:
        await tx.execute(update(events).values(draft=draft))
    assert (await person.reads(event_id))["draft"] == draft
    assert [event["draft"] for event in (await person.ask("GET", "/v1/events")).json()["items"]] == [draft]
    answer = await person.ask("POST", f"/v1/events/{event_id}/submission")
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, field)
    assert error["message"].startswith(message)
    assert [kind for kind, _ in await told()] == ["EventSubmitted"]
