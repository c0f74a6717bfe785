"""A session goes on by tokens that serve once; whoever shows a spent one ends it; its owner sees and ends theirs."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from backbone.postgres.upkeep import Upkeep
from registration import store
from registration.domain.session import LONGEST, browser_of
from registration.store.tables import accounts, sessions

EMAIL, PASSWORD = "ines@fonderie.example", "douze lettres, ou plus"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
def signs_in(client):
    async def go(browser=FIREFOX):
        given = {"email": EMAIL, "password": PASSWORD}
        return (await client.post("/v1/tokens", json=given, headers={"User-Agent": browser})).json()

    return go


@pytest.fixture
def goes_on(client):
    async def go(token):
        return await client.post("/v1/tokens/refresh", json={"refresh_token": token})

    return go


@pytest.fixture
def ages(engine):
    async def go_by(time, column="used_at"):
        async with engine.begin() as tx:
            await tx.execute(update(sessions).values({column: sessions.c[column] - time}))

    return go_by


def bearing(token):
    return {"Authorization": f"Bearer {token['access_token']}"}


async def test_each_use_of_a_refresh_token_gives_the_next_and_access(a_person, client, signs_in, goes_on):
    await a_person(EMAIL)
    token = await signs_in()
    assert (token["expires_in"], token["refresh_expires_in"]) == (900, 36000)
    seen = {token["refresh_token"]}
    for _ in range(3):
        answer = await goes_on(token["refresh_token"])
        assert answer.status_code == 200
        token = answer.json()
        seen.add(token["refresh_token"])
    assert len(seen) == 4
    assert (await client.get("/v1/events", headers=bearing(token))).status_code == 200


async def test_nothing_that_is_kept_lets_anybody_in(a_person, engine, signs_in):
    await a_person(EMAIL)
    token = (await signs_in())["refresh_token"]
    async with engine.connect() as tx:
        rows = [str(row) for row in await tx.execute(select(sessions))]
    assert rows
    assert not [row for row in rows if token in row or token.removeprefix("sdr_")[:20] in row]


async def test_a_spent_token_ends_its_session_and_no_other(a_person, signs_in, goes_on, ages, caplog):
    await a_person(EMAIL)
    stolen, elsewhere = (await signs_in())["refresh_token"], (await signs_in())["refresh_token"]
    newest = (await goes_on(stolen)).json()["refresh_token"]
    await ages(timedelta(seconds=11))
    refused = await goes_on(stolen)
    assert (refused.status_code, refused.json()["detail"]) == (
        401,
        "Votre connexion a pris fin. Connectez-vous de nouveau.",
    )
    assert (await goes_on(newest)).status_code == 401  # whose it is, nobody can tell
    assert (await goes_on(elsewhere)).status_code == 200
    assert "a spent refresh token was shown: its session is ended" in caplog.text


async def test_one_that_was_spent_long_before_ends_it_within_those_seconds_too(a_person, signs_in, goes_on):
    await a_person(EMAIL)
    first = (await signs_in())["refresh_token"]
    second = (await goes_on(first)).json()["refresh_token"]
    third = (await goes_on(second)).json()["refresh_token"]
    assert (await goes_on(first)).status_code == 401
    assert (await goes_on(third)).status_code == 401


async def test_two_tabs_that_ask_at_once_are_given_the_same_and_go_on(a_person, signs_in, goes_on, ages):
    await a_person(EMAIL)
    token = (await signs_in())["refresh_token"]
    answers = await asyncio.gather(*(goes_on(token) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    (following,) = {answer.json()["refresh_token"] for answer in answers}
    await ages(timedelta(seconds=11))
    assert (await goes_on(following)).status_code == 200


async def test_a_session_ends_when_it_is_unused_for_a_working_day_or_a_week_old(
    a_person, engine, signs_in, goes_on, ages
):
    await a_person(EMAIL)
    token = (await signs_in())["refresh_token"]
    await ages(timedelta(days=6, hours=23), "created_at")
    answer = (await goes_on(token)).json()
    assert answer["refresh_expires_in"] <= 3600
    await ages(timedelta(hours=1, seconds=1), "created_at")
    assert (await goes_on(answer["refresh_token"])).status_code == 401
    token = (await signs_in())["refresh_token"]
    await ages(timedelta(hours=10, seconds=1))
    assert (await goes_on(token)).status_code == 401
    await Upkeep(engine, store.ended_sessions()).purge_all()
    async with engine.connect() as tx:
        assert not (await tx.execute(select(sessions))).all()


async def test_who_decides_about_others_signs_in_each_day(a_person, engine, signs_in, goes_on, ages):
    await a_person(EMAIL)
    token = (await signs_in())["refresh_token"]
    async with engine.begin() as tx:
        await tx.execute(update(accounts).values(role="reviewer", regions=["84"]))
    await ages(timedelta(hours=9), "created_at")
    answer = (await goes_on(token)).json()
    assert answer["refresh_expires_in"] <= 3600
    await ages(timedelta(hours=1, seconds=1), "created_at")
    assert (await goes_on(answer["refresh_token"])).status_code == 401


async def test_a_person_sees_where_they_are_signed_in_and_ends_one(a_person, client, signs_in, goes_on):
    await a_person(EMAIL)
    here, there = await signs_in(), await signs_in("python-httpx/0.28")
    seen = (await client.get("/v1/sessions", headers=bearing(here))).json()
    assert [(one["browser"], one["is_current"]) for one in seen] == [
        ("Un programme", False),
        ("Firefox sur Windows", True),
        ("Un programme", False),
    ]
    assert set(seen[0]) == {"id", "browser", "since", "last_used_at", "is_current"}
    ended = await client.delete(f"/v1/sessions/{seen[0]['id']}", headers=bearing(here))
    assert (ended.status_code, ended.content) == (204, b"")
    assert (await client.delete(f"/v1/sessions/{seen[0]['id']}", headers=bearing(here))).status_code == 404
    assert (await goes_on(there["refresh_token"])).status_code == 401
    assert (await goes_on(here["refresh_token"])).status_code == 200


async def test_a_person_signs_out_here_and_everywhere(a_person, client, signs_in, goes_on):
    await a_person(EMAIL)
    here, there = await signs_in(), await signs_in()
    assert (await client.delete("/v1/sessions/current", headers=bearing(here))).status_code == 204
    assert (await client.delete("/v1/sessions/current", headers=bearing(here))).status_code == 404
    assert (await goes_on(here["refresh_token"])).status_code == 401
    there = (await goes_on(there["refresh_token"])).json()
    assert (await client.delete("/v1/sessions", headers=bearing(there))).status_code == 204
    assert (await goes_on(there["refresh_token"])).status_code == 401


async def test_nobody_sees_or_ends_the_sessions_of_somebody_else(a_person, client, signs_in, goes_on):
    ines, paul = await a_person(EMAIL), await a_person("paul@forge.example")
    (his,) = (await paul.ask("GET", "/v1/sessions")).json()
    assert (await ines.ask("DELETE", f"/v1/sessions/{his['id']}")).status_code == 404
    assert (await ines.ask("DELETE", "/v1/sessions")).status_code == 204
    assert [one["id"] for one in (await paul.ask("GET", "/v1/sessions")).json()] == [his["id"]]
    assert (await client.get("/v1/sessions")).status_code == 401


async def test_with_the_account_its_sessions_go(a_person, client, engine, goes_on, signs_in):
    await a_person(EMAIL)
    token = (await signs_in())["refresh_token"]
    assert (await client.post("/v1/accounts/erasure", json={"email": EMAIL, "password": PASSWORD})).status_code == 200
    assert (await goes_on(token)).status_code == 401
    async with engine.connect() as tx:
        assert not (await tx.execute(select(sessions))).all()


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (FIREFOX, "Firefox sur Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
            "Chrome sur Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0",
            "Edge sur Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari sur iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 "
            "Chrome/121.0 Mobile Safari/537.36",
            "Samsung Internet sur Android",
        ),
        ("Mozilla/5.0 (compatible)", "Un navigateur"),
        ("curl/8.5", "Un programme"),
        ("", "Un programme"),
        ("Mozilla/5.0 " + "(" * 5000, "Un navigateur"),
    ],
)
def test_a_browser_has_a_coarse_word(said, word):
    assert browser_of(said) == word


def test_the_longest_session_is_a_week():
    assert timedelta(days=7) == LONGEST
