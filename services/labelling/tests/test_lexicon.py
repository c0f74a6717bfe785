"""The words that the rules know: files that keep their promises, and one pass that finds them."""

from __future__ import annotations

import pytest

from labelling.domain.lexicon import Lexicon, Sense, file_names, forms, lexicon, read, terms_of
from labelling.domain.words import words_of

FAMILIES = {
    "industry": "sector maker plant machine process product trade training act neighbour far leisure name elsewhere",
    "money": "payment nothing free other-free spent door beside sold",
    "access": "closed full ignored house listed open facility",
    "address": "addressed",
}


def found(text: str, concern: str = "industry") -> list[str]:
    return [cue.senses[0].term for cue in lexicon().find(words_of(text)).get(concern, [])]


@pytest.mark.parametrize("name", file_names())
def test_every_lexicon_says_what_it_is_about_and_where_its_terms_are_from(name: str) -> None:
    file = read(name)
    assert file["source"].strip()
    groups = {key: group for key, group in file.items() if isinstance(group, dict) and "terms" in group}
    for key, group in groups.items():
        family = "elsewhere" if key == "unless" else group.get("family", file.get("family"))
        assert family in FAMILIES[group.get("concern", file["concern"])].split(), key


@pytest.mark.parametrize("name", file_names())
def test_every_term_of_a_lexicon_is_found_where_it_stands_alone(name: str) -> None:
    for key, group in read(name).items():
        if not isinstance(group, dict) or "terms" not in group:
            continue
        concern = group.get("concern", read(name)["concern"])
        for term in terms_of(group["terms"]):
            cues = lexicon().find(words_of(term)).get(concern, [])
            assert [(cue.first, cue.last) for cue in cues] == [(0, len(words_of(term)) - 1)], (key, term)


def test_no_group_names_a_term_twice() -> None:
    for name in file_names():
        for key, group in read(name).items():
            if isinstance(group, dict) and "terms" in group:
                terms = terms_of(group["terms"])
                assert sorted({t for t in terms if terms.count(t) > 1}) == [], f"{name} [{key}]"


@pytest.mark.parametrize(
    ("term", "persons", "some"),
    [
        ("haut fourneau", False, {"haut fourneau", "hauts fourneaux"}),
        ("produit régional", False, {"produits regionaux"}),
        ("opérateur de ligne", True, {"operatrice de ligne", "operateurs de ligne", "operatrices de lignes"}),
        ("technicien", True, {"technicienne", "techniciens", "techniciennes"}),
        ("chaudronnier", True, {"chaudronniere", "chaudronnieres"}),
        ("soudeur", True, {"soudeuse", "soudeuses"}),
    ],
)
def test_plurals_and_the_genders_of_those_who_work_are_derived(term: str, persons: bool, some: set[str]) -> None:
    assert some <= {" ".join(form) for form in forms(term, persons=persons)}


@pytest.mark.parametrize("text", ["limousine", "usiner", "des formations financées", "des pièces forgées"])
def test_a_term_is_neither_a_part_of_a_word_nor_its_participle(text: str) -> None:
    assert {"usine", "finance", "forge"}.isdisjoint(found(text))


def test_a_term_inside_a_longer_one_is_not_told() -> None:
    assert found("la zone industrielle") == ["zone industrielle"]
    assert found("la facture électronique") == ["facture électronique"]
    assert found("industrie du papier") == ["industrie du papier"]


def test_words_in_other_company_that_are_a_product_too_speak_for_industry() -> None:
    [cue] = lexicon().find(words_of("machines agricoles"))["industry"]
    assert [sense.family for sense in cue.senses] == ["product"]


def test_it_finds_the_same_however_many_terms_there_are() -> None:
    few = [("industry", Sense("usine", "plant", 2), ("usine",))]
    many = few + [("industry", Sense(f"zz{n}", "plant"), (f"zz{n}",)) for n in range(20_000)]
    words = words_of("visite de l'usine, puis de l'autre usine")
    assert Lexicon(few).find(words) == Lexicon(many).find(words)
