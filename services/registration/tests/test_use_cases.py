"""What the doors call: without a request, within a transaction, refused by errors of the domain."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from registration.domain.account import AccountRequest, Credentials
from registration.domain.draft import EventDraft
from registration.domain.refusals import (
    AccountGone,
    AsksFirst,
    LinkExpired,
    NamesItsAuthor,
    NeverSubmitted,
    NotConfirmed,
    NotOpen,
    Unacceptable,
    UnknownEvent,
    WrongCredentials,
)
from registration.handlers import accounts, events
from registration.handlers.erasure import erase
from registration.known_passwords import hold_against_the_commonest
from registration.store import accounts as accounts_kept
from registration.store import events as events_kept

HERE = "192.0.2.7"


@pytest.fixture
def desk(service):
    return service.http.state.desk


@pytest.fixture
async def account_id(a_person, engine):
    await a_person()
    async with engine.connect() as tx:
        [account_id] = await tx.scalars(select(accounts_kept.c.id))
    return account_id


@pytest.fixture
def draft(a_draft):
    def make(**changes):
        return EventDraft.model_validate(a_draft(**changes))

    return make


async def test_many_events_are_written_submitted_and_taken_back_in_one_transaction(desk, account_id, draft, told):
    ids = [uuid4() for _ in range(3)]
    async with desk.engine.begin() as tx:
        for number, event_id in enumerate(ids):
            assert await events.save_draft(tx, account_id, event_id, draft(title=f"Visite {number}"))
            await events.submit(tx, desk, account_id, event_id)
        await events.withdraw(tx, desk, account_id, ids[0])
    assert [(kind, fact["event_id"], fact["revision"], fact["sequence"]) for kind, fact in await told()] == [
        ("EventSubmitted", str(ids[0]), 1, 1),
        ("EventSubmitted", str(ids[1]), 1, 1),
        ("EventSubmitted", str(ids[2]), 1, 1),
        ("EventWithdrawn", str(ids[0]), 2, 2),
    ]


async def test_what_fails_in_the_middle_was_never_begun(desk, account_id, draft, told):
    async def upload():
        async with desk.engine.begin() as tx:
            await events.save_draft(tx, account_id, event_id := uuid4(), draft())
            await events.submit(tx, desk, account_id, event_id)
            await events.submit(tx, desk, account_id, uuid4())

    with pytest.raises(UnknownEvent):
        await upload()
    assert await told() == []
    async with desk.engine.connect() as tx:
        assert list(await tx.scalars(select(events_kept.c.id))) == []


async def test_each_refusal_has_its_name(desk, account_id, draft, clock):
    async with desk.engine.begin() as tx:
        written, named, asked = uuid4(), uuid4(), uuid4()
        await events.save_draft(tx, account_id, written, draft())
        await events.save_draft(tx, account_id, named, draft(description="Inès Payet vous accueille à l’atelier."))
        await events.save_draft(tx, account_id, asked, draft(description="Appelez le 02 40 00 00 00 pour venir."))
        with pytest.raises(NeverSubmitted):
            await events.withdraw(tx, desk, account_id, written)
        with pytest.raises(NamesItsAuthor) as disclosed:
            await events.submit(tx, desk, account_id, named)
        assert [disclosure.field for disclosure in disclosed.value.found] == ["description"]
        with pytest.raises(AsksFirst) as question:
            await events.submit(tx, desk, account_id, asked)
        assert [one.field for one in question.value.asked] == ["description"]
        await events.submit(tx, desk, account_id, asked, confirmed=["description"])
        await tx.execute(update(events_kept).where(events_kept.c.id == written).values(draft={"title": "Visite"}))
        with pytest.raises(Unacceptable) as refused:
            await events.submit(tx, desk, account_id, written)
        assert ("organisation",) in [fault["loc"] for fault in refused.value.faults]
        with pytest.raises(AccountGone):
            await events.save_draft(tx, uuid4(), uuid4(), draft())
        clock.at = datetime(2026, 11, 17, 9, tzinfo=UTC)
        with pytest.raises(NotOpen):
            await events.submit(tx, desk, account_id, named)


async def test_anothers_event_is_as_unknown_as_none(desk, account_id, a_person, draft):
    await a_person("paul@fonderie.example")
    async with desk.engine.begin() as tx:
        paul = await tx.scalar(select(accounts_kept.c.id).where(accounts_kept.c.email == "paul@fonderie.example"))
        await events.save_draft(tx, account_id, event_id := uuid4(), draft())
        with pytest.raises(UnknownEvent):
            await events.save_draft(tx, paul, event_id, draft())
        for one in (event_id, uuid4()):
            with pytest.raises(UnknownEvent):
                await events.withdraw(tx, desk, paul, one)


async def test_an_account_is_opened_confirmed_and_entered_without_a_request(desk, worker, an_account, token_in_mail):
    await hold_against_the_commonest()
    ines = an_account()
    credentials = Credentials(email=ines["email"], password=SecretStr(ines["password"]))
    await accounts.sign_up(desk, AccountRequest.model_validate(ines), HERE)
    await worker.run_due()
    with pytest.raises(NotConfirmed):
        await accounts.sign_in(desk, credentials, HERE)
    with pytest.raises(LinkExpired):
        await accounts.confirm(desk, "no token of ours")
    await accounts.confirm(desk, token_in_mail())
    assert (await accounts.sign_in(desk, credentials, HERE)).name == "Inès Payet"
    with pytest.raises(WrongCredentials):
        await accounts.sign_in(desk, credentials.model_copy(update={"password": SecretStr("un autre mot")}), HERE)


# By its own edition.


async def test_an_event_of_an_earlier_edition_is_taken_back_as_one_of_that_edition(desk, account_id, draft, told):
    async with desk.engine.begin() as tx:
        await events.save_draft(tx, account_id, event_id := uuid4(), draft())
        await events.submit(tx, desk, account_id, event_id)
        await tx.execute(update(events_kept).values(edition="2025"))
        await events.withdraw(tx, desk, account_id, event_id)
    assert [(fact["revision"], fact["edition"]) for _, fact in await told()] == [(1, "2026"), (2, "2025")]


async def test_a_label_that_others_took_away_is_no_withdrawal_and_the_event_is_taken_back_or_erased_with_its_organiser(
    desk, account_id, draft, hear, a_decision, told
):
    ids = [uuid4(), uuid4()]
    async with desk.engine.begin() as tx:
        for number, event_id in enumerate(ids):
            await events.save_draft(tx, account_id, event_id, draft(title=f"Visite {number}"))
            await events.submit(tx, desk, account_id, event_id)
    for event_id in ids:
        await hear(a_decision(str(event_id), 1, 1, "granted"))
        await hear(a_decision(str(event_id), 1, 2, "withdrawn", decided_by="review"))
    async with desk.engine.begin() as tx:
        await events.withdraw(tx, desk, account_id, ids[0])
        assert await erase(tx, account_id, now=desk.clock.now(), again_after=[])
    withdrawn = [UUID(fact["event_id"]) for kind, fact in await told() if kind == "EventWithdrawn"]
    assert withdrawn == ids
