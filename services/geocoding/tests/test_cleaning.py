"""What is put right of an address as it was typed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backbone.contracts import Address
from geocoding.cleaning import cleaned, read_address, whole_postcode
from geocoding.gazetteer import Gazetteer
from geocoding.names import fold, readings

CITIES = st.text(min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("postcode", "city", "wanted"),
    [
        ("59100", "Roubaix", ("59100", "Roubaix")),
        ("F-67000", "Strasbourg", ("67000", "Strasbourg")),
        ("33 000", "Bordeaux", ("33000", "Bordeaux")),
        ("1000", "Bourg-en-Bresse", ("01000", "Bourg-en-Bresse")),
        ("Roubaix", "59100", ("59100", "Roubaix")),
        ("", "59100 Roubaix", ("59100", "Roubaix")),
        ("Roubaix", "59100 Roubaix", ("59100", "Roubaix")),
        ("59100 Roubaix", "Roubaix", ("59100", "Roubaix")),
        ("Roubaix (59100)", "Nord", ("59100", "Roubaix")),
        ("SW1A 1AA", "London", ("SW1A 1AA", "London")),
        ("123", "Nulle part", ("123", "Nulle part")),
    ],
)
def test_what_was_typed_in_the_wrong_place_is_put_right(postcode: str, city: str, wanted: tuple[str, str]) -> None:
    right = cleaned(Address.model_construct(street=None, postcode=postcode, city=city, commune_code=None))
    assert (right.postcode, right.city) == wanted


@pytest.mark.parametrize(
    ("postcode", "city", "commune"),
    [("Roubaix", "59100", "59512"), ("1000", "Bourg en Bresse", "01053"), ("F-67 000", "STRASBOURG", "67482")],
)
def test_such_addresses_lead_to_their_commune(gazetteer: Gazetteer, postcode: str, city: str, commune: str) -> None:
    found = gazetteer.find(Address.model_construct(street=None, postcode=postcode, city=city, commune_code=None))
    assert found is not None
    assert found.commune.code == commune


@given(postcode=st.from_regex(r"[0-9]{5}", fullmatch=True), city=CITIES)
def test_a_whole_postcode_and_its_city_stay_as_they_were_typed(postcode: str, city: str) -> None:
    address = Address(postcode=postcode, city=city)
    assert cleaned(address) == address


@given(postcode=st.text(max_size=30), city=CITIES)
def test_what_is_clean_is_not_cleaned_again_and_nothing_is_lost(postcode: str, city: str) -> None:
    right = cleaned(Address.model_construct(street="1 rue", postcode=postcode, city=city, commune_code=None))
    assert cleaned(right) == right
    assert right.street == "1 rue"
    assert right.city
    assert set(re.findall(r"\d", right.postcode)) <= set(re.findall(r"\d", f"{postcode} {city} 0"))


@given(st.text(max_size=30))
def test_a_postcode_that_is_read_has_five_digits(typed: str) -> None:
    read = whole_postcode(typed)
    assert read is None or re.fullmatch(r"[0-9]{5}", read)


@given(CITIES)
def test_a_name_that_is_folded_folds_to_itself(city: str) -> None:
    for name in (fold(city), *readings(city)):
        assert re.fullmatch(r"[a-z]+(?: [a-z]+)*|", name)
        assert fold(name) == name or name.split()[0] in {"le", "la", "les", "l"}


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("12 rue de l’Industrie, 59100 Roubaix", ("12 rue de l’Industrie", "59100", "Roubaix")),
        ("12 rue de l’Industrie 59100 ROUBAIX CEDEX 1", ("12 rue de l’Industrie", "59100", "ROUBAIX CEDEX 1")),
        ("12, rue Nationale, Roubaix 59 100", ("12, rue Nationale", "59100", "Roubaix")),
        ("Roubaix 59100", (None, "59100", "Roubaix")),
        ("BP 60000, 33000 Bordeaux", ("BP 60000", "33000", "Bordeaux")),
        ("59000 CS 50007 Lille", (None, "59000", "CS 50007 Lille")),
        ("2 rue Haute, 59200 TOURCOING (59200)", ("2 rue Haute", "59200", "TOURCOING (59200)")),
        ("TOURCOING (59200)", (None, "59200", "TOURCOING")),
        ("F-67000 Strasbourg", (None, "67000", "Strasbourg")),
        ("1 rue du Bœuf, FR - 67000 Strasbourg", ("1 rue du Bœuf", "67000", "Strasbourg")),
        ("1 impasse des Lilas 1000 Bourg en Bresse", ("1 impasse des Lilas", "01000", "Bourg en Bresse")),
        ("3 quai des États-Unis, 6300 Nice", ("3 quai des États-Unis", "06300", "Nice")),
        ("1200 rue de la Gare, Roubaix", ("1200 rue de la Gare", "", "Roubaix")),
        ("12 rue du 8 mai 1945, Roubaix", ("12 rue du 8 mai 1945", "", "Roubaix")),
        ("12 rue du 19 mars 1962 13290 Les Milles", ("12 rue du 19 mars 1962", "13290", "Les Milles")),
        ("Roubaix", (None, "", "Roubaix")),
        ("", (None, "", "")),
    ],
)
def test_an_address_in_one_line_is_taken_apart_at_its_postcode(line: str, parts: tuple[str | None, ...]) -> None:
    address = read_address(line)
    assert (address.street, address.postcode, address.city) == parts


@given(st.text(max_size=80))
def test_any_line_is_an_address_of_some_kind(gazetteer: Gazetteer, line: str) -> None:
    found = gazetteer.find(read_address(line))
    assert found is None or gazetteer.by_code(found.commune.code) == found.commune
