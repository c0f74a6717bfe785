"""Who is asked for an address, what is made of the answers, and what is told of why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backbone.contracts import Address, Location, Position
from geocoding.domain import (
    GeocoderRefused,
    GeocoderUnavailable,
    GeocoderUnreadable,
    Hit,
    Verdict,
    centre,
    judged,
)
from geocoding.gazetteer import Gazetteer
from geocoding.pipeline import Pipeline, Placed

ROUBAIX = Address(street="12 rue de l’Industrie", postcode="59100", city="Roubaix")
OF_THE_DOOR, OF_THE_TOWN = (3.17, 50.69), (3.1816, 50.6892)


class Answers:
    """A geocoder that says one thing."""

    def __init__(self, answer: Location | Exception | None) -> None:
        self._answer = answer

    async def locate(self, _: Address) -> Verdict:
        if isinstance(self._answer, Exception):
            raise self._answer
        return Verdict(self._answer, "as it was told")


@pytest.fixture
def door(gazetteer: Gazetteer) -> Location:
    commune = gazetteer.by_code("59512")
    assert commune
    found = judged(Hit("housenumber", 0.9, "59512", *OF_THE_DOOR, "12 Rue"), commune, ROUBAIX, commune).location
    assert found
    return found


@pytest.fixture
def town(gazetteer: Gazetteer) -> Location:
    commune = gazetteer.by_code("59512")
    assert commune
    return centre(commune, "gazetteer", 1)


@pytest.fixture
def ask(gazetteer: Gazetteer) -> Callable[..., Any]:
    """Places Roubaix's address, by what these answer one after the other."""

    async def place(*answers: Location | Exception | None, address: Address = ROUBAIX, pin: Any = None) -> Placed:
        providers = {f"number {n}": Answers(answer) for n, answer in enumerate(answers, 1)}
        return await Pipeline(providers, gazetteer).place(address, pin)

    return place


@pytest.fixture
def place(gazetteer: Gazetteer) -> Callable[..., Any]:
    """Places an address by the gazetteer alone."""

    async def place(pin: Position | None = None, **address: Any) -> Placed:
        return await Pipeline({"gazetteer": gazetteer}, gazetteer).place(Address.model_construct(**address), pin)

    return place


def doubts(placed: Placed) -> list[str]:
    assert placed.location
    return [doubt.code for doubt in placed.location.doubts]


@pytest.mark.parametrize("first", [None, GeocoderRefused("400"), GeocoderUnreadable("a page")])
async def test_the_next_is_asked_when_the_first_does_not_know_or_refuses(ask, town, first) -> None:
    placed = await ask(first, town)
    assert (placed.location.precision, placed.location.provider) == ("municipality", "gazetteer")
    assert [why.step for why in placed.whys] == [
        "clean",
        "commune",
        "number 1",
        "number 2",
        "pin",
        "judge",
        "territory",
    ]


async def test_the_finest_answer_is_taken_and_no_other_asked_for(ask, door, town) -> None:
    placed = await ask(door, town)
    assert (placed.location.precision, placed.location.epci_code) == ("housenumber", "200093201")
    assert "number 2" not in dict(placed.whys)
    assert doubts(placed) == []


async def test_what_nobody_knows_is_nowhere_and_says_who_was_asked(ask) -> None:
    placed = await ask(None, None)
    assert placed.location is None
    assert [why.step for why in placed.whys] == ["clean", "commune", "number 1", "number 2", "pin"]


async def test_an_outage_is_told_and_never_replaced_by_a_coarser_answer(ask, town) -> None:
    with pytest.raises(GeocoderUnavailable, match="429") as caught:
        await ask(GeocoderUnavailable("429", 5), town)
    assert caught.value.retry_after == 5


async def test_a_street_that_nobody_knows_is_told_to_the_organiser(ask, town) -> None:
    placed = await ask(None, town)
    assert doubts(placed) == ["street-unknown"]
    assert placed.location.doubts[0].message == (
        "La rue n’a été trouvée nulle part : l’événement est placé à la commune, faute de mieux."
    )


@pytest.mark.parametrize(
    ("city", "postcode", "asked"),
    [
        ("Roubaix", "59100", []),
        ("Roubiax", "59100", ["commune-guessed"]),
        ("Lomme", "59160", []),  # a former commune with its own postcode is what was written
        ("Lyon Part-Dieu", "69003", ["commune-guessed"]),
        ("Lyon", "69100", ["commune-guessed"]),  # Villeurbanne's postcode, and its only one
    ],
)
async def test_a_commune_that_was_guessed_is_told_to_the_organiser(place, city, postcode, asked) -> None:
    placed = await place(street=None, postcode=postcode, city=city, commune_code=None)
    assert doubts(placed) == asked
    for doubt in placed.location.doubts:
        assert placed.location.commune_name in doubt.message


async def test_a_postcode_of_letters_is_told_to_the_organiser(place) -> None:
    placed = await place(street=None, postcode="59047", city="Lille CEDEX", commune_code=None)
    assert (placed.location.commune_name, doubts(placed)) == ("Lille", ["postcode-of-letters"])


async def test_a_door_that_was_found_in_another_commune_than_was_written_is_told_to_the_organiser(ask, door) -> None:
    placed = await ask(door, address=ROUBAIX.model_copy(update={"city": "Zone industrielle"}))
    assert (placed.location.precision, doubts(placed)) == ("housenumber", ["commune-guessed"])


async def test_a_confirmed_pin_is_the_door_and_the_address_is_asked_about_no_more(ask, town) -> None:
    placed = await ask(town, pin=Position(longitude=3.19, latitude=50.70, is_confirmed=True))
    at = placed.location
    assert (at.longitude, at.latitude, at.provider, at.is_confirmed) == (3.19, 50.70, "organiser", True)
    assert doubts(placed) == []


@pytest.mark.parametrize(
    ("typed", "label", "asked"),
    [
        ("12 impasse de l’Industrie", "12 Rue de l’Industrie 59100 Roubaix", ["street-guessed"]),
        ("12 av. de l’Industrie", "12 Rue de l’Industrie 59100 Roubaix", ["street-guessed"]),
        ("12 r. de l’Industrie", "12 Rue de l’Industrie 59100 Roubaix", []),
        ("ZI Nord, 12 rue de la Place", "12 Rue de la Place 59100 Roubaix", []),
        ("12 Allées Paul-Riquet", "12 Allée Paul Riquet 59100 Roubaix", []),
        ("12 Bd. de la Gare", "12 BOULEVARD DE LA GARE 59100 Roubaix", []),
        ("ZI du Mail, 12 rue Haute", "12 Rue Haute 59100 Roubaix", []),
        ("12 rue Haute", "La Haute 69470 Cours", []),  # a town
        ("12 rue Haute", "12 Impasse Haute 69470 Cours", ["street-guessed"]),
        ("Le Sartel", "Rue du Sartel 59100 Roubaix", []),
        ("12 rue de la Mairie", "Le Bourg 59100 Roubaix", []),
        ("12 rue de l’Industrie prolongée", "12 Rue de l’Industrie 59100 Roubaix", ["street-guessed"]),
        ("12 rue de Lille", "12 Ancienne Rue de Lille 59100 Roubaix", ["street-guessed"]),
        ("12 Petite Rue", "12 Grande Rue 59100 Roubaix", ["street-guessed"]),
        ("12 rue du Port", "12 Rue du Port Prolongée 59100 Roubaix", ["street-guessed"]),
        ("Anc. Rte de Lille", "Ancienne Route de Lille 59100 Roubaix", []),
        ("12 gde rue", "12 Grand Rue 59100 Roubaix", []),
        ("12 Grand’Rue, bât. A", "12 Grande Rue 59100 Roubaix", []),
        ("12 rue Basse bâtiment A", "12 Rue Basse 59100 Roubaix", []),
        ("Grande Halle, 12 rue du Petit Port", "12 Rue du Petit Port 59100 Roubaix", []),
        ("Halle haute, 12 rue de Lille", "12 Rue de Lille 59100 Roubaix", []),
    ],
)
async def test_another_way_of_the_same_name_is_told_to_the_organiser(ask, door, typed, label, asked) -> None:
    found = door.model_copy(update={"matched_label": label})
    placed = await ask(found, address=ROUBAIX.model_copy(update={"street": typed}))
    assert doubts(placed) == asked
    for doubt in placed.location.doubts:
        assert f"« {label} »" in doubt.message


async def test_a_pin_outside_the_commune_is_not_believed_and_its_organiser_asked(ask, town) -> None:
    for longitude, latitude, far in (
        (2.35, 48.86, "212 km"),
        (3.1611, 50.7239, "3 km"),
    ):  # Paris; Tourcoing, next to it
        placed = await ask(town, pin=Position(longitude=longitude, latitude=latitude, is_confirmed=True))
        at = placed.location
        assert (at.longitude, at.latitude, at.is_confirmed) == (town.longitude, town.latitude, False)
        assert doubts(placed) == ["pin-elsewhere", "street-unknown"]
        assert at.doubts[0].message == (
            f"Le repère que vous avez posé, à {far} de l’adresse, est hors de la commune (Roubaix) : il n’est pas"
            " repris. Vérifiez l’adresse, reposez-le, ou dites que c’est bien là."
        )


async def test_a_pin_outside_the_commune_is_kept_once_its_organiser_has_said_so_twice(ask, town) -> None:
    tourcoing = {"longitude": 3.1611, "latitude": 50.7239, "is_confirmed": True, "is_confirmed_twice": True}
    placed = await ask(town, pin=Position(**tourcoing))
    at = placed.location
    assert (at.longitude, at.latitude, at.provider, doubts(placed)) == (3.1611, 50.7239, "organiser", [])
    assert at.commune_name == "Roubaix"
    assert dict(placed.whys)["pin"].endswith("outside Roubaix; they said so twice: kept")


async def test_a_second_word_without_the_first_is_none(ask, town) -> None:
    placed = await ask(town, pin=Position(longitude=3.1611, latitude=50.7239, is_confirmed_twice=True))
    assert placed.location.provider == "gazetteer"


UNKNOWN = ROUBAIX.model_copy(update={"city": "Parc du Sartel"})


async def test_an_address_that_nobody_knows_is_placed_by_its_pin_and_its_commune_is_asked_about(ask) -> None:
    pin = Position(longitude=3.1885, latitude=50.6961, is_confirmed=True)
    placed = await ask(None, address=UNKNOWN, pin=pin)
    at = placed.location
    assert (at.longitude, at.latitude, at.precision, at.provider) == (3.1885, 50.6961, "housenumber", "organiser")
    assert (at.commune_name, at.department_code, at.epci_code, at.score) == ("Roubaix", "59", "200093201", None)
    assert doubts(placed) == ["commune-guessed"]
    assert "« Roubaix »" in at.doubts[0].message


@pytest.mark.parametrize(
    "pin",
    [
        {"longitude": 2.35, "latitude": 48.86, "is_confirmed": True},  # in another department than the postcode tells
        {"longitude": 3.1885, "latitude": 50.6961},  # a program's guess
        {"longitude": 2.3, "latitude": 51.3, "is_confirmed": True},  # in the sea
    ],
)
async def test_an_address_that_nobody_knows_stays_unknown_where_its_pin_says_nothing(ask, pin) -> None:
    assert (await ask(None, address=UNKNOWN, pin=Position(**pin))).location is None


async def test_each_step_says_why_in_words_that_an_operator_reads(place) -> None:
    placed = await place(street="3 rue du Port", postcode="1000", city="Bourg en Bresse", commune_code=None)
    assert [tuple(why) for why in placed.whys] == [
        ("clean", "read as 01000 Bourg en Bresse"),
        ("commune", "Bourg-en-Bresse (01053), score 1.00: its name, and a postcode that serves it"),
        ("gazetteer", "municipality in Bourg-en-Bresse (01053), score 1.00"),
        ("pin", "the organiser put none"),
        ("judge", "told as municipality; the organiser is asked to look: street-unknown"),
        (
            "territory",
            "from commune 01053: department 01, region 84, EPCI 200071751,"
            " Territoire d'industrie Bassin de Bourg-en-Bresse, académie of Lyon, Europe/Paris",
        ),
    ]


async def test_no_why_repeats_the_street(place) -> None:
    placed = await place(street="3 rue du Port", postcode="59100", city="Roubaix", commune_code=None)
    assert "Port" not in str(placed.whys)
