"""What a commune is part of is had from its code, as INSEE, the DGCL and the ANCT have it."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from backbone.campaign.geography import DEPARTMENTS
from geocoding.academies import ACADEMIES
from geocoding.domain import centre
from geocoding.gazetteer import Gazetteer
from geocoding.territories import Territories

ANALYSTS = Path(__file__).parents[3] / "docs" / "analysts" / "territories"


@pytest.fixture(scope="module")
def told(gazetteer: Gazetteer):
    territories = Territories.load()

    def of(code: str) -> tuple[str | None, str | None, str | None]:
        commune = gazetteer.by_code(code)
        assert commune is not None
        location = territories.told(centre(commune, "gazetteer", 1.0))
        return location.epci_code, location.industry_territory, location.academy

    return of


@pytest.mark.parametrize(
    ("code", "part_of"),
    [
        ("71153", ("247100290", "Bourgogne Industrie", "Dijon")),  # Le Creusot
        ("92036", ("200054781", "Boucle Nord de Seine", "Versailles")),  # Gennevilliers, by its part of Greater Paris
        ("69382", ("200046977", None, "Lyon")),  # an arrondissement is Lyon's
        ("97411", ("249740119", None, "La Réunion")),
        ("97801", (None, None, "Guadeloupe")),  # Saint-Martin: a collectivity is of no group
        ("98818", (None, None, None)),  # Nouméa
        ("29155", (None, None, "Rennes")),  # Ouessant: one of four islands that are of no group
    ],
)
def test_a_commune_is_part_of_its_group_its_industrial_territory_and_its_academy(told, code, part_of) -> None:
    assert told(code) == part_of


def test_nothing_else_of_a_location_is_changed(gazetteer: Gazetteer) -> None:
    commune = gazetteer.by_code("71153")
    assert commune is not None
    found = centre(commune, "gazetteer", 0.9)
    part_of = {"epci_code", "industry_territory", "academy"}
    assert Territories.load().told(found).model_dump(exclude=part_of) == found.model_dump(exclude=part_of)


def test_every_department_is_of_one_academy_but_where_there_is_none() -> None:
    assert {code for code in DEPARTMENTS if code not in ACADEMIES} == {"975", "986", "987", "988"}
    assert set(ACADEMIES) <= set(DEPARTMENTS)
    assert len(set(ACADEMIES.values())) == 30


def test_who_reads_the_topic_and_who_reads_the_analysts_table_count_the_same_events(told, gazetteer: Gazetteer) -> None:
    with (ANALYSTS / "territoires-industrie.csv").open(newline="") as file:
        names = {row["id"]: row["name"] for row in csv.DictReader(file)}
    with gzip.open(ANALYSTS / "communes.csv.gz", "rt", newline="") as file:
        listed = {row["commune_code"]: names[row["territory_id"]] for row in csv.DictReader(file)}
    communes = {commune.code for commune in gazetteer.communes()}
    assert {code: told(code)[1] for code in communes} == {code: listed.get(code) for code in communes}
    assert len(names) == len(set(names.values())) == 183


def test_all_of_metropolitan_france_but_four_islands_is_of_a_group(told, gazetteer: Gazetteer) -> None:
    alone = {c.code for c in gazetteer.communes() if told(c.code)[0] is None and not c.department.startswith("9")}
    assert alone == {"22016", "29083", "29155", "85113"}  # Bréhat, Sein, Ouessant, Yeu
