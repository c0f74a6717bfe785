"""What holds for all pages: no form of another site is taken, no script stands inside, and refusals are pages."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from httpx import ASGITransport, AsyncClient

from backbone.http.session import COOKIE
from backbone.service.floor import open_floor
from registration.app import create_app

FOREIGN = {"Origin": "https://mechant.example", "Accept": "text/html"}
OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


def routes_of(routes):
    for route in routes:
        if router := getattr(route, "original_router", None):  # FastAPI keeps those that it includes as they are
            yield from routes_of(router.routes)
        elif getattr(route, "endpoint", None) and route.endpoint.__module__.startswith("registration.http.pages"):
            yield route


@pytest.fixture
def pages(service):
    """The addresses of all pages, by their method."""

    def of(method):
        found = [route.path for route in routes_of(service.http.routes) if method in route.methods]
        return [re.sub(r"\{\w+\}", str(uuid4()), path) for path in found]

    return of


async def test_no_page_takes_a_form_that_another_site_has_sent(service, client, pages, a_person):
    person = await a_person()
    client.cookies.set(COOKIE, person.headers["Authorization"].removeprefix("Bearer "))
    assert len(pages("POST")) > 20
    answers = {path: (await client.post(path, headers=FOREIGN)).status_code for path in pages("POST")}
    assert {path: status for path, status in answers.items() if status != 403} == {}


async def test_every_page_lets_no_script_in_but_ours_and_no_frame_around_it(client, pages, a_person):
    person = await a_person()
    client.cookies.set(COOKIE, person.headers["Authorization"].removeprefix("Bearer "))
    for path in pages("GET"):
        answer = await client.get(path, headers={"Accept": "text/html"})
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert re.findall(r"<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=", answer.text) == [], path


async def test_where_geocoding_is_not_told_the_commune_is_a_plain_field_and_where_it_is_that_alone_may_be_asked(
    settings, client, mine, mailer, clock
):
    person, event_id = mine
    token = person.headers["Authorization"].removeprefix("Bearer ")
    client.cookies.set(COOKIE, token)
    told = settings.model_copy(update={"public_places_url": "https://communes.example/"})
    there = create_app(told, open_floor(told, clock=clock), mailer=mailer)
    async with AsyncClient(transport=ASGITransport(there.http), base_url="http://127.0.0.1:8000") as other:
        other.cookies.set(COOKIE, token)
        pages = {
            where: await browser.get(f"/evenements/{event_id}/modifier/ou")
            for where, browser in {"unset": client, "told": other}.items()
        }
        quoi = await other.get(f"/evenements/{event_id}/modifier/quoi")
    await there.engine.dispose()
    asked = " https://communes.example/v1/places"
    policies = {where: page.headers["content-security-policy"] for where, page in pages.items()}
    assert policies["told"] == policies["unset"].replace("; form-action", f"{asked}; form-action")
    assert asked not in policies["unset"]
    for words in ("places.js", "combobox", "listbox", "data-places"):
        assert (words in pages["unset"].text, words in pages["told"].text, words in quoi.text) == (False, True, False)
    for page in pages.values():
        assert '<input type="hidden" id="venue-commune_code" name="venue-commune_code" value="">' in page.text


async def test_what_was_typed_before_the_session_ended_is_kept_and_sent_again_but_no_password(client):
    typed = {"title": "La coulée, de nuit", "mot_de_passe": "secret"}
    answer = await client.post(f"/evenements/{uuid4()}/modifier/quoi?nouveau=1", data=typed, headers=OURS)
    assert answer.status_code == 401
    assert 'name="title" value="La coulée, de nuit"' in answer.text
    assert "secret" not in answer.text


async def test_an_event_of_somebody_else_is_neither_shown_nor_made_under_its_number(service, client, mine, a_person):
    _, event_id = mine
    paul = await a_person("paul@forge.example")
    client.cookies.set(COOKIE, paul.headers["Authorization"].removeprefix("Bearer "))
    form = {"nouveau": "1", "title": "Le mien", "version": ""}
    for answer in (
        await client.get(f"/evenements/{event_id}/modifier/quoi?nouveau=1"),
        await client.post(f"/evenements/{event_id}/modifier/quoi", data=form, headers=OURS),
    ):
        assert answer.status_code == 404
        assert "Cet événement n’est pas dans votre compte" in answer.text
        assert "métal en fusion" not in answer.text
