"""The words that the rules know: files that keep their promises, and one pass that finds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from labelling.domain.lexicon import Lexicon, Sense, file_names, forms, lexicon, read, terms_of, use_lexicons
from labelling.domain.lexicon_files import UnusableLexicons
from labelling.domain.ruleset import ruleset
from labelling.domain.words import words_of

FAMILIES = {
    "industry": "sector maker plant machine process product trade training act neighbour far leisure name elsewhere",
    "money": "payment paid nothing free other-free spent door beside table sold",
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


@pytest.mark.parametrize(
    ("term", "some"),
    [
        ("inclus dans le prix", {"incluse dans le prix", "incluses dans le prix"}),
        ("visite guidée payante", {"visites guidees payantes"}),
        ("carte acceptée", {"cartes acceptees"}),
        ("chèque accepté", {"cheques acceptes", "cheques acceptees"}),
    ],
)
def test_what_is_said_of_a_thing_agrees_with_it(term: str, some: set[str]) -> None:
    assert some <= {" ".join(form) for form in forms(term, agree=True)}


def test_an_ending_tells_of_a_word_that_no_lexicon_has() -> None:
    assert found("le zurbage, puis la brindellerie") == ["zurbage", "brindellerie"]
    assert found("un voyage, une loterie, un message") == []
    assert found("bage") == []


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


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """A folder of lexicons that an operator names, with these files."""

    def make(**written: str) -> Path:
        for name, words in written.items():
            (tmp_path / f"{name}.toml").write_text(words, encoding="utf-8")
        return tmp_path

    yield make
    use_lexicons(None)


LEISURE = """
concern = "industry"
family = "leisure"
source = "Avis du comité du 4 mai 2026"
[plain]
terms = "tour au grisou"
"""


def test_a_file_beside_the_packages_is_one_more_and_the_name_of_the_rules_is_another(folder) -> None:
    text, of_today = "Tours au grisou, et yoga", ruleset()
    assert found(text) == ["yoga"]
    use_lexicons(folder(comite=LEISURE))
    assert (found(text), ruleset() == of_today) == (["tour au grisou", "yoga"], False)
    use_lexicons(None)
    assert (found(text), ruleset()) == (["yoga"], of_today)


def test_a_file_of_the_name_of_one_of_the_packages_stands_in_its_place(folder) -> None:
    use_lexicons(folder(leisure=LEISURE))
    assert found("Tours au grisou, et yoga") == ["tour au grisou"]


def test_a_copy_of_the_packages_own_files_changes_nothing(folder) -> None:
    of_today = ruleset()
    own = files("labelling") / "lexicons"
    use_lexicons(folder(**{file.name.removesuffix(".toml"): file.read_text("utf-8") for file in own.iterdir()}))
    assert ruleset() == of_today


def test_the_files_are_judged_by_as_they_were_when_they_were_named_until_they_are_named_again(folder) -> None:
    use_lexicons(folder(comite=LEISURE))
    by = ruleset()
    there = folder(comite=LEISURE.replace("grisou", "cubilot"))
    assert (found("tour au cubilot"), ruleset()) == ([], by)
    use_lexicons(there)
    assert (found("tour au cubilot"), ruleset() == by) == (["tour au cubilot"], False)


@pytest.mark.parametrize(
    ("name", "words", "says"),
    [
        ("comite", "concern = ", "comite.toml: Invalid value"),
        (
            "comite",
            LEISURE.replace("leisure", "loisirs"),
            r"comite.toml: \[plain\] is of a family 'loisirs'; of industry",
        ),
        ("comite", LEISURE.replace('"industry"', '"industrie"'), r"\[plain\] is about 'industrie', and the rules read"),
        ("comite", LEISURE.replace("source", "sauce"), 'it does not say whose word it is: source = "…"'),
        ("comite", 'source = "x"', "comite.toml: it has no group of terms"),
        ("comite", 'source = "x"\nwithout = {}' + "\n[plain]\nterms = 'a'", "is about nothing that the rules read"),
        ("grammar", LEISURE, "grammar.toml: it belongs to the code of the rules, and comes with a release"),
    ],
)
def test_a_folder_that_the_rules_would_misread_is_refused_with_the_file_and_changes_nothing(
    folder, name: str, words: str, says: str
) -> None:
    use_lexicons(folder(comite=LEISURE))
    by = ruleset()
    with pytest.raises(UnusableLexicons, match=says):
        use_lexicons(folder(**{name: words}))
    assert ruleset() == by


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "comite.toml").mkdir()
    with pytest.raises(UnusableLexicons, match=r"comite.toml cannot be read: Is a directory"):
        use_lexicons(tmp_path)


def test_a_folder_that_is_not_there_or_empty_is_refused(tmp_path: Path) -> None:
    for nowhere in (tmp_path, tmp_path / "none"):
        with pytest.raises(UnusableLexicons, match=r"has no file|is no folder"):
            use_lexicons(nowhere)
