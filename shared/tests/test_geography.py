"""What the geography of the platform says of real places."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from backbone.campaign.geography import (
    DEPARTMENTS,
    REGIONS,
    REVIEW_REGIONS,
    Department,
    department_of,
    timezone_at,
    timezone_of,
    timezone_of_commune,
)


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
        ("97743", "974"),  # CEDEX of Saint-Denis, of its airport and of others of Réunion
        ("97801", "974"),
        ("20501", "2A"),
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


@pytest.mark.parametrize(
    ("postcode", "commune", "zone"),
    [
        ("98742", "98731", "Pacific/Marquesas"),
        ("98740", "98718", "Pacific/Marquesas"),
        ("98747", "98756", "Pacific/Marquesas"),
        ("98796", "98723", "Pacific/Marquesas"),
        ("98755", "98719", "Pacific/Gambier"),
        ("98793", "98719", "Pacific/Gambier"),
        ("98714", "98735", "Pacific/Tahiti"),
        ("98750", "98739", "Pacific/Tahiti"),  # Raivavae: an INSEE code of the Marquesas reads like its postcode
        ("98790", "98711", "Pacific/Tahiti"),
        ("97500", "97502", "America/Miquelon"),
        ("97133", "97701", "America/St_Barthelemy"),
        ("98800", "98818", "Pacific/Noumea"),
        ("20200", "2B033", "Europe/Paris"),
        ("69003", "69123", "Europe/Paris"),
    ],
)
def test_a_postcode_and_its_commune_have_the_same_time(postcode, commune, zone) -> None:
    assert (timezone_at(postcode), timezone_of_commune(commune), ZoneInfo(zone).key) == (zone, zone, zone)


def test_a_postcode_of_no_department_has_no_time() -> None:
    assert [timezone_at(postcode) for postcode in ("00000", "98000", "6900", "")] == [None] * 4


def test_events_are_reviewed_in_the_regions_the_collectivities_overseas_and_online() -> None:
    assert set(REVIEW_REGIONS) == {*REGIONS, "975", "977", "978", "986", "987", "988", "00"}


def test_every_department_has_a_time_zone_that_exists() -> None:
    assert all(ZoneInfo(timezone_of(code)).key == timezone_of(code) for code in DEPARTMENTS)
    paris = {code for code in DEPARTMENTS if timezone_of(code) == "Europe/Paris"}
    assert paris == {code for code in DEPARTMENTS if len(code) == 2}
