"""A text as words: folded, each with its place in what was written."""

from __future__ import annotations

import pytest

from labelling.domain.words import BREAK, Field, words_of


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("L’ŒUVRE\u00a0:\n  Forgée à l‘Été", "l oeuvre : forgee a l ete"),
        ("e\u0301te\u0301 et été", "ete et ete"),
        ("Entrée : 1 200,50 €, ou 9.50€", "entree : 1200.50 € , ou 9.50 €"),
        ("P.A.F. : 5 €uros", "paf : 5 € uros"),
        ("agro-alimentaire – usine", "agro alimentaire - usine"),
        ("45 000 à 60 000", "45000 a 60000"),
        ("le 12 345 6789", "le 12345 6789"),
        ("R&D, 3x8 ; 50 %", "r & d , 3 x 8 ; 50 %"),
        ("B2B, CO2, 4x4, 10€50", "b 2 b , co 2 , 4 x 4 , 10 € 50"),
        ("de 9h30à11h, 14h30min", "de 9 h 30 a 11 h , 14 h 30 min"),
    ],
)
def test_a_text_is_read_as_folded_words_numbers_and_signs(written: str, words: str) -> None:
    assert words_of(written) == words.split()


def test_a_paragraph_and_a_line_of_a_list_part_what_is_said_and_a_broken_line_does_not() -> None:
    assert words_of("hauts\nfourneaux\n\nusine\n- tarif") == ["hauts", "fourneaux", BREAK, "usine", BREAK, "tarif"]


@pytest.mark.parametrize(
    ("written", "first", "last", "shown"),
    [
        ("Dans la manœuvre :\n\n  les FONDERIES\u00a0d’aluminium.", 6, 8, "FONDERIES\u00a0d’aluminium"),
        ("Une u\u200bsine, ｆonderie", 1, 3, "u\u200bsine, ｆonderie"),
        ("Hauts\nfourneaux", 0, 1, "Hauts\nfourneaux"),
        ("Entrée : 1 200 €", 0, 3, "Entrée : 1 200 €"),
    ],
)
def test_words_are_found_again_where_they_were_written(written: str, first: int, last: int, shown: str) -> None:
    start, end = Field("description", written).span(first, last)
    assert written[start:end] == shown
