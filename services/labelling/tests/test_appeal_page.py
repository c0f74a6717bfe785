"""An organiser's form asks a person to judge again, with their cookie, and without a script."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from uuid import UUID, uuid4

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import select

from backbone.http.access import Caller
from backbone.postgres.database import open_database
from labelling.store import appeals

ORGANISER = UUID(int=7)
SITE = "https://inscription.example"


@pytest.fixture
async def browser(service, signer):
    """The browser of the organiser, at the site where they signed in: labelling's pages are behind the same front."""
    session = signer.sign(Caller(ORGANISER, "organiser"))
    transport = ASGITransport(service.http)
    async with AsyncClient(transport=transport, base_url=SITE, cookies={"session": session}) as browser:
        yield browser


@pytest.fixture
async def refused(hear, submitted, an_event):
    """An event that the rules refused: it costs something."""
    event = an_event(is_free=False)
    await hear(submitted(event))
    return event


@pytest.fixture
def ask(browser):
    async def send(event, words="La visite est gratuite.", headers=None, **form):
        told = {"version": event.revision, "motif": words} | form
        path = f"/evenements/{event.event_id}/reexamen"
        return await browser.post(path, data=told, headers=headers or {"Sec-Fetch-Site": "same-origin"})

    return send


def read(answer):
    body = answer.text.split("<body>")[1]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


async def kinds(told):
    return [kind for kind, _ in await told()]


async def test_one_click_asks_a_person_and_the_page_says_by_when_they_answer(ask, refused, told, engine):
    answer = await ask(refused, words="La visite est gratuite,\r\nle repas à part.")
    assert answer.status_code == 200
    said = read(answer)
    assert "Votre demande est reçue Une personne qui n’a pas pris part au refus décide au plus tard le" in said
    assert "D’ici là, le refus demeure." in said
    assert f'href="/evenements/{refused.event_id}"' in answer.text
    assert (await kinds(told))[-1] == "AppealReceived"
    async with engine.connect() as tx:
        assert list(await tx.scalars(select(appeals.c.words))) == ["La visite est gratuite,\nle repas à part."]


async def test_a_second_click_asks_nobody_a_second_time_and_says_so(ask, refused, told):
    await ask(refused)
    answer = await ask(refused)
    assert (answer.status_code, (await kinds(told)).count("AppealReceived")) == (409, 1)
    assert "votre première demande suffit" in read(answer)


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site", "Origin": "https://ailleurs.example"}, {"Origin": "null"}, {"X": "y"}]
)
async def test_a_form_from_elsewhere_asks_for_nothing(ask, refused, told, headers):
    answer = await ask(refused, headers=headers)
    assert (answer.status_code, await kinds(told)) == (403, ["EventRejected"])
    assert "Ce formulaire ne vient pas de nos pages" in read(answer)


async def test_registrations_own_page_may_be_at_another_origin(service, ask, refused):
    desk = service.http.state.desk
    service.http.state.desk = type(desk)(**vars(desk) | {"sign_in_url": "http://127.0.0.1:8000/connexion"})
    answer = await ask(refused, headers={"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8000"})
    assert answer.status_code == 200
    assert f'href="http://127.0.0.1:8000/evenements/{refused.event_id}"' in answer.text


async def test_whose_session_has_ended_signs_in_again_and_does_not_lose_what_they_wrote(browser, ask, refused, told):
    browser.cookies.clear()
    answer = await ask(refused, words="La visite est <gratuite>.")
    assert (answer.status_code, await kinds(told)) == (401, ["EventRejected"])
    assert "La visite est &lt;gratuite&gt;." in answer.text
    assert f'href="/connexion?retour=/evenements/{refused.event_id}"' in answer.text


async def test_where_the_database_is_away_the_organiser_is_told_so_on_a_page(service, ask, an_event):
    desk = service.http.state.desk
    service.http.state.desk = replace(desk, engine=open_database("postgresql+asyncpg://nobody@127.0.0.1:1/none"))
    answer = await ask(an_event(), words="La visite est <gratuite>.")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "Nous revenons dans un instant" in read(answer)
    assert "La visite est &lt;gratuite&gt;." in answer.text
    assert '<input type="hidden" name="version" value="1">' in answer.text


async def test_whoever_asks_with_a_browser_reads_a_page_and_a_program_a_problem(browser):
    for accept, kind in (("text/html,*/*;q=0.8", "text/html; charset=utf-8"), ("*/*", "application/problem+json")):
        answer = await browser.get("/nulle/part", headers={"Accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (404, kind)
        assert "Introuvable" in answer.text
    wrong = await browser.get("/evenements/rien/reexamen", headers={"Accept": "text/html"})
    assert (wrong.status_code, "Cet identifiant n’est pas valable." in read(wrong)) == (422, True)
    assert "<script" not in wrong.text
    assert "frame-ancestors 'none'" in wrong.headers["content-security-policy"]


async def test_nobody_appeals_for_somebody_else(browser, signer, ask, refused, told):
    browser.cookies.set("session", signer.sign(Caller(uuid4(), "organiser")))
    answer = await ask(refused)
    assert (answer.status_code, await kinds(told)) == (404, ["EventRejected"])


async def test_a_decision_on_an_older_version_is_not_appealed_against(hear, submitted, ask, refused, told):
    await hear(submitted(refused.model_copy(update={"revision": 2, "title": "La coulée, vue de près"})))
    answer = await ask(refused)
    assert (answer.status_code, "AppealReceived" in await kinds(told)) == (409, False)
    assert "Votre événement a changé depuis" in read(answer)


async def test_a_message_that_is_too_long_is_said_so_and_given_back(ask, refused, told):
    answer = await ask(refused, words="é" * 2001)
    assert (answer.status_code, await kinds(told)) == (422, ["EventRejected"])
    assert "é" * 2001 in answer.text


async def test_whoever_opens_the_address_of_the_form_is_led_to_the_events_page(browser):
    event_id = uuid4()
    answer = await browser.get(f"/evenements/{event_id}/reexamen")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/evenements/{event_id}")
