"""Whatever comes at one moment waits for the other, and none is ended by PostgreSQL: each pair is held where it would
have met head on."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from sqlalchemy import select, text

from registration.handlers.applying import apply_upload
from registration.handlers.uploads import Uploading
from registration.store import accounts, events

PASSWORD = "douze lettres, ou plus"
LINK = re.compile(r"https://inscription\.example/invitation\?jeton=(\S+)")
HEADINGS = (
    *("Référence", "Titre", "Description", "Type d'événement", "Publics", "Accès", "Gratuit", "Date"),
    *("Heure de début", "Heure de fin", "Adresse", "Code postal", "Ville"),
)
SAME = ("visite d'usine", "Familles", "Ouvert à tous", "oui")
HERE = ("9h", "11h", "12 rue de l’Industrie", "44550", "Montoir-de-Bretagne")
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@pytest.fixture
def held(engine):
    """Holds what a statement locks; whoever meets it waits until the block ends."""

    @asynccontextmanager
    async def hold(statement):
        async with engine.begin() as tx:
            await tx.execute(statement)
            yield

    return hold


@pytest.fixture
def are_waiting(engine, eventually):
    """Waits until so many wait for a lock that somebody else holds."""

    async def wait(how_many):
        async def they_are():
            async with engine.connect() as tx:
                return await tx.scalar(WAITING) >= how_many

        await eventually(they_are)

    return wait


@pytest.fixture
async def invited(a_person, client, worker, mailer):
    """Somebody whom another organisation invites; how they take that up, and are erased."""
    ines, paule = await a_person(), await a_person("paule@forge.example")
    [home] = (await ines.ask("GET", "/v1/organisations")).json()
    await ines.ask("POST", f"/v1/organisations/{home['id']}/invitations", {"email": paule.email, "role": "member"})
    assert await worker.run_due() == 1
    token = LINK.search(mailer.sent[-1].get_body(("plain",)).get_content())[1]
    paule.accepts = lambda: client.post("/v1/invitations/acceptances", json={"token": token})
    credentials = {"email": paule.email, "password": PASSWORD}
    paule.is_erased = lambda: client.post("/v1/accounts/erasure", json=credentials)
    return paule


async def test_who_is_erased_while_they_take_an_invitation_up_is_erased(invited, held, are_waiting, a_draft):
    event_id = UUID(await invited.drafts(a_draft()))
    async with held(select(events.c.id).where(events.c.id == event_id).with_for_update()):
        erased = asyncio.create_task(invited.is_erased())
        await are_waiting(1)  # at the event, with the account
        accepted = asyncio.create_task(invited.accepts())
        await are_waiting(2)
    assert [(await one).status_code for one in (erased, accepted)] == [200, 410]


async def test_who_takes_an_invitation_up_and_leaves_an_empty_organisation_while_they_are_erased_is_erased(
    invited, held, are_waiting
):
    assert len((await invited.ask("GET", "/v1/organisations")).json()) == 1
    account = select(accounts.c.id).where(accounts.c.email == invited.email)
    async with held(account.with_for_update(read=True, key_share=True)):
        erased = asyncio.create_task(invited.is_erased())
        await are_waiting(1)  # at the account, with the organisation
        accepted = asyncio.create_task(invited.accepts())
        await are_waiting(2)
    assert [(await one).status_code for one in (erased, accepted)] == [200, 410]


async def test_two_files_of_events_on_the_same_days_at_the_same_places_are_both_applied(
    a_person, service, held, are_waiting, engine
):
    worker = next(worker for worker in service.workers if worker.kind == Uploading.kind)

    async def uploads(person, what, days):
        rows = [
            (name, f"{what}, atelier {name}", "Suivez une pièce, du four à l’emballage.", *SAME, day, *HERE)
            for name, day in days.items()
        ]
        file = "\r\n".join(";".join(cells) for cells in (HEADINGS, *rows)).encode()
        sent = await person.client.post("/v1/uploads", files={"file": ("a.csv", file)}, headers=person.headers)
        await worker.run_due()
        rows = (await person.ask("GET", f"{sent.headers['location']}/rows")).json()
        upload = (await person.ask("GET", sent.headers["location"])).json()
        assert [row["outlook"] for row in rows] == ["ready", "ready"], upload
        return sent.headers["location"], {row["external_id"]: row["event_id"] for row in rows}

    people, orders, second = [await a_person(), await a_person("paul@forge.example")], [], []
    some_days = ("17/11/2026", "18/11/2026")
    for person, what, days in zip(people, ("La fonderie", "Bois et scies"), (some_days, some_days[::-1]), strict=True):
        path, ids = await uploads(person, what, {"A": "16/11/2026", "B": "16/11/2026"})
        await person.ask("POST", f"{path}/application", {"as": "drafts"})
        await worker.run_due()
        in_order = sorted(ids, key=lambda name: UUID(ids[name]))
        second.append(UUID(ids[in_order[1]]))
        path, _ = await uploads(person, what, dict(zip(in_order, days, strict=True)))
        orders.append(path)
    for person, path in zip(people, orders, strict=True):
        assert (await person.ask("POST", f"{path}/application", {"as": "submitted"})).status_code == 202
    desk = service.http.state.desk
    async with held(select(events.c.id).where(events.c.id.in_(second)).with_for_update()):
        going = [asyncio.create_task(apply_upload(desk, UUID(path.rsplit("/", 1)[1]))) for path in orders]
        await are_waiting(2)  # each behind its first event
    await asyncio.gather(*going)
    for person in people:
        states = {event["state"] for event in (await person.ask("GET", "/v1/events")).json()["items"]}
        assert states == {"submitted"}
