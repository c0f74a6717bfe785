"""A creating call that is sent again under its key makes one thing and is answered alike: every one that there is, from
the table of the routes."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select, text, update

from registration.http.rules import rule_of
from registration.store import accounts, answers, api_keys, events, grant_role, invitations, late_codes, organisations
from registration.store.tables import uploads

WITHOUT_A_KEY = {
    "/v1/accounts": "nobody is signed in under whom it could be kept; asked again it is one account, and one mail",
    "/v1/accounts/password-links": "the same: one mail within its pause",
    "/v1/account/address": "it makes nothing but a link, in one mail within its pause",
    "/v1/uploads/{upload_id}/application": "an upload is applied once, however often it is asked",
}
MADE = (events, organisations, invitations, api_keys, late_codes, uploads)
A_FILE = {"files": {"file": ("a.csv", "Référence;Titre\r\nA;Visite".encode())}}
ANOTHER = {"files": {"file": ("a.csv", "Référence;Titre\r\nB;Visite".encode())}}
ASKED = {
    "/v1/events": ({"json": {"title": "Visite"}}, {"json": {"title": "Autre"}}),
    "/v1/events/{event_id}/copies": ({}, {"params": {"x": 1}}),
    "/v1/events/{event_id}/offer": ({"json": {"email": "a@exemple.fr"}}, {"json": {"email": "b@exemple.fr"}}),
    "/v1/organisations": ({"json": {"name": "Forge"}}, {"json": {"name": "Scierie"}}),
    "/v1/organisations/{organisation_id}/invitations": (
        {"json": {"email": "c@exemple.fr"}},
        {"json": {"email": "d@exemple.fr"}},
    ),
    "/v1/organisations/{organisation_id}/offers": (
        {"json": {"email": "e@exemple.fr"}},
        {"json": {"email": "f@exemple.fr"}},
    ),
    "/v1/organisations/{organisation_id}/keys": (
        {"json": {"name": "Agenda", "scopes": ["events:read"]}},
        {"json": {"name": "Site", "scopes": ["events:read"]}},
    ),
    "/v1/late-codes": ({"json": {"region": "52"}}, {"json": {"region": "84"}}),
    "/v1/uploads": (A_FILE, ANOTHER),
}
"""What is sent to each creating route, and something else."""


def routes_of(routes):
    for route in routes:
        if router := getattr(route, "original_router", None):
            yield from routes_of(router.routes)
        elif getattr(route, "endpoint", None) and rule_of(route.endpoint) is not None:
            yield route


def test_every_call_that_makes_something_takes_a_key_or_says_why_not(service):
    made = {
        route.path
        for route in routes_of(service.http.routes)
        if "POST" in route.methods and route.path.startswith("/v1") and route.status_code in (201, 202)
    }
    told = service.http.openapi()["paths"]
    with_a_key = {
        path
        for path in made
        if "Idempotency-Key" in {given["name"] for given in told[path]["post"].get("parameters", ())}
    }
    assert made - with_a_key == set(WITHOUT_A_KEY), "take `ToDoOnce` (http/once.py), or say here why not"
    assert with_a_key == set(ASKED), "say here what is sent to it"


@pytest.fixture
async def somebody(a_person, a_draft, engine):
    """Who may make all that there is: manages a federation, and decides about all regions."""
    person = await a_person()
    [home] = (await person.ask("GET", "/v1/organisations")).json()
    answer = await person.ask("PUT", f"/v1/organisations/{home['id']}", {"name": "Erdre", "kind": "federation"})
    assert answer.status_code == 200, answer.text
    event_id = await person.drafts(a_draft())
    async with engine.begin() as tx:
        await grant_role(tx, person.email, "administrator", [])
        person.account_id = await tx.scalar(select(accounts.c.id))

    async def send(path, key, given):
        url = path.format(event_id=event_id, organisation_id=home["id"])
        return await person.client.post(url, **given, headers=person.headers | {"Idempotency-Key": key})

    person.send = send
    return person


async def count(engine):
    async with engine.connect() as tx:
        return {table.name: await tx.scalar(select(func.count()).select_from(table)) for table in MADE}


def difference(before, after):
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


async def test_sent_again_under_its_key_each_makes_one_thing_and_is_answered_alike(somebody, engine, pass_by):
    for path, (asked, other) in ASKED.items():
        before = await count(engine)
        first, second = [await somebody.send(path, path, asked) for _ in range(2)]
        assert first.status_code in (201, 202), f"{path}: {first.text}"
        assert (second.status_code, second.content) == (first.status_code, first.content), path
        assert second.headers.get("location") == first.headers.get("location"), path
        assert list(difference(before, await count(engine)).values()) == [1], path
        refused = await somebody.send(path, path, other)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problemes/cle-deja-prise"), path
        assert list(difference(before, await count(engine)).values()) == [1], path


async def test_sent_twice_at_one_moment_each_makes_one_thing(somebody, engine):
    for path, (asked, _) in ASKED.items():
        before = await count(engine)
        async with engine.begin() as tx:  # both are under way before either has got anywhere
            await tx.execute(select(accounts.c.id).with_for_update())
            calls = asyncio.gather(*(somebody.send(path, path, asked) for _ in range(2)))
            await are_waiting(engine, 2)
        first, second = await calls
        assert first.status_code in (201, 202), f"{path}: {first.text}"
        assert (second.status_code, second.content) == (first.status_code, first.content), path
        assert list(difference(before, await count(engine)).values()) == [1], path


async def are_waiting(engine, how_many):
    """Until so many wait for a lock that somebody else holds."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(60):
        while True:
            async with engine.connect() as tx:
                if await tx.scalar(waiting) >= how_many:
                    return
            await asyncio.sleep(0.02)


async def test_a_secret_that_was_answered_is_kept_sealed(somebody, engine):
    for path in ("/v1/organisations/{organisation_id}/keys", "/v1/late-codes"):
        told = (await somebody.send(path, path, ASKED[path][0])).json()
        secret = told.get("key") or told["code"]
        async with engine.connect() as tx:
            [kept] = await tx.scalars(select(answers.c.body).where(answers.c.key == path))
        assert secret not in kept
        assert told.get("prefix", "ends_at") not in kept


async def test_what_was_sealed_with_a_key_that_is_gone_is_not_told(somebody, engine):
    await somebody.send("/v1/late-codes", "1", ASKED["/v1/late-codes"][0])
    async with engine.begin() as tx:
        await tx.execute(update(answers).values(body="gAAAAA"))
    again = await somebody.send("/v1/late-codes", "1", ASKED["/v1/late-codes"][0])
    assert (again.status_code, again.json()["type"]) == (422, "/problemes/cle-deja-prise")
