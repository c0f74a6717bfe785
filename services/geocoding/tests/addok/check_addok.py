"""The way to the national service, tried on the program that it is: addok, with every commune and invented streets.

Run by `make test-peers`: what it needs is not installed for `make test`. Its rules of writing, its index and its scores
are addok's own; which streets there are is ours, and so is the front that keeps its rate.
"""

from __future__ import annotations

import asyncio
import csv
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from services.geocoding.tests.addok.peer import Front, addok_with
from services.geocoding.tests.addok.places import Document, municipalities, street

from backbone.contracts import Address, Location
from geocoding.ban import BanGeocoder
from geocoding.domain import Commune, GeocoderUnavailable
from geocoding.gazetteer import Gazetteer
from geocoding.pipeline import Pipeline, Placed

PER_SECOND = 45.0  # as the service is told
AT_ONCE = 8

pytestmark = pytest.mark.timeout(900)  # a busy machine is slow to fill the index

DOORS = [*map(str, range(1, 41)), "12 bis"]
ELSEWHERE = [  # commune, postcode, street
    ("75056", "75013", "Avenue d’Italie"),
    ("75056", "75116", "Avenue Kléber"),
    ("69123", "69002", "Rue de la République"),
    ("13055", "13003", "Boulevard National"),
    ("59512", "59100", "Avenue du Général de Gaulle"),
    ("97411", "97400", "Rue de la Source"),
]
LAINIERE = "Zone Industrielle de la Lainière"


def with_a_postcode(gazetteer: Gazetteer) -> list[Commune]:
    return [commune for commune in gazetteer.communes() if commune.postcodes]


def rows_of(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parents[1] / name).open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def places(gazetteer: Gazetteer) -> Iterator[Document]:
    """Every commune, a « Rue de l’Industrie » in a thousand of them and in Roubaix, a few streets and a locality."""
    yield from municipalities(gazetteer.communes())
    drawn = random.Random(1).sample(with_a_postcode(gazetteer), 1_000)
    for commune in {commune.code: commune for commune in (*drawn, gazetteer.by_code("59512"))}.values():
        yield street(commune, commune.postcodes[0], "Rue de l’Industrie", DOORS)
    for code, postcode, name in ELSEWHERE:
        yield street(gazetteer.by_code(code), postcode, name, DOORS)
    yield street(gazetteer.by_code("59512"), "59100", LAINIERE, kind="locality")
    yield from temptations(gazetteer)


def temptations(gazetteer: Gazetteer) -> Iterator[Document]:
    """Streets that lead astray who asks by the postcode of an awkward address: one of them in each of its communes, the
    other in those alone that no such address means."""
    addresses = rows_of("awkward_addresses.csv")
    meant = {(one["commune"], one["postcode"][:2]) for one in addresses}
    postcodes = {one["postcode"] for one in (*addresses, *rows_of("nowhere_addresses.csv"))}
    for commune in gazetteer.communes():
        for postcode in postcodes & {*commune.postcodes}:
            yield street(commune, postcode, "Rue du Port Neuf", DOORS)
            if (commune.name, postcode[:2]) not in meant:
                yield street(commune, postcode, "Rue du Pré Fleuri", DOORS)


@pytest.fixture(scope="module")
def addok(gazetteer: Gazetteer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with addok_with(places(gazetteer), tmp_path_factory.mktemp("addok")) as url:
        yield url


@pytest.fixture
async def front(addok: str) -> AsyncIterator[Front]:
    async with Front(addok) as front:
        yield front


Ask = Callable[..., Awaitable[list[Location | None]]]
Place = Callable[[str | None, list[dict[str, str]]], Awaitable[list[Placed]]]
Told = TypeVar("Told")


@pytest.fixture
def ask(front: Front, replica: Callable[..., BanGeocoder]) -> Ask:
    """Asks for many addresses, by two replicas that share one budget; told to wait, they do, as a look-up does."""

    async def ask(addresses: list[Address], at: Front = front, per_second: float = PER_SECOND) -> list[Location | None]:
        replicas, found = cycle([replica(at.url, per_second=per_second) for _ in range(2)]), {}

        async def take_on(asked: Iterator[tuple[int, Address]]) -> None:
            geocoder = next(replicas)
            for number, address in asked:
                found[number] = (await patiently(lambda address=address: geocoder.locate(address))).location

        asked = iter(enumerate(addresses))
        await asyncio.gather(*(take_on(asked) for _ in range(2 * AT_ONCE)))
        return [found[number] for number in range(len(addresses))]

    return ask


async def patiently(ask: Callable[[], Awaitable[Told]]) -> Told:
    for _ in range(60):
        try:
            return await ask()
        except GeocoderUnavailable as trouble:
            await asyncio.sleep(trouble.retry_after or 1.0)
    raise AssertionError("it never answered")


def by_commune(gazetteer: Gazetteer, seed: int) -> list[tuple[Commune, str]]:
    """A thousand communes, each with one of its postcodes."""
    luck = random.Random(seed)
    return [(one, luck.choice(one.postcodes)) for one in luck.sample(with_a_postcode(gazetteer), 1_000)]


async def test_postcode_and_commune_alone_lead_addok_to_the_commune(addok: str, gazetteer: Gazetteer) -> None:
    async with httpx.AsyncClient(base_url=addok) as client:
        for commune, postcode in by_commune(gazetteer, 2):
            answer = await client.get("/search", params={"q": f"{postcode} {commune.name}", "limit": 1})
            [hit] = answer.json()["features"]
            assert gazetteer.by_code(hit["properties"]["citycode"]) == commune


async def test_a_thousand_communes_are_each_found_by_postcode_and_name(ask: Ask, gazetteer: Gazetteer) -> None:
    asked = by_commune(gazetteer, 3)
    found = await ask([Address(postcode=postcode, city=commune.name) for commune, postcode in asked])
    assert [at and at.commune_code for at in found] == [commune.code for commune, _ in asked]
    assert Counter((at.provider, at.precision) for at in found if at) == {("ban", "municipality"): 1_000}


ROUBAIX, PARIS, LYON, MARSEILLE = ("59100", "Roubaix"), ("75013", "Paris"), ("69002", "Lyon"), ("13003", "Marseille")


@pytest.mark.parametrize(
    ("written", "place", "precision", "commune", "label"),
    [
        ("12 rue de l’Industrie", ROUBAIX, "housenumber", "59512", "12 Rue de l’Industrie 59100 Roubaix"),
        ("12 BIS, RUE DE L'INDUSTRIE", ROUBAIX, "housenumber", "59512", "12 bis Rue de l’Industrie 59100 Roubaix"),
        ("7 r. de l'industrie", ROUBAIX, "housenumber", "59512", "7 Rue de l’Industrie 59100 Roubaix"),
        ("rue de l’Industrie", ROUBAIX, "street", "59512", "Rue de l’Industrie 59100 Roubaix"),
        ("999 rue de l’Industrie", ROUBAIX, "street", "59512", "Rue de l’Industrie 59100 Roubaix"),
        ("7 av du Gal de Gaulle", ROUBAIX, "housenumber", "59512", "7 Avenue du Général de Gaulle 59100 Roubaix"),
        ("7 avenu du general de gaule", ROUBAIX, "housenumber", "59512", "7 Avenue du Général de Gaulle 59100 Roubaix"),
        ("7 rue de l’Indutsrie", ROUBAIX, "housenumber", "59512", "7 Rue de l’Industrie 59100 Roubaix"),
        ("12 rue de l’Industrie", ("59100", "Roubiax"), "housenumber", "59512", "12 Rue de l’Industrie 59100 Roubaix"),
        ("zone industrielle la Lainiere", ROUBAIX, "locality", "59512", f"{LAINIERE} 59100 Roubaix"),
        ("CCI de Roubaix", ROUBAIX, "municipality", "59512", "Roubaix"),
        ("12 rue des Fleurs", ROUBAIX, "municipality", "59512", None),  # « 12 Rue de l’Industrie » of a score of 0.5
        ("3 impasse que personne ne connaît", ROUBAIX, "municipality", "59512", None),
        ("8 avenue d’Italie", PARIS, "housenumber", "75056", "8 Avenue d’Italie 75013 Paris"),
        ("8 avenue d’Italie", ("75013", "Paris 13e"), "housenumber", "75056", "8 Avenue d’Italie 75013 Paris"),
        ("20 av. Kléber", ("75116", "Paris"), "housenumber", "75056", "20 Avenue Kléber 75116 Paris"),
        ("12 bis rue de la République", LYON, "housenumber", "69123", "12 bis Rue de la République 69002 Lyon"),
        ("12 rue de la République", ("69002", "Lyon 2e"), "housenumber", "69123", "12 Rue de la République 69002 Lyon"),
        ("40 bd National", MARSEILLE, "housenumber", "13055", "40 Boulevard National 13003 Marseille"),
        (
            "4 rue de la Source",
            ("97400", "Saint-Denis"),
            "housenumber",
            "97411",
            "4 Rue de la Source 97400 Saint-Denis",
        ),
    ],
)
async def test_an_address_is_as_precise_as_what_is_known_of_it(
    ask: Ask, written: str, place: tuple[str, str], precision: str, commune: str, label: str | None
) -> None:
    [found] = await ask([Address(street=written, postcode=place[0], city=place[1])])
    assert found is not None
    assert (found.precision, found.commune_code, found.matched_label) == (precision, commune, label)


async def test_every_door_of_a_thousand_streets_is_where_it_stands(ask: Ask, gazetteer: Gazetteer) -> None:
    luck = random.Random(4)
    known = [one for one in places(gazetteer) if one["name"] == "Rue de l’Industrie"]
    asked = [(one, luck.choice(DOORS)) for one in luck.sample(known, 200)]
    found = await ask(
        [
            Address(street=f"{number} rue de l’Industrie", postcode=one["postcode"], city=one["city"])
            for one, number in asked
        ]
    )
    doors = [one["housenumbers"][number] for one, number in asked]
    assert [(at.precision, at.longitude, round(at.latitude, 6)) for at in found if at] == [
        ("housenumber", door["lon"], round(door["lat"], 6)) for door in doors
    ]


@pytest.fixture
async def place(front: Front, replica: Callable[..., BanGeocoder], gazetteer: Gazetteer) -> Place:
    """Places many addresses as the service does: addok first, the gazetteer behind it."""
    pipeline = Pipeline({"ban": replica(front.url, per_second=PER_SECOND), "gazetteer": gazetteer}, gazetteer)

    async def place(street: str | None, awkward: list[dict[str, str]]) -> list[Placed]:
        asked = [Address(street=street, postcode=one["postcode"], city=one["city"]) for one in awkward]
        return [await patiently(lambda address=address: pipeline.place(address)) for address in asked]

    return place


@pytest.mark.parametrize(
    "written",
    [None, "12 rue du Port Neuf", "12 rue du Pré Fleuri"],
    ids=["no street", "a street that its neighbours have too", "a street that its neighbours alone have"],
)
async def test_no_awkward_address_is_led_astray_by_a_street(place: Place, written: str | None) -> None:
    awkward = rows_of("awkward_addresses.csv")
    placed = [each.location for each in await place(written, awkward)]
    assert [
        (one["postcode"], one["city"], at and (at.commune_name, at.matched_label, at.doubts))
        for one, at in zip(awkward, placed, strict=True)
        if at is None or at.commune_name != one["commune"]
    ] == []


async def test_an_address_of_no_one_commune_is_asked_about_whatever_its_street(place: Place) -> None:
    for written in (None, "12 rue du Port Neuf", "12 rue du Pré Fleuri"):
        placed = [each.location for each in await place(written, rows_of("nowhere_addresses.csv"))]
        assert [at for at in placed if at and "commune-guessed" not in {doubt.code for doubt in at.doubts}] == []


@pytest.mark.parametrize("city", ["Paris", "Lyon", "Marseille"])
async def test_every_arrondissement_leads_to_its_city(ask: Ask, gazetteer: Gazetteer, city: str) -> None:
    [commune] = [one for one in with_a_postcode(gazetteer) if one.name == city]
    found = await ask([Address(postcode=postcode, city=city) for postcode in commune.postcodes])
    assert {(at.commune_code, at.commune_name, at.precision) if at else None for at in found} == {
        (commune.code, city, "municipality")
    }


@pytest.fixture
async def front_of_few(addok: str) -> AsyncIterator[Front]:
    """Shut out is who asks more than forty questions, however slow the machine."""
    async with Front(addok, most=40, within=3600) as front:
        yield front


async def test_who_asks_too_often_is_sent_away_and_comes_back_and_nothing_is_lost(
    ask: Ask, front_of_few: Front
) -> None:
    streets = ("rue de l’Industrie", "avenue du Général de Gaulle")
    doors = [f"{number} {name}" for name in streets for number in range(1, 31)]
    found = await ask(
        [Address(street=door, postcode="59100", city="Roubaix") for door in doors], front_of_few, per_second=10_000
    )
    assert front_of_few.refused > 0
    assert front_of_few.asked - front_of_few.refused == len(doors)
    understood = [(at.precision, (at.matched_label or "").casefold()) for at in found if at]
    assert understood == [("housenumber", f"{door} 59100 Roubaix".casefold()) for door in doors]
