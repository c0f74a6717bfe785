"""Nobody guesses for long, nobody keeps another out, and whoever comes too often is told when to come back."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from ipaddress import ip_network

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import func, select

from registration.app import create_app
from registration.commands import erase_by_letter, grant
from registration.passwords import Crowded, Passwords
from registration.store import limits
from registration.throttle import TooMany

EMAIL, PASSWORD = "ines@fonderie.example", "douze lettres, ou plus"


@pytest.fixture
def at(service):
    """Somebody at the door, at this address of the internet."""

    def come(address, http=service.http):
        return AsyncClient(transport=ASGITransport(http, client=(address, 4711)), base_url="http://registration")

    return come


async def tries(client, times, email=EMAIL, password="pas le bon mot de passe"):
    answers = [await client.post("/v1/tokens", json={"email": email, "password": password}) for _ in range(times)]
    return [answer.status_code for answer in answers], answers[-1]


async def test_who_guesses_is_slowed_and_told_when_to_come_back(at, a_person, pass_by):
    await a_person(EMAIL)
    stranger = at("192.0.2.7")
    statuses, last = await tries(stranger, 34)
    assert statuses == [401] * 10 + [429] * 24
    assert last.headers["content-type"] == "application/problem+json"
    assert 120 < int(last.headers["retry-after"]) <= 180
    assert last.json()["detail"] == (
        "Trop d’essais pour ce compte. Réessayez dans 3 minutes, ou demandez un nouveau mot de passe : "
        "https://inscription.example/mot-de-passe"
    )
    # the right password is not looked at either: what a guesser learns nothing from
    assert (await tries(stranger, 1, password=PASSWORD))[0] == [429]
    await pass_by(timedelta(minutes=3))
    assert (await tries(stranger, 2))[0] == [401, 429]


async def test_an_address_without_an_account_is_limited_alike(at, a_person):
    await a_person(EMAIL)
    answers = [await tries(at(f"192.0.2.{n}"), 12, email=email) for n, email in enumerate((EMAIL, "paul@x.example"))]
    assert answers[0][0] == answers[1][0]
    assert answers[0][1].json()["detail"] == answers[1][1].json()["detail"]


async def test_who_guesses_keeps_nobody_out(at, a_person):
    await a_person(EMAIL)  # from 127.0.0.1
    for n in range(2):
        assert (await tries(at(f"192.0.2.{n}"), 20))[0][-1] == 429
    assert (await tries(at("198.51.100.1"), 1, password=PASSWORD))[0] == [200]  # elsewhere, never seen before


async def test_even_many_together_do_not_keep_out_who_has_been_here_before(at, a_person, client):
    await a_person(EMAIL)
    for n in range(4):
        await tries(at(f"192.0.2.{n}"), 12)
    assert (await tries(at("198.51.100.1"), 1, password=PASSWORD))[0] == [429]
    assert (await tries(client, 3, password=PASSWORD))[0] == [200] * 3


async def test_who_knows_the_password_signs_in_as_often_as_they_like(client, a_person):
    await a_person(EMAIL)
    assert set((await tries(client, 40, password=PASSWORD))[0]) == {200}


@pytest.fixture
async def strict(settings):
    """Lets a client do two things a minute."""
    strict = create_app(settings.model_copy(update={"client_tries_per_minute": 2}))
    yield strict.http
    await strict.engine.dispose()


async def test_guesses_over_many_accounts_are_limited_by_client(at, strict):
    client = at("192.0.2.7", strict)
    answers = [await tries(client, 1, email=f"a{n}@x.example") for n in range(4)]
    assert [statuses for statuses, _ in answers] == [[401], [401], [429], [429]]
    last = answers[-1][1]
    assert 1 <= int(last.headers["retry-after"]) <= 30
    wait = f"{last.headers['retry-after']} seconde"
    assert last.json()["detail"].startswith(f"Trop de demandes depuis votre connexion. Réessayez dans {wait}")
    for path, body in (
        ("/v1/accounts/password-links", {"email": EMAIL}),
        ("/v1/accounts/confirmations", {"token": "x"}),
        ("/v1/accounts/erasure", {"email": EMAIL, "password": "x"}),
    ):
        assert (await client.post(path, json=body)).status_code == 429
    page = await client.post("/mot-de-passe", data={"adresse": EMAIL})
    assert (page.status_code, page.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert "Trop de demandes depuis votre connexion." in page.text
    assert 1 <= int(page.headers["retry-after"]) <= 30
    assert (await tries(at("192.0.2.8", strict), 1))[0] == [401]  # a neighbour


async def test_a_client_of_the_newer_internet_is_a_whole_network(at, strict):
    statuses = [(await tries(at(f"2001:db8::{n}", strict), 1, email=f"a{n}@x.example"))[0] for n in range(3)]
    assert statuses == [[401], [401], [429]]
    assert (await tries(at("2001:db8:0:1::1", strict), 1))[0] == [401]


async def test_two_replicas_count_together(settings, strict, at):
    other = create_app(settings.model_copy(update={"client_tries_per_minute": 2}))
    statuses = [
        (await tries(at("192.0.2.7", http), 1, email=f"a{n}@x.example"))[0][0]
        for n in range(2)
        for http in (strict, other.http)
    ]
    assert statuses == [401, 401, 429, 429]
    await other.engine.dispose()


async def test_at_one_moment_no_more_get_through_than_one_after_the_other(at, strict):
    client = at("192.0.2.7", strict)
    answers = await asyncio.gather(*(tries(client, 1, email=f"a{n}@x.example") for n in range(12)))
    assert sorted(statuses[0] for statuses, _ in answers) == [401] * 2 + [429] * 10


async def test_networks_in_the_settings_are_not_counted(at, settings):
    networks = (ip_network("192.0.2.0/28"),)
    open_to_them = create_app(settings.model_copy(update={"client_tries_per_minute": 1, "unlimited_clients": networks}))
    for address, last in (("192.0.2.7", 401), ("::ffff:192.0.2.7", 401), ("192.0.2.77", 429)):
        statuses = [(await tries(at(address, open_to_them.http), 1, email=f"{n}@x.example"))[0][0] for n in range(3)]
        assert statuses[-1] == last
    await open_to_them.engine.dispose()


async def test_what_is_counted_names_nobody_and_is_swept_away(client, a_person, engine, service, pass_by):
    await a_person(EMAIL)
    await tries(client, 2)
    async with engine.connect() as tx:
        keys = list(await tx.scalars(select(limits.c.key)))
    assert {len(key) for key in keys} == {16}
    assert len(keys) == len(set(keys)) > 3
    await pass_by(timedelta(days=60))
    throttle = service.http.state.desk.throttle
    throttle._swept_at -= 61
    await throttle.admit("192.0.2.7")
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).select_from(limits)) == 1


# The line before Argon2.


async def fill(passwords, clients, each):
    """Starts so many hashes for each client; those that are refused at once, and the others as they run."""

    async def ask(client):
        with passwords.place(client):
            return await passwords.hash("x", client)

    running = [asyncio.create_task(ask(client)) for _ in range(each) for client in clients]
    await asyncio.sleep(0)
    return running


async def ends(running):
    return [type(end).__name__ for end in await asyncio.gather(*running, return_exceptions=True)]


async def test_one_client_has_half_of_the_line_and_the_others_the_rest():
    passwords = Passwords(at_once=1, waiting=8)
    crowd = await fill(passwords, ["192.0.2.1"], 12)
    neighbour = await fill(passwords, ["192.0.2.2"], 2)
    assert (await ends(crowd)).count("TooMany") == 12 - 5
    assert await ends(neighbour) == ["str", "str"]


async def test_the_line_has_an_end_and_is_empty_again_afterwards():
    passwords = Passwords(at_once=1, waiting=8)
    crowd = await fill(passwords, [f"192.0.2.{n}" for n in range(20)], 1)
    assert (await ends(crowd)).count("Crowded") == 20 - 9
    assert await ends(await fill(passwords, ["192.0.2.1"], 5)) == ["str"] * 5


async def test_clients_take_turns():
    passwords, order = Passwords(at_once=1, waiting=16), []

    async def hash_for(client):
        await passwords.hash("x", client)
        order.append(client)

    running = [asyncio.create_task(hash_for(client)) for client in ["busy"] * 6 + ["calm"]]
    await asyncio.gather(*running)
    assert order.index("calm") <= 2


async def test_who_leaves_the_line_holds_nobody_up():
    passwords = Passwords(at_once=1, waiting=8)
    crowd = await fill(passwords, ["192.0.2.1", "192.0.2.2"], 3)
    for task in crowd[1:5]:
        task.cancel()
    assert sorted(await ends(crowd)) == ["CancelledError"] * 4 + ["str"] * 2
    assert await ends(await fill(passwords, ["192.0.2.1"], 5)) == ["str"] * 5


async def test_a_full_line_is_answered_at_once_and_says_when_to_come_back(settings, at, an_account):
    crowded = create_app(settings.model_copy(update={"passwords_at_once": 1, "passwords_waiting": 2}))
    answers = await asyncio.gather(
        *(
            at(f"192.0.2.{n}", crowded.http).post("/v1/accounts", json=an_account(email=f"a{n}@x.example"))
            for n in range(8)
        )
    )
    refused = [answer for answer in answers if answer.status_code != 202]
    assert len(refused) > 0
    assert {(answer.status_code, answer.headers["retry-after"]) for answer in refused} == {(503, "2")}
    assert refused[0].json()["detail"] == (
        "Beaucoup de monde se connecte en ce moment. Réessayez dans quelques secondes."
    )
    await crowded.engine.dispose()


def test_the_two_refusals_say_in_whole_seconds_when_to_come_back():
    assert (TooMany("client", 0.2).retry_after, TooMany("client", 3.4).retry_after, Crowded.retry_after) == (1, 4, 2)


# What the log says.


async def test_each_failed_sign_in_each_grant_and_each_erasure_is_one_line_with_ids_only(
    client, a_person, settings, caplog, engine
):
    await a_person(EMAIL)
    await a_person("paul@fonderie.example")
    caplog.set_level(logging.INFO, logger="registration")
    caplog.clear()
    await tries(client, 1)
    await tries(client, 1, email="personne@fonderie.example")
    await grant(settings, [EMAIL, "reviewer", "84"])
    await client.post("/v1/accounts/erasure", json={"email": EMAIL, "password": PASSWORD})
    await erase_by_letter(settings, ["paul@fonderie.example"])
    lines = [(line.levelname, line.getMessage()) for line in caplog.records if line.name.startswith("registration")]
    assert lines == [
        ("WARNING", "a sign-in failed"),
        ("WARNING", "a sign-in failed"),
        ("INFO", "a role was granted"),
        ("INFO", "an account was erased"),
        ("INFO", "an account was erased"),
    ]
    said = [str(vars(line)) for line in caplog.records if line.name.startswith("registration")]
    assert [word for word in ("@", "Inès", "127.0.0.1", "pas le bon") for line in said if word in line] == []
    failed = [line for line in caplog.records if line.getMessage() == "a sign-in failed"]
    assert [(line.account is None, line.why) for line in failed] == [
        (False, "wrong password"),
        (True, "no such account"),
    ]


async def test_half_a_character_is_refused_and_not_looked_at(client):
    for path, body in (
        ("/v1/tokens", r'{"email":"a@b.co","password":"\ud800aaaaaaaaaaaaa"}'),
        ("/v1/accounts/erasure", r'{"email":"\ud800@b.co","password":"aaaaaaaaaaaaaa"}'),
        ("/v1/accounts/confirmations", r'{"token":"\udfff"}'),
        ("/v1/accounts/passwords", r'{"token":"a","password":"\udfff"}'),
    ):
        answer = await client.post(path, content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, len(answer.json()["errors"])) == (422, 1)
