"""What the geography of the platform says of real places."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from backbone.geography import DEPARTMENTS, REGIONS, Department, department_of, timezone_of


@pytest.mark.parametrize(
    ("postcode", "department"),
    [
        ("69001", "69"),
        ("01000", "01"),
        ("75116", "75"),
        ("59047", "59"),
        ("20000", "2A"),
        ("20137", "2A"),
        ("20200", "2B"),
        ("20600", "2B"),
        ("97110", "971"),
        ("97133", "977"),
        ("97150", "978"),
        ("97400", "974"),
        ("97500", "975"),
        ("97600", "976"),
        ("98600", "986"),
        ("98714", "987"),
        ("98800", "988"),
    ],
)
def test_a_postcode_names_its_department(postcode: str, department: str) -> None:
    assert department_of(postcode) == department


@pytest.mark.parametrize("postcode", ["98000", "00100", "99999", "20900", "98799x", "6900", "6900A", ""])
def test_monaco_the_army_and_misprints_are_in_no_department(postcode: str) -> None:
    assert department_of(postcode) is None


def test_there_are_101_departments_in_18_regions_and_six_inhabited_collectivities() -> None:
    outside = {code for code, department in DEPARTMENTS.items() if department.region not in REGIONS}
    assert outside == {"975", "977", "978", "986", "987", "988"}
    assert len(DEPARTMENTS) - len(outside) == 101
    assert len(REGIONS) == 18
    assert {d.region for d in DEPARTMENTS.values()} - outside == set(REGIONS)


def test_names_are_the_official_ones() -> None:
    assert DEPARTMENTS["974"] == Department("974", "La Réunion", "04")
    assert DEPARTMENTS["2A"] == Department("2A", "Corse-du-Sud", "94")
    assert DEPARTMENTS["90"] == Department("90", "Territoire de Belfort", "27")
    assert REGIONS["93"] == "Provence-Alpes-Côte d'Azur"
    assert REGIONS["11"] == "Île-de-France"


def test_the_time_is_that_of_the_place() -> None:
    assert timezone_of("69") == "Europe/Paris"
    assert timezone_of("974") == "Indian/Reunion"
    assert timezone_of("971") == "America/Guadeloupe"


def test_every_department_has_a_time_zone_that_exists() -> None:
    assert all(ZoneInfo(timezone_of(code)).key == timezone_of(code) for code in DEPARTMENTS)
    paris = {code for code in DEPARTMENTS if timezone_of(code) == "Europe/Paris"}
    assert paris == {code for code in DEPARTMENTS if len(code) == 2}
