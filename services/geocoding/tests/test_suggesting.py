"""Who is still typing finds their commune."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geocoding.gazetteer import Gazetteer
from geocoding.names import beginnings
from geocoding.suggesting import Suggestions


@pytest.fixture(scope="module")
def suggestions(gazetteer: Gazetteer) -> Suggestions:
    return Suggestions(gazetteer)


def said(suggestions: Suggestions, typed: str, most: int = 4) -> list[str]:
    """Of each suggestion: name and department, and by which other name it was found."""
    found = suggestions.suggest(typed, most)
    return [
        f"{one.commune.name} ({one.commune.department})" + (f" ← {one.matched}" if one.matched else "") for one in found
    ]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        # what is called so goes before what begins so, the larger before the smaller
        ("saint denis", ["Saint-Denis (974)", "Saint-Denis (93)", "Saint-Denis (11)", "Saint-Denis (30)"]),
        ("paris", ["Paris (75)", "Parisot (81)", "Parisot (82)", "Paris-l'Hôpital (71)"]),
        ("bordeaux", ["Bordeaux (33)", "Bordeaux-Saint-Clair (76)", "Bordeaux-en-Gâtinais (45)", "…"]),
        ("Évry", ["Évry (89)", "Évry-Courcouronnes (91)", "Évry-Grégy-sur-Yerre (77)"]),
        ("courcouronnes", ["Évry-Courcouronnes (91) ← Courcouronnes"]),
        ("l'hay", ["L'Haÿ-les-Roses (94)", "Hayange (57)", "La Haye (50)", "Haybes (08)"]),
        ("montrou", ["Montrouge (92)", "Montrouveau (41)", "Morlaix (29) ← Montroulez"]),
        # however it is written
        ("ST DENIS", ["Saint-Denis (974)", "Saint-Denis (93)", "Saint-Denis (11)", "Saint-Denis (30)"]),
        ("  saint-étienne-du-r", ["Saint-Étienne-du-Rouvray (76)"]),
        ("le hav", ["Le Havre (76)", "Haveluy (59)", "…"]),
        ("aix en pro", ["Aix-en-Provence (13)"]),
        # an abbreviation may be the beginning of a word
        ("st", ["Le Saint (56)", "Strasbourg (67)", "Saint-Étienne (42)", "Saint-Denis (974)"]),
        ("villeneuve s", ["Villeneuve-Saint-Georges (94)", "Villeneuve-sur-Lot (47)", "…"]),
        # other names come after
        ("hellemmes", ["Lille (59) ← Hellemmes"]),
        ("sainte clot", ["Saint-Denis (974) ← Sainte-Clotilde"]),
        ("les goudes", ["Marseille (13) ← Les Goudes"]),  # the post writes in capitals
        # postcodes, departments
        ("75013", ["Paris (75)"]),
        ("75 013", ["Paris (75)"]),
        ("974", ["Saint-Denis (974)", "Saint-Paul (974)", "Saint-Pierre (974)", "Le Tampon (974)"]),
        ("44", ["Nantes (44)", "Saint-Nazaire (44)", "Saint-Herblain (44)", "Rezé (44)"]),
        ("01000", ["Bourg-en-Bresse (01)", "Saint-Denis-lès-Bourg (01)"]),
        ("2A", ["Ajaccio (2A)", "Porto-Vecchio (2A)", "…"]),
        # both
        ("59000 lil", ["Lille (59)"]),
        ("lille 59", ["Lille (59)"]),
        ("saint denis 93", ["Saint-Denis (93)"]),
        ("bastia 2b", ["Bastia (2B)"]),
        ("marseille 8", ["Marseille (13)"]),
        # a slip of the pen, where nothing else is found; the name, where the postcode is another's
        ("grenobel", ["Grenoble (38)"]),
        ("rubaix", ["Roubaix (59)"]),
        ("nantse", ["Nantes (44)", "Nanterre (92)", "…"]),
        ("59100 rubaix", ["Roubaix (59)"]),
        ("lille 75", ["Lille (59)", "Lillers (62)", "…"]),
        # nothing
        ("99999", []),
        ("xyz", []),
        ("zzzzzzzz", []),
        ("--", []),
        ("75013750", []),
    ],
)
def test_who_is_still_typing_finds_their_commune(suggestions: Suggestions, typed: str, expected: list[str]) -> None:
    for _ in range(2):
        found = said(suggestions, typed)
        assert (found if "…" not in expected else [*found[: len(expected) - 1], "…"]) == expected


@pytest.mark.parametrize(
    ("typed", "postcodes"),
    [
        ("montoir", ["44550"]),
        ("lille", ["59000", "59160", "59260", "59777", "59800"]),
        ("59260", ["59260"]),
        ("59 lille", ["59000", "59160", "59260", "59777", "59800"]),
        ("marseille 8", ["13008"]),
        ("marseille 8e", ["13008"]),
        ("paris 16", ["75016", "75116"]),
        ("lyon cedex 3", ["69003"]),
    ],
)
def test_of_its_postcodes_those_are_told_that_fit_what_was_typed(
    suggestions: Suggestions, typed: str, postcodes: list[str]
) -> None:
    [one] = suggestions.suggest(typed, 1)
    assert list(one.postcodes) == postcodes


def test_marseille_13_is_the_department_and_not_the_arrondissement(suggestions: Suggestions) -> None:
    [one] = suggestions.suggest("marseille 13", 1)
    assert len(one.postcodes) == 16


def test_every_commune_is_the_first_that_its_postcode_and_name_suggest(
    suggestions: Suggestions, gazetteer: Gazetteer
) -> None:
    for commune in list(gazetteer.communes())[::25]:
        for typed in (f"{commune.postcodes[-1]} {commune.name}", f"{commune.name.upper()} {commune.postcodes[0]}"):
            assert suggestions.suggest(typed, 1)[0].commune == commune


@given(st.text(max_size=100), st.integers(1, 20))
@example("0" * 100, 20)
@example("saint " * 16, 20)
@example("2A 2B 2a", 20)
@example("\t1\n", 20)
@example("３７ ٣٧", 20)
def test_whatever_is_typed_a_few_communes_are_suggested_each_once_with_where_the_post_finds_it(
    suggestions: Suggestions, typed: str, most: int
) -> None:
    found = suggestions.suggest(typed, most)
    assert len(found) <= most
    assert len({one.commune.code for one in found}) == len(found)
    assert all(set(one.postcodes) <= set(one.commune.postcodes) and one.postcodes for one in found)


def test_the_last_word_may_be_an_abbreviation_or_the_beginning_of_a_word() -> None:
    assert beginnings("St") == {"saint", "st"}
    assert beginnings("Villeneuve-S") == {"villeneuve sur", "villeneuve s"}
    assert beginnings("St Denis") == {"saint denis"}
    assert beginnings("75013") == set()
