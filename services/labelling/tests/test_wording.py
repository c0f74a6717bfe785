from __future__ import annotations

import pytest

from labelling.domain.lexicon import CLOSED, ELSEWHERE, INDUSTRY, NEIGHBOURS, OPEN, PAYING, TRADES
from labelling.domain.wording import affirmed, folded, found, of_this_time, pattern_of, terms


def test_folded_text_has_no_case_accent_ligature_or_odd_blank() -> None:
    assert (
        folded("L’ŒUVRE\u00a0:\n  Forgée à  l‘Été, cœur\u202fde métier") == "l'oeuvre : forgee a l'ete, coeur de metier"
    )


def test_text_with_composed_and_decomposed_accents_folds_alike() -> None:
    assert folded("e\u0301te\u0301") == folded("été") == "ete"


def test_a_lexicon_is_written_with_commas_over_any_lines() -> None:
    assert terms("usine, haut\n    fourneau,\n  forge,") == ("usine", "haut fourneau", "forge")


@pytest.mark.parametrize("text", ["une usine", "des usines", "l'usine", "(usine)", "usine"])
def test_a_term_is_found_as_a_word_and_in_the_plural(text: str) -> None:
    assert found(["usine"], text) == ("usine",)


@pytest.mark.parametrize("text", ["limousine", "usiner", "usinee"])
def test_a_term_is_not_found_inside_another_word(text: str) -> None:
    assert found(["usine"], text) == ()


def test_each_word_of_a_term_may_be_plural() -> None:
    assert found(["haut fourneau"], "les hauts fourneaux") == ("haut fourneau",)


def test_a_star_stands_for_any_end_of_a_word() -> None:
    assert found(["metallurg*", "ferme* au public"], "metallurgistes ; fermee au public") == (
        "metallurg*",
        "ferme* au public",
    )
    assert found(["metallurg*"], "la sidero-metallurgie") == ("metallurg*",)
    assert found(["metallurg*"], "electrometallurgie") == ()


def test_each_term_is_found_once_in_the_order_of_the_lexicon() -> None:
    assert found(["forge", "usine", "cuir"], "usine, forge, usine") == ("forge", "usine")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("pas de degustation", ()),
        ("ce n'est pas un marche de noel", ()),
        ("aucun tarif", ()),
        ("sans degustation ni tarif", ()),
        ("degustation a la passerelle", ("degustation",)),
        ("un passage, puis degustation", ("degustation",)),
        ("pas de cv, une degustation", ("degustation",)),
    ],
)
def test_what_is_denied_is_not_said(text: str, left: tuple[str, ...]) -> None:
    assert found(["degustation", "marche de noel", "tarif"], affirmed(text)) == left


@pytest.mark.parametrize(
    "text",
    [
        "(le reste de l'annee la visite est payante)",
        "habituellement payante, la visite est offerte",
        "la visite, d'habitude payante, est offerte",
        "la visite est payante le reste de l'annee",
    ],
)
def test_what_holds_at_other_times_is_not_said_of_this_one(text: str) -> None:
    assert found(["payante"], of_this_time(text)) == ()


def test_the_rest_of_the_text_is_left_as_it_is() -> None:
    text = "gratuit. le reste de l'annee : 8 €. entree par la cour"
    assert of_this_time(text) == "gratuit. . entree par la cour"


@pytest.mark.parametrize("lexicon", [INDUSTRY, TRADES, NEIGHBOURS, ELSEWHERE, PAYING, CLOSED, OPEN])
def test_the_short_way_to_a_term_misses_none_that_stands_in_a_text(lexicon, samples) -> None:
    texts = [folded(f"{event.title} . {event.description}") for event in samples]
    texts += [f"pas l'{' '.join(word.rstrip('*') + 's' for word in term.split())}" for term in lexicon]
    plainly = [tuple(term for term in lexicon if pattern_of(term).search(text)) for text in texts]
    assert [found(lexicon, text) for text in texts] == plainly
