"""Events near a place that a visitor names, and how the public reads it."""

from __future__ import annotations

import html
import re

import pytest
from httpx import ASGITransport, AsyncClient
from pydantic import ValidationError

from backbone.service.floor import open_floor
from map_feed.app import create_app
from map_feed.domain.listing import Listing
from map_feed.domain.nearness import Point, kilometres, of_town
from map_feed.domain.search import RADII, ListQuery, Search

LYON, PARIS, REUNION = "45.7640,4.8357", Point(48.8566, 2.3522), Point(-20.8789, 55.4481)
NEAR_LYON = f"autour={LYON}&ville=Lyon"
A_DEGREE_KM = 111.195  # of latitude


def seen(page: str) -> str:
    """The words of a page as they are read."""
    return html.unescape(re.sub(r"<[^>]+>", "", page)).replace("\u00a0", " ")


def titles(page) -> list[str]:
    return [html.unescape(title) for title in re.findall(r"<h3><a[^>]*>(.*?)</a>", page.text)]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (PARIS, REUNION, 9365),  # as geopy's great circle has it, on a globe of 6,371.009 km
        (Point(45.764, 4.8357), PARIS, 391),
        (Point(0, 179.9), Point(0, -179.9), 22),
        (Point(45, 4), Point(-45, -176), 20015),
        (PARIS, PARIS, 0),
    ],
)
def test_the_way_between_two_places_is_that_over_the_globe(one, other, expected):
    assert round(kilometres(one, other)) == round(kilometres(other, one)) == expected


@pytest.mark.parametrize("radius", [*RADII, None])
def test_what_is_within_the_radius_is_found_and_what_is_just_beyond_it_is_not(an_event, a_location, radius):
    around = {"autour": LYON} | ({"rayon": radius} if radius else {})
    for km, is_found in ((-0.1, True), (0.1, False)):
        latitude = 45.764 + (int(radius or "30") + km) / A_DEGREE_KM
        listing = Listing(an_event(), a_location(latitude=latitude, longitude=4.8357))
        assert Search.model_validate(around).finds(listing) is is_found


def test_near_a_place_overseas_is_not_near_paris_and_the_other_way_round(an_event, a_location):
    for here, there in ((PARIS, REUNION), (REUNION, PARIS)):
        search = Search.model_validate({"autour": f"{here.latitude},{here.longitude}", "rayon": "100"})
        found = [
            search.finds(Listing(an_event(), a_location(latitude=at.latitude, longitude=at.longitude)))
            for at in (here, there)
        ]
        assert found == [True, False]


def test_an_event_without_a_pin_is_near_nothing(an_event, a_location):
    search = Search.model_validate({"autour": "45.7719,4.8869", "rayon": "100"})
    unknown = Listing(an_event(), None)
    online = Listing(an_event(venue=None, online_url="https://visio.example", online_region="84"), None)
    moved = Listing(an_event(status="moved_online"), a_location())
    hybrid = Listing(an_event(online_url="https://visio.example", venue=an_event().venue), a_location())
    assert [search.finds(one) for one in (unknown, online, moved, hybrid)] == [False, False, False, True]


def test_a_region_and_a_place_both_apply(an_event, a_location):
    listing = Listing(an_event(), a_location())
    told = [(LYON, "84", True), (LYON, "11", False), ("45.1885,5.7245", "84", False)]  # the last: Grenoble
    for place, region, is_found in told:
        assert Search.model_validate({"autour": place, "region": region}).finds(listing) is is_found


@pytest.mark.parametrize(
    "given", ["lyon", "45.7640", "45.7640;4.8357", "45,7640,4,8357", "91,4", "45,181", "nan,4", "1e1,4"]
)
def test_what_is_no_point_of_the_globe_is_refused_with_an_example(given):
    with pytest.raises(ValidationError, match=r"par exemple 45\.7640,4\.8357"):
        Search.model_validate({"autour": given})


@pytest.mark.parametrize("given", [{"rayon": "31"}, {"rayon": "-5"}, {"rayon": "dix"}, {"ville": "x" * 61}])
def test_another_radius_or_a_name_without_end_is_refused(given):
    with pytest.raises(ValidationError):
        Search.model_validate({"autour": LYON, **given})


def test_name_and_radius_are_no_filters_without_a_point():
    assert Search.model_validate({"rayon": "5", "ville": "Lyon"}) == Search()
    assert Search.model_validate({"autour": "", "rayon": "31", "ville": "x" * 61}) == Search()


def test_the_same_circle_told_otherwise_is_the_same_search_and_another_is_another():
    key = Search.model_validate({"autour": LYON, "ville": "Lyon"}).key
    for same in ({"autour": "45.76401, 4.8357"}, {"autour": LYON, "rayon": "30"}, {"autour": "45.764,04.8357"}):
        assert Search.model_validate(same).key == key
    for other in ({"autour": LYON, "rayon": "50"}, {"autour": "45.7650,4.8357"}, {}):
        assert Search.model_validate(other).key != key


def test_a_place_is_three_words_of_an_address_and_goes_with_all_three():
    query = ListQuery.model_validate({"q": "four", "autour": LYON, "rayon": "10", "ville": "Lyon", "page": 2})
    assert query.query(page=3) == "q=four&autour=45.7640,4.8357&rayon=10&ville=Lyon&page=3"
    assert query.query(without="autour") == "q=four"
    assert query.query(without="q") == "autour=45.7640,4.8357&rayon=10&ville=Lyon"


@pytest.mark.parametrize(
    ("town", "named"),
    [
        ("Lyon", "de Lyon"),
        ("Amiens", "d’Amiens"),
        ("Évreux", "d’Évreux"),
        ("Yvetot", "d’Yvetot"),
        ("Yutz", "de Yutz"),
        ("Le Havre", "du Havre"),
        ("Les Ulis", "des Ulis"),
        ("La Rochelle", "de La Rochelle"),
        ("L'Haÿ-les-Roses", "de L'Haÿ-les-Roses"),
        ("Lesquin", "de Lesquin"),
        ("Lyon 8e Arrondissement", "de Lyon 8e Arrondissement"),
    ],
)
def test_a_town_is_named_as_one_says_it(town, named):
    assert of_town(town) == named


@pytest.fixture
async def two_towns(put, an_event, a_location):
    """An event in Villeurbanne, one in Lille, and one online."""
    await put(an_event(title="Près de Lyon"), a_location())
    lille = a_location(latitude=50.633, longitude=3.0586, commune_name="Lille", department_code="59", region_code="32")
    await put(an_event(title="Près de Lille"), lille)
    await put(an_event(title="De partout", venue=None, online_url="https://visio.example"))


async def test_list_and_data_tell_what_is_near_a_place_and_the_chip_says_which(client, two_towns):
    for query, found in ((NEAR_LYON, ["Près de Lyon"]), ("autour=50.63,3.06&rayon=5", ["Près de Lille"])) * 2:
        assert titles(await client.get(f"/?{query}")) == found
        features = (await client.get(f"/evenements.geojson?{query}")).json()["features"]
        assert [feature["properties"]["title"] for feature in features] == found
    page = (await client.get(f"/?{NEAR_LYON}&rayon=10&type=company_visit")).text
    assert "Retirer le filtre À moins de 10 km de Lyon ×" in seen(page)
    assert 'href="/?type=company_visit" data-search' in page  # without it, all three of its words are gone
    assert "<title>Visite d’entreprise, À moins de 10\u00a0km de Lyon – La Semaine" in page
    assert "À moins de 30 km de ce point ×" in seen((await client.get(f"/?autour={LYON}")).text)
    assert "À moins de 30 km du Havre ×" in seen((await client.get("/?autour=49.49,0.1&ville=Le+Havre")).text)


async def test_the_list_near_a_place_goes_on_page_after_page(client, put, an_event, a_location):
    for number in range(65):
        await put(an_event(title=f"Visite {number:02}"), a_location())
    first = await client.get(f"/?{NEAR_LYON}&rayon=10")
    link = html.unescape(re.search(r'rel="next" href="([^"]+)"', first.text)[1])
    assert link == "/?autour=45.7640,4.8357&rayon=10&ville=Lyon&page=2"
    assert titles(first) + titles(await client.get(link)) == [f"Visite {number:02}" for number in range(65)]


async def test_where_nothing_is_near_the_page_says_how_to_widen_the_search(client, two_towns):
    page = await client.get("/?autour=48.39,-4.49&ville=Brest&region=84")
    assert "sans le filtre « À moins de 30 km de Brest »" in seen(page.text)
    assert 'href="/?region=84"' in page.text


async def test_a_place_that_was_not_understood_is_named_and_goes_whole(client):
    page = await client.get("/?autour=ici&rayon=5&ville=Lyon&q=robot")
    assert page.status_code == 422
    assert "Près de : Indiquez une latitude (de -90 à 90) et une longitude (de -180 à 180)" in seen(page.text)
    assert 'href="/?q=robot"' in page.text
    page = await client.get(f"/?{NEAR_LYON}&rayon=31")
    assert "Rayon : Choisissez parmi" in seen(page.text)
    assert 'href="/?autour=45.7640,4.8357&amp;ville=Lyon"' in page.text
    problem = (await client.get("/evenements.geojson?autour=91,0")).json()
    assert [error["field"] for error in problem["errors"]] == ["autour"]


async def test_the_names_of_a_place_are_shown_as_words_and_nothing_else(client):
    page = (await client.get(f'/?autour={LYON}&ville="><script>alert(1)</script>')).text
    assert "<script>alert" not in page
    assert "À moins de 30 km de " in seen(page)


async def test_how_to_ask_for_what_is_near_is_in_the_documentation(client):
    page = seen((await client.get("/api")).text)
    for told in ("autour", "par exemple 45.7640,4.8357", "rayon", "5, 10, 30, 50, 100 ; 30 si rien n’est dit", "ville"):
        assert told in page.replace("\u202f", " ")
    parameters = (await client.get("/openapi.json")).json()["paths"]["/evenements.geojson"]["get"]["parameters"]
    assert {"autour", "rayon", "ville"} <= {one["name"] for one in parameters}


async def test_the_field_is_there_where_communes_are_suggested_and_the_page_may_ask_there_alone(
    client, settings, clock
):
    told = settings.model_copy(update={"public_places_url": "https://communes.example/"})
    there = create_app(told, open_floor(told, clock=clock))
    await there.doors.parts[0].refresh()
    async with AsyncClient(transport=ASGITransport(there.http), base_url="http://map") as other:
        pages = {"unset": await client.get("/"), "told": await other.get("/")}
    await there.engine.dispose()
    policies = {where: page.headers["content-security-policy"] for where, page in pages.items()}
    assert "connect-src 'self';" in policies["unset"]
    assert "connect-src 'self' https://communes.example/v1/places;" in policies["told"]
    for words in ("Près de…", "listbox", "data-places"):
        assert (words in pages["unset"].text, words in pages["told"].text) == (False, True)
    # an address that was shared is looked around all the same
    assert "À moins de 30 km de Lyon ×" in seen((await client.get(f"/?{NEAR_LYON}")).text)
