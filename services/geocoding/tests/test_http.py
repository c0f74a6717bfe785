"""What anybody may ask of geocoding, and how it is answered."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from httpx import ASGITransport, AsyncClient

from backbone.testing.scraped import scrape
from geocoding.app import create_app
from geocoding.gazetteer import Gazetteer
from geocoding.http import door

LILLE = {
    "code": "59350",
    "name": "Lille",
    "postcodes": ["59000", "59160", "59260", "59777", "59800"],
    "department_code": "59",
    "department_name": "Nord",
    "latitude": 50.633,
    "longitude": 3.0586,
    "district": None,
}


@pytest.fixture(scope="module")
async def client(gazetteer: Gazetteer) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(transport=ASGITransport(door(gazetteer)), base_url="http://geocoding") as client:
        yield client


async def test_a_commune_is_told_with_its_code_its_postcodes_its_department_and_by_what_it_was_found(client):
    for _ in range(2):
        answer = await client.get("/v1/places", params={"q": "Hellemmes"})
        assert (answer.status_code, answer.json()) == (200, [LILLE | {"matched": "Hellemmes"}])
    answer = await client.get("/v1/places", params={"q": "59000 lil"})
    assert answer.json() == [LILLE | {"postcodes": ["59000"], "matched": None}]
    assert (await client.get("/v1/places", params={"q": "zzzzzzzz"})).json() == []


@pytest.mark.parametrize(
    ("typed", "district", "latitude", "longitude"),
    [
        ("69008", "Lyon 8e Arrondissement", 45.7342, 4.8695),
        ("lyon 8", "Lyon 8e Arrondissement", 45.7342, 4.8695),
        ("paris 16", "Paris 16e Arrondissement", 48.8572, 2.263),  # which has two postcodes
        ("lyon", None, 45.7485, 4.8467),
        ("97411", None, -21.0096, 55.2713),
    ],
)
async def test_a_map_is_told_the_middle_of_the_commune_or_of_the_arrondissement_that_was_typed(
    client, typed, district, latitude, longitude
):
    for _ in range(2):
        place = (await client.get("/v1/places", params={"q": typed})).json()[0]
        assert [place[name] for name in ("district", "latitude", "longitude")] == [district, latitude, longitude]


async def test_eight_are_told_unless_more_or_fewer_are_asked_for(client):
    for asked, told in (({}, 8), ({"limit": "1"}, 1), ({"limit": "20"}, 20)):
        assert len((await client.get("/v1/places", params={"q": "saint", **asked})).json()) == told


@pytest.mark.parametrize(
    ("asked", "field", "message"),
    [
        ({}, "q", "Ce champ est obligatoire."),
        ({"q": "l"}, "q", "Indiquez au moins 2 caractères."),
        ({"q": "l" * 101}, "q", "Raccourcissez à 100 caractères au plus."),
        ({"q": "lille", "limit": "21"}, "limit", "Indiquez 20 au plus."),
        ({"q": "lille", "limit": "0"}, "limit", "Indiquez 1 au moins."),
        ({"q": "lille", "limit": "huit"}, "limit", "Indiquez un nombre entier."),
    ],
)
async def test_what_is_asked_amiss_is_told_in_french(client, asked, field, message):
    answer = await client.get("/v1/places", params=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["errors"] == [{"field": field, "message": message}]
    assert answer.headers["cache-control"] == "no-store"


async def test_a_page_of_any_origin_may_ask_without_a_cookie_and_nobody_may_send(client):
    answer = await client.get("/v1/places", params={"q": "lille"}, headers={"Origin": "https://ailleurs.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"access-control-allow-credentials", "set-cookie"}.isdisjoint(answer.headers)
    refused = await client.post("/v1/places", params={"q": "lille"})
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
    preflight = await client.options("/v1/places", headers={"Access-Control-Request-Method": "POST"})
    assert preflight.status_code == 405


async def test_an_answer_may_be_kept_for_a_day_and_is_not_sent_again_to_who_has_it(client):
    answer = await client.get("/v1/places", params={"q": "lille"})
    assert answer.headers["cache-control"] == "public, max-age=86400"
    known = {"If-None-Match": f'"else", {answer.headers["etag"]}'}
    again = await client.get("/v1/places", params={"q": "lille"}, headers=known)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"])
    other = await client.get("/v1/places", params={"q": "lyon"}, headers=known)
    assert (other.status_code, other.json()[0]["name"]) == (200, "Lyon")


async def test_its_documentation_names_whose_data_they_are(client):
    told = (await client.get("/openapi.json")).json()["info"]["description"]
    for source in ("INSEE", "La Poste", "Licence Ouverte 2.0", "© GeoNames", "CC BY 4.0"):
        assert source in told


async def test_what_is_asked_is_counted_by_its_route_and_what_nobody_knows_by_none(settings):
    service = create_app(settings)
    async with AsyncClient(transport=ASGITransport(service.http), base_url="http://geocoding") as client:
        for path in ("/v1/places?q=lille", "/v1/places?q=l", "/v1/places/lille"):
            await client.get(path)
    told = await scrape(service)
    await service.engine.dispose()
    counted = told.by("sdi_http_requests_total", "route", "status")
    assert counted == {("/v1/places", "200"): 1, ("/v1/places", "422"): 1, ("(none)", "404"): 1}
