"""Whether a pin is in the commune: where the box and the shape are known, and where they are not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backbone.contracts import Position
from geocoding.boundaries import Boundaries
from geocoding.gazetteer import Gazetteer


@pytest.fixture
def is_in(gazetteer: Gazetteer) -> Callable[[float, float, str], bool]:
    """Whether a point (longitude, latitude) is in the commune of this code."""

    def ask(longitude: float, latitude: float, code: str) -> bool:
        commune = gazetteer.by_code(code)
        assert commune
        return Boundaries.load().hold(commune, Position(longitude=longitude, latitude=latitude))

    return ask


def test_every_commune_but_three_holds_its_own_middle(gazetteer: Gazetteer) -> None:
    boundaries = Boundaries.load()
    middles = ((one, Position(longitude=one.longitude, latitude=one.latitude)) for one in gazetteer.communes())
    outside = [one.name for one, middle in middles if not boundaries.hold(one, middle)]
    # the middle of whose box is a neighbour's: in a bend of the Seine, in a forest, in an enclave
    assert outside == ["Coyolles", "Chêne-Sec", "L'Île-Saint-Denis"]


@pytest.mark.parametrize(
    ("longitude", "latitude", "code", "where"),
    [
        (3.1885, 50.6961, "59512", "Roubaix, a gate of a works"),
        (2.2945, 48.8584, "75056", "Paris, the Eiffel tower"),
        (-2.1990, 47.2807, "44184", "Saint-Nazaire, the shipyard, by the water"),
        (4.9449, 43.4333, "13039", "Fos-sur-Mer, the steel works"),
        (55.4507, -20.8790, "97411", "Saint-Denis of La Réunion"),
        (-52.3346, 4.9389, "97302", "Cayenne, whose box of 2017 is wrong"),
        (-149.5690, -17.5390, "98735", "Papeete, which has no box"),
        (-62.8333, 17.9, "97701", "Saint-Barthélemy"),
        (8.7369, 41.9267, "2A004", "Ajaccio"),
    ],
)
def test_a_pin_where_the_works_are_is_in_the_commune(is_in, longitude, latitude, code, where) -> None:
    assert is_in(longitude, latitude, code), where


@pytest.mark.parametrize(
    ("longitude", "latitude", "code", "where"),
    [
        (3.1611, 50.7239, "59512", "the middle of Tourcoing is not in Roubaix"),
        (2.3522, 48.8566, "59512", "Paris"),
        (50.6961, 3.1885, "59512", "exchanged"),
        (-55.4507, -20.8790, "97411", "the wrong side of the globe"),
        (-149.5690, -17.5390, "98711", "Tahiti is not in Anaa"),
        (0.0, 0.0, "75056", "nowhere"),
    ],
)
def test_a_pin_somewhere_else_is_not(is_in, longitude, latitude, code, where) -> None:
    assert not is_in(longitude, latitude, code), where


def test_what_is_in_the_box_and_across_the_border_of_the_department_is_not_in_the_commune(is_in) -> None:
    # of Avignon's box the north-west is across the Rhône, in Gard
    assert is_in(4.8055, 43.9493, "84007"), "the palace of the popes"
    assert not is_in(4.739, 43.997, "84007")


def test_what_is_in_no_department_is_the_sea_s_edge_and_the_box_alone_tells(is_in) -> None:
    assert is_in(-4.8493, 48.0372, "29083"), "Île-de-Sein, which the shapes leave out"
    assert not is_in(-4.7, 48.0372, "29083")


def test_a_gate_across_the_road_is_in_the_commune_and_one_a_mile_away_is_not() -> None:
    here, next_to_it = "2.0 48.0 2.1 48.0 2.1 48.1 2.0 48.1 2.0 48.0", "2.1 48.0 3.0 48.0 3.0 48.1 2.1 48.1 2.1 48.0"
    both = Boundaries([], [f"00,{here}", f"01,{next_to_it}"])
    inside, across, away = (Position(longitude=2.1 + east, latitude=48.05) for east in (-0.01, 0.005, 0.021))
    assert [both.hold_in_department("00", at) for at in (inside, across, away)] == [True, True, False]


def test_an_enclave_is_the_other_department_s_and_an_island_one_s_own() -> None:
    land, enclave = "2.0 48.0 3.0 48.0 3.0 49.0 2.0 49.0 2.0 48.0", "2.4 48.4 2.6 48.4 2.6 48.6 2.4 48.6 2.4 48.4"
    island = "5.0 48.0 5.1 48.0 5.1 48.1 5.0 48.1 5.0 48.0"
    shapes = Boundaries([], [f"00,{land};{enclave};{island}", f"01,{enclave}"])
    points = ((2.2, 48.2), (2.5, 48.5), (5.05, 48.05))
    said = [shapes.hold_in_department("00", Position(longitude=x, latitude=y)) for x, y in points]
    assert said == [True, False, True]
