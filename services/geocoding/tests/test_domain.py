"""What a hit is worth, and who is asked first."""

from __future__ import annotations

import pytest

from backbone.contracts import Address, Location, Precision
from geocoding.domain import (
    Commune,
    Hit,
    centre,
    is_finer,
    judged,
    precision_of,
)

ROUBAIX = Commune("59512", "Roubaix", ("59100",), 98_286, "59", "32", 3.1818, 50.6908, 4_000)
LILLE = Commune("59350", "Lille", ("59000", "59800"), 238_246, "59", "32", 3.0573, 50.6305, 7_000)
TOURCOING = Commune("59599", "Tourcoing", ("59200",), 98_772, "59", "32", 3.1611, 50.7239, 4_500)
SAINT_DENIS = Commune("97411", "Saint-Denis", ("97400",), 155_634, "974", "04", 55.4504, -20.8823, 14_000)

AT_ROUBAIX = Address(street="12 rue de l'Industrie", postcode="59100", city="Roubaix")


@pytest.mark.parametrize(
    ("kind", "score", "precision"),
    [
        ("housenumber", 0.7, Precision.HOUSENUMBER),
        ("housenumber", 0.69, Precision.MUNICIPALITY),
        ("street", 0.6, Precision.STREET),
        ("street", 0.59, Precision.MUNICIPALITY),
        ("locality", 0.6, Precision.LOCALITY),
        ("locality", 0.59, Precision.MUNICIPALITY),
        ("municipality", 0.97, Precision.MUNICIPALITY),
        ("poi", 0.97, Precision.MUNICIPALITY),
    ],
)
def test_a_hit_is_as_fine_as_its_score_bears(kind: str, score: float, precision: Precision) -> None:
    assert precision_of(kind, score) == precision


def test_a_good_hit_is_the_door_itself() -> None:
    hit = Hit("housenumber", 0.92, "59512", 3.1751, 50.6923)
    assert judged(hit, ROUBAIX, AT_ROUBAIX, ROUBAIX).location == Location(
        longitude=3.1751,
        latitude=50.6923,
        precision="housenumber",
        commune_code="59512",
        commune_name="Roubaix",
        department_code="59",
        region_code="32",
        timezone="Europe/Paris",
        provider="ban",
        score=0.92,
    )


def test_a_weak_hit_in_the_declared_commune_tells_the_commune_with_its_radius() -> None:
    hit = Hit("street", 0.435, "59512", 3.1751, 50.6923)
    assert judged(hit, ROUBAIX, AT_ROUBAIX, ROUBAIX).location == centre(ROUBAIX, "ban", 0.435)
    assert centre(ROUBAIX, "ban", 0.435).radius_m == 4_000


def test_a_street_that_is_not_believed_is_not_told_as_what_the_address_was_taken_for() -> None:
    weak = Hit("housenumber", 0.52, "59512", 3.1751, 50.6923, "12 Rue de l’Industrie 59100 Roubaix")
    known = Hit("municipality", 0.44, "59512", 3.1751, 50.6923, "Roubaix")
    found = [judged(hit, ROUBAIX, AT_ROUBAIX, ROUBAIX).location for hit in (weak, known)]
    assert [at and (at.precision, at.matched_label) for at in found] == [
        ("municipality", None),
        ("municipality", "Roubaix"),
    ]


def test_a_weak_hit_in_another_commune_is_not_believed() -> None:
    assert judged(Hit("street", 0.435, "59599", 3.16, 50.72), TOURCOING, AT_ROUBAIX, ROUBAIX).location is None


def test_a_weak_hit_is_believed_by_its_postcode_where_the_name_says_nothing() -> None:
    address = Address(postcode="59100", city="Zone industrielle")
    assert judged(Hit("street", 0.5, "59512", 3.17, 50.69), ROUBAIX, address, None).location == centre(
        ROUBAIX, "ban", 0.5
    )
    assert judged(Hit("street", 0.5, "59350", 3.05, 50.63), LILLE, address, None).location is None


def test_a_hit_in_another_department_is_somewhere_else_of_the_same_name() -> None:
    address = Address(street="1 place de la Mairie", postcode="93200", city="Saint-Denis")
    assert judged(Hit("housenumber", 0.95, "97411", 55.45, -20.88), SAINT_DENIS, address, None).location is None


@pytest.mark.parametrize(
    ("hit", "commune", "declared", "said"),
    [
        (("housenumber", 0.92, "59512"), ROUBAIX, ROUBAIX, "housenumber « 12 Rue X » in Roubaix (59512), score 0.92"),
        (
            ("housenumber", 0.55, "59512"),
            ROUBAIX,
            ROUBAIX,
            "housenumber « 12 Rue X » in Roubaix (59512), score 0.55, below 0.70: taken at the commune",
        ),
        (("municipality", 0.44, "59512"), ROUBAIX, None, "municipality « 12 Rue X » in Roubaix (59512), score 0.44"),
        (
            ("housenumber", 0.95, "97411"),
            SAINT_DENIS,
            ROUBAIX,
            "its best hit is not believed: housenumber « 12 Rue X » in Saint-Denis (97411), score 0.95, which is in"
            " department 974, not 59",
        ),
        (
            ("street", 0.43, "59599"),
            TOURCOING,
            ROUBAIX,
            "its best hit is not believed: street « 12 Rue X » in Tourcoing (59599), score 0.43, below 0.60, and the"
            " declared commune is Roubaix (59512)",
        ),
        (
            ("municipality", 0.97, "59350"),
            LILLE,
            None,
            "its best hit is not believed: municipality « 12 Rue X » in Lille (59350), score 0.97, in a commune that"
            " 59100 does not serve",
        ),
    ],
    ids=["a door", "a weak door", "a commune", "elsewhere", "a weak street in the next commune", "the next commune"],
)
def test_what_is_made_of_a_hit_is_told_to_the_operator(
    hit: tuple[str, float, str], commune: Commune, declared: Commune | None, said: str
) -> None:
    assert judged(Hit(*hit, 3.17, 50.69, "12 Rue X"), commune, AT_ROUBAIX, declared).why == said


def test_a_hit_for_a_postcode_of_no_department_is_told_to_the_operator() -> None:
    abroad = Address(postcode="98000", city="Monaco")
    assert judged(Hit("street", 0.9, "59512", 3.17, 50.69), ROUBAIX, abroad, None).why == (
        "its best hit is not believed: street in Roubaix (59512), score 0.90, which is in department 59, and its"
        " postcode names none"
    )


def test_a_commune_served_from_the_next_department_is_not_somewhere_else() -> None:
    claret = Commune("04058", "Claret", ("05110",), 276, "04", "93", 5.9531, 44.3697, 4_000)
    address = Address(street="Le Village", postcode="05110", city="Claret")
    location = judged(Hit("locality", 0.8, "04058", 5.95, 44.37), claret, address, claret).location
    assert location is not None
    assert (location.precision, location.department_code) == ("locality", "04")


def test_business_mail_is_placed_by_its_department() -> None:
    address = Address(street="12 rue Nationale", postcode="59047", city="Lille CEDEX")
    location = judged(Hit("housenumber", 0.8, "59350", 3.06, 50.63), LILLE, address, LILLE).location
    assert location is not None
    assert location.precision == "housenumber"


def test_a_place_is_finer_than_a_coarser_one_and_than_none_that_a_later_release_names():
    commune = centre(ROUBAIX, "gazetteer", 1)
    door, later = (commune.model_copy(update={"precision": name}) for name in ("housenumber", "entrance"))
    assert is_finer(door, commune)
    assert not is_finer(commune, door)
    assert not is_finer(door, door)
    assert not is_finer(door, later)
