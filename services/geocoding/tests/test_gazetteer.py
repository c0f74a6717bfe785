"""What the gazetteer makes of addresses as people write them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from backbone.campaign.geography import DEPARTMENTS
from backbone.contracts import Address, Location, Position
from geocoding.boundaries import Boundaries
from geocoding.gazetteer import GUESSES, Gazetteer, Way
from geocoding.names import fold


def where(gazetteer: Gazetteer, city: str, postcode: str) -> str | None:
    found = gazetteer.find(Address(city=city, postcode=postcode))
    return None if found is None else found.commune.code


def rows_of(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((Path(__file__).parent / name).open(newline="", encoding="utf-8")))


def test_every_commune_is_found_by_its_name_and_each_of_its_postcodes(gazetteer: Gazetteer) -> None:
    pairs = [(commune, postcode) for commune in gazetteer.communes() for postcode in commune.postcodes]
    assert [
        (commune.name, postcode)
        for commune, postcode in pairs
        if where(gazetteer, commune.name, postcode) != commune.code
    ] == []
    assert len(pairs) > 35_000


def test_every_commune_is_found_in_the_capitals_of_a_form(gazetteer: Gazetteer) -> None:
    def capitals(name: str) -> str:
        return re.sub(r"\bSAINT\b", "ST", fold(name).upper())

    assert [
        commune.name
        for commune in list(gazetteer.communes())[::7]
        if where(gazetteer, capitals(commune.name), commune.postcodes[0]) != commune.code
    ] == []


@pytest.mark.parametrize(
    ("city", "postcode", "commune"),
    [
        ("saint martin d heres", "38400", "38421"),
        ("ST-MARTIN-D’HÈRES", "38400", "38421"),
        ("Ste Rose", "97439", "97419"),
        ("L'Hay les Roses", "94240", "94038"),
        ("Havre (Le)", "76600", "76351"),
        ("Creusot", "71200", "71153"),
        ("Vandoeuvre-lez-Nancy", "54500", "54547"),
        ("Clichy s/s Bois", "93390", "93014"),
        ("Villeneuve s/ Lot", "47300", "47323"),
        ("Lyon 7e", "69007", "69123"),
        ("Lyon CEDEX 03", "69003", "69123"),
        ("Paris 13ème arrondissement", "75013", "75056"),
        ("PARIS 16", "75116", "75056"),
        ("Marseille 02", "13002", "13055"),
        ("Saint-Martin", "97150", "97801"),
        ("Nouméa", "98800", "98818"),
    ],
)
def test_a_name_is_known_however_it_is_spelt(gazetteer: Gazetteer, city: str, postcode: str, commune: str) -> None:
    assert where(gazetteer, city, postcode) == commune


def test_awkward_addresses_lead_to_their_commune(gazetteer: Gazetteer) -> None:
    awkward = rows_of("awkward_addresses.csv")
    found = {
        (a["city"], a["postcode"]): gazetteer.find(Address(city=a["city"], postcode=a["postcode"])) for a in awkward
    }
    assert {
        key: hit and hit.commune.name
        for (key, hit), address in zip(found.items(), awkward, strict=True)
        if hit is None or hit.commune.name != address["commune"]
    } == {}
    assert len(awkward) >= 459


def test_an_address_that_names_no_one_commune_is_placed_nowhere_or_as_a_guess(gazetteer: Gazetteer) -> None:
    nowhere = rows_of("nowhere_addresses.csv")
    assert {
        (a["city"], a["why"]): (hit.commune.name, hit.way)
        for a in nowhere
        if (hit := gazetteer.find(Address(city=a["city"], postcode=a["postcode"]))) and hit.way not in GUESSES
    } == {}
    assert len(nowhere) >= 27


@pytest.mark.parametrize(
    ("city", "postcode", "commune"),
    [("Lyon", "69100", "69123"), ("Roubaix", "59200", "59512"), ("Paris", "75099", "75056")],
)
def test_the_only_such_name_of_the_department_is_a_guess_whatever_the_postcode(
    gazetteer: Gazetteer, city: str, postcode: str, commune: str
) -> None:
    found = gazetteer.find(Address(city=city, postcode=postcode))
    assert found is not None
    assert (found.commune.code, found.score < 1) == (commune, True)


def test_every_former_name_leads_to_the_commune_of_today_or_nowhere(gazetteer: Gazetteer) -> None:
    former = dict(gazetteer.other_names())
    # where two communes of a postcode share a former name, none of them is guessed
    wrong = [
        (name, code)
        for name, code in list(former.items())[::11]
        if (commune := gazetteer.by_code(code)) is not None
        and where(gazetteer, name, commune.postcodes[0]) not in {code, None}
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("city", "postcode", "commune"),
    [
        ("Lille CEDEX", "59047", "59350"),
        ("Toulouse CEDEX 9", "31062", "31555"),
        ("Bastia CEDEX 9", "20411", "2B033"),
        ("Paris", "75000", "75056"),
        ("Cherbourg CEDEX", "50108", "50129"),
        ("SAINT DENIS CEDEX 9", "97743", "97411"),
    ],
)
def test_business_mail_is_found_by_its_department(gazetteer: Gazetteer, city: str, postcode: str, commune: str) -> None:
    assert where(gazetteer, city, postcode) == commune


@pytest.mark.parametrize(
    ("city", "postcode", "commune"),
    [
        ("Annecy-le-Vieux", "74940", "74010"),
        ("Évry", "91000", "91228"),
        ("Cherbourg", "50100", "50129"),
        ("Bellegarde-sur-Valserine", "01200", "01033"),
        ("Pierrefitte-sur-Seine", "93380", "93066"),
        ("Paris La Défense", "92400", "92026"),
        ("La Défense", "92800", "92062"),
    ],
)
def test_former_communes_and_quarters_lead_to_the_commune_of_today(
    gazetteer: Gazetteer, city: str, postcode: str, commune: str
) -> None:
    assert where(gazetteer, city, postcode) == commune


def test_the_first_words_of_the_only_such_name_are_enough(gazetteer: Gazetteer) -> None:
    assert where(gazetteer, "Ponteils", "30450") == "30201"
    assert where(gazetteer, "Château-Chinon", "58120") is None  # la Ville or la Campagne
    assert where(gazetteer, "Saint", "38400") is None


def test_a_slip_of_the_pen_is_forgiven_with_less_confidence(gazetteer: Gazetteer) -> None:
    found = gazetteer.find(Address(city="Grenobel", postcode="38000"))
    assert found is not None
    assert (found.commune.code, round(found.score, 2)) == ("38185", 0.88)


def swapped(name: str, at: int) -> str:
    return name[:at] + name[at : at + 2][::-1] + name[at + 2 :]


def missing(name: str, at: int) -> str:
    return name[:at] + name[at + 1 :]


def doubled(name: str, at: int) -> str:
    return name[:at] + name[at] + name[at:]


def wrong(name: str, at: int) -> str:
    return name[:at] + ("e" if name[at] != "e" else "a") + name[at + 1 :]


@pytest.mark.parametrize("slip", [swapped, missing, doubled, wrong])
def test_a_slip_anywhere_in_a_name_finds_its_commune_and_never_another(
    gazetteer: Gazetteer, slip: Callable[[str, int], str]
) -> None:
    luck = Random(5)
    asked = luck.sample([c for c in gazetteer.communes() if len(c.name) > 3], 600)
    found = []
    for commune in asked:
        at = luck.choice([i for i in range(len(commune.name) - 1) if commune.name[i : i + 2].isalpha()])
        code = where(gazetteer, slip(commune.name, at), commune.postcodes[0])
        found.append((commune.code, code))
    assert [(right, code) for right, code in found if code not in (right, None)] == []
    assert sum(code is not None for _, code in found) >= 0.98 * len(asked)


@pytest.mark.parametrize(
    ("city", "commune_code", "commune"),
    [
        ("Vénissieux", "69259", "69259"),
        ("Parc technologique, bâtiment C", "69259", "69259"),  # the list was used, the name says something else
        ("Saint-Fons", "69259", "69199"),  # retyped after the choice, and a commune of that very postcode
        ("Parc technologique, bâtiment C", "33063", None),  # of another department than the postcode
        ("Parc technologique, bâtiment C", "00000", None),
    ],
)
def test_the_code_chosen_from_a_list_is_believed_where_name_and_postcode_do_not_deny_it(
    gazetteer: Gazetteer, city: str, commune_code: str, commune: str | None
) -> None:
    postcode = "69190" if commune == "69199" else "69200"
    found = gazetteer.find(Address(city=city, postcode=postcode, commune_code=commune_code))
    assert (found and found.commune.code) == commune


@pytest.mark.parametrize(
    ("city", "postcode"),
    [
        ("Lyon", "33000"),
        ("Saint-Denis", "97300"),
        ("Paris La Défense CEDEX", "92081"),  # three communes share that quarter
        ("Zone industrielle", "59100"),
        ("Lyon Part-Dieu", "33000"),
        ("Saint-Pierre Centre", "44000"),
        ("BP 40", "44150"),
        ("(Loire)", "42000"),
        ("Paris Centre", "69001"),
        ("CEDEX", "59100"),
        ("", "59100"),
        ("Monaco", "98000"),
        ("Les Tilleuls-sur-Thaon", "14610"),  # no more in Thaon than Boulogne is in a sea
    ],
)
def test_what_name_and_postcode_do_not_say_together_is_nowhere(gazetteer: Gazetteer, city: str, postcode: str) -> None:
    assert where(gazetteer, city, postcode) is None


def test_a_name_that_another_commune_of_the_department_bears_is_no_slip_of_the_pen() -> None:
    gazetteer = Gazetteer(
        [
            "60001,Saint-Martin-le-Vieux,60100,10,60,32,2.1,49.1,900",
            "60002,Saint-Martin-les-Vieux,60200,10,60,32,2.2,49.2,900",
        ]
    )
    assert where(gazetteer, "Saint-Martin-la-Vieux", "60100") == "60001"
    found = gazetteer.find(Address(city="Saint-Martin-les-Vieux", postcode="60100"))
    assert found is not None
    assert (found.commune.code, found.way) == ("60002", Way.AT_ANOTHER_POSTCODE)


async def test_a_commune_is_a_point_with_a_radius(gazetteer: Gazetteer) -> None:
    assert (await gazetteer.locate(Address(city="Le Creusot", postcode="71200"))).location == Location(
        longitude=4.4163,
        latitude=46.8071,
        precision="municipality",
        radius_m=4_130,
        commune_code="71153",
        commune_name="Le Creusot",
        department_code="71",
        region_code="27",
        timezone="Europe/Paris",
        provider="gazetteer",
        vintage="2026",
        score=1.0,
    )


def test_every_commune_where_somebody_lives_has_a_place(gazetteer: Gazetteer) -> None:
    communes = Counter(commune.department for commune in gazetteer.communes())
    # INSEE's 34 969, without the five of the Terres australes (984) and Clipperton (989)
    assert communes.total() == 34_963
    assert {code: communes[code] for code in ("975", "977", "978", "984", "986", "987", "988", "989")} == {
        "975": 2,
        "977": 1,
        "978": 1,
        "984": 0,
        "986": 3,
        "987": 48,
        "988": 33,
        "989": 0,
    }


@pytest.mark.parametrize(
    ("city", "postcode", "hours"),
    [
        ("Papeete", "98714", -10),
        ("Rangiroa", "98775", -10),
        ("Fatu-Hiva", "98740", -9.5),
        ("Hiva-Oa", "98741", -9.5),
        ("Nuku-Hiva", "98742", -9.5),
        ("Tahuata", "98743", -9.5),
        ("Ua-Huka", "98744", -9.5),
        ("Ua-Pou", "98745", -9.5),
        ("Gambier", "98755", -9),
    ],
)
async def test_clocks_in_the_marquesas_are_half_an_hour_ahead_of_tahiti_and_in_the_gambier_an_hour(
    gazetteer: Gazetteer, city: str, postcode: str, hours: float
) -> None:
    found = (await gazetteer.locate(Address(city=city, postcode=postcode))).location
    assert found is not None
    assert (found.commune_name, found.department_code) == (city, "987")
    there = datetime(2026, 11, 18, tzinfo=ZoneInfo(found.timezone)).utcoffset()
    assert there == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("citycode", "commune"),
    [
        ("75113", "75056"),
        ("69382", "69123"),
        ("13201", "13055"),
        ("2A004", "2A004"),
        ("97411", "97411"),
        ("74011", "74010"),  # Annecy-le-Vieux, of Annecy since 2017
        ("93059", "93066"),  # Pierrefitte-sur-Seine, of Saint-Denis since 2025
        ("15035", "15035"),  # Chalinargues was merged, and stands again
    ],
)
def test_an_insee_code_leads_to_its_commune_an_arrondissement_to_its_city_and_a_merged_one_to_today_s(
    gazetteer: Gazetteer, citycode: str, commune: str
) -> None:
    found = gazetteer.by_code(citycode)
    assert found is not None
    assert found.code == commune


@pytest.mark.parametrize("citycode", ["99999", "", "7505", "13"])
def test_a_code_of_no_commune_leads_nowhere(gazetteer: Gazetteer, citycode: str) -> None:
    assert gazetteer.by_code(citycode) is None


def test_every_commune_is_in_a_department_and_region_that_the_platform_knows(gazetteer: Gazetteer) -> None:
    communes = list(gazetteer.communes())
    assert [c for c in communes if DEPARTMENTS[c.department].region != c.region] == []
    assert {c.department for c in communes} == set(DEPARTMENTS)
    assert [c for c in communes if c.radius_m <= 0 or not c.postcodes] == []
    assert sum(c.population for c in communes) > 68_000_000


async def test_an_address_of_an_arrondissement_is_in_the_middle_of_it_and_in_the_city(gazetteer):
    asked = {
        ("Paris 13e", "75013"): (2.3656, 48.8303, "Paris 13e Arrondissement", "75056"),
        ("PARIS", "75116"): (2.2630, 48.8572, "Paris 16e Arrondissement", "75056"),
        ("Lyon", "69003"): (4.8685, 45.7514, "Lyon 3e Arrondissement", "69123"),
        ("Marseille 8ème", "13008"): (5.3256, 43.2150, "Marseille 8e Arrondissement", "13055"),
    }
    for (city, postcode), expected in asked.items():
        at, _ = await gazetteer.locate(Address(city=city, postcode=postcode))
        assert (at.longitude, at.latitude, at.matched_label, at.commune_code) == expected
        assert at.commune_name in ("Paris", "Lyon", "Marseille")
        assert at.radius_m < gazetteer.by_code(at.commune_code).radius_m / 2


async def test_where_the_postcode_tells_no_arrondissement_the_city_is_the_place(gazetteer):
    for city, postcode in (("Paris", "75000"), ("Paris CEDEX 13", "75634"), ("Bordeaux", "33000")):
        at, _ = await gazetteer.locate(Address(city=city, postcode=postcode))
        city = gazetteer.by_code(at.commune_code)
        assert (at.longitude, at.latitude, at.radius_m) == (city.longitude, city.latitude, city.radius_m)
        assert at.matched_label is None


def test_every_postcode_of_the_three_cities_has_its_arrondissement_within_the_city(gazetteer):
    names = set()
    for code in ("75056", "69123", "13055"):
        city = gazetteer.by_code(code)
        for postcode in city.postcodes:
            there, name = gazetteer.narrowed(city, postcode)
            names.add(name)
            at = Position(longitude=there.longitude, latitude=there.latitude)
            assert Boundaries.load().hold(city, at), name
    assert len(names) == 45
