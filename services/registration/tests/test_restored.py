"""A database that was restored from before the last revisions: others have heard of them, and know their numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backbone.contracts import EventSubmitted, EventWithdrawn, KitSent, OrganiserErased, OrganiserRegistered
from backbone.service.folding import Happening, fold_all
from registration.domain.draft import EventDraft
from registration.handlers.recalling import RECALL
from registration.store import accounts

PASSWORD = "douze lettres, ou plus"
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


@pytest.fixture
def recall(engine, service):
    """Registration takes back what it told, pass by pass (`registration catch-up`)."""

    async def take_back(*facts):
        for words in RECALL.before:
            said = [Happening(fact, fact.key, words[type(fact)], None) for fact in facts if type(fact) in words]
            async with engine.begin() as tx:
                await fold_all(tx, said, service.http.state.desk)

    return take_back


@pytest.fixture
def submitted(a_draft):
    """What was told of a revision in the hour that is lost."""

    def make(event_id, revision, account_id, **changes):
        event = EventDraft.model_validate(a_draft(**changes)).as_event(UUID(event_id), revision, "2026", account_id)
        about = {"event_id": event.event_id, "revision": revision, "sequence": revision, "edition": "2026"}
        return EventSubmitted(**about, event=event, submitted_at=AT)

    return make


@pytest.fixture
def id_of(engine):
    async def look(email):
        async with engine.connect() as tx:
            return await tx.scalar(select(accounts.c.id).where(accounts.c.email == email))

    return look


async def test_a_revision_that_was_told_comes_back_with_its_text_and_the_next_one_has_a_new_number(
    mine, recall, submitted, id_of, told, a_draft
):
    person, event_id = mine
    lost = submitted(event_id, 2, await id_of(person.email), title="Ce que nous avons écrit à midi")
    for _ in range(2):  # begun anew after it was killed
        await recall(lost)
        event = await person.reads(event_id)
        assert (event["revision"], event["state"], event["is_changed"]) == (2, "submitted", False)
        assert event["draft"]["title"] == "Ce que nous avons écrit à midi"
        assert [step["revision"] for step in event["timeline"]] == [1, 2]
    await person.ask("PUT", f"/v1/events/{event_id}", a_draft(title="Et encore après"))
    await person.submits(event_id)
    assert [(fact["revision"], fact["sequence"]) for _, fact in await told()] == [(1, 1), (3, 3)]


async def test_a_withdrawal_of_which_nobody_else_tells_comes_back_too(mine, recall, told):
    person, event_id = mine
    about = {"event_id": UUID(event_id), "revision": 2, "sequence": 2, "edition": "2026"}
    await recall(EventWithdrawn(**about, withdrawn_at=AT))
    assert (await person.reads(event_id))["state"] == "withdrawn"
    await person.submits(event_id)
    assert [fact["revision"] for _, fact in await told()] == [1, 3]


async def test_whoever_signed_up_in_the_lost_hour_has_their_events_and_sets_a_password(
    client, worker, token_in_mail, recall, submitted
):
    account_id, event_id = uuid4(), str(uuid4())
    known = {"name": "Léa Martin", "email": "lea@forge.example", "organisation": "Forge de Thiers"}
    await recall(submitted(event_id, 1, account_id), OrganiserRegistered(organiser_id=account_id, **known))
    asked = {"email": "lea@forge.example", "password": PASSWORD}
    assert (await client.post("/v1/tokens", json=asked)).status_code == 401
    await client.post("/v1/accounts/password-links", json={"email": "lea@forge.example"})
    await worker.run_due()
    await client.post("/v1/accounts/passwords", json={"token": token_in_mail(), "password": PASSWORD})
    token = (await client.post("/v1/tokens", json=asked)).json()["access_token"]
    shown = await client.get(f"/v1/events/{event_id}", headers={"Authorization": f"Bearer {token}"})
    assert (shown.status_code, shown.json()["revision"], shown.json()["state"]) == (200, 1, "submitted")


async def test_a_restored_backup_does_not_bring_back_whoever_was_erased_since(mine, recall, told, id_of, engine):
    person, event_id = mine
    account_id = await id_of(person.email)
    about = {"event_id": UUID(event_id), "revision": 2, "sequence": 2, "edition": "2026"}
    await recall(EventWithdrawn(**about, withdrawn_at=AT), OrganiserErased(organiser_id=account_id))
    assert await id_of(person.email) is None
    assert (await person.ask("GET", f"/v1/events/{event_id}")).status_code in (401, 404)
    # its events were taken back already: nobody hears of that a second time, under a number that is told
    assert [(kind, fact["revision"]) for kind, fact in await told()] == [("EventSubmitted", 1)]
    # of what the outbox still had of them only the tombstone is left
    assert [kind for kind, _ in await told("registration.organisers")] == ["OrganiserErased"]


async def test_an_address_that_was_given_up_by_an_erasure_belongs_to_whoever_signed_up_with_it_since(
    mine, recall, id_of
):
    person, _ = mine
    before, now = await id_of(person.email), uuid4()
    known = {"name": "Inès Payet", "email": person.email, "organisation": "Fonderie de l’Erdre"}
    await recall(OrganiserRegistered(organiser_id=now, **known), OrganiserErased(organiser_id=before))
    assert await id_of(person.email) == now
