from __future__ import annotations

import pytest

from backbone.campaign.palette import contrast, readable
from backbone.contracts.event import Address, Venue
from commskit.domain import (
    Look,
    clean,
    first_sentences,
    name_admission,
    name_audiences,
    name_kind,
    name_place,
    name_zip,
    ordinal_ending,
    show_url,
    tidy,
    tidy_line,
    typeset,
)


def test_a_word_of_tomorrow_is_no_reason_to_fail():
    assert name_kind("hackathon") == "Événement"
    assert name_audiences(("retirees", "families")) == "Familles"
    assert name_admission("lottery", is_free=True) == "Gratuit"


def test_admission_says_the_price_first():
    assert name_admission("on_registration", is_free=True) == "Gratuit, sur inscription"


def test_a_place_is_written_as_on_an_envelope(an_event):
    assert name_place(an_event()) == (
        "Fonderie de l’Erdre, portail B",
        "12 rue de l’Industrie",
        "44550 Montoir-de-Bretagne",
    )


def test_a_place_without_name_and_street_is_its_town(an_event):
    venue = Venue(address=Address(postcode="63300", city="Thiers"))
    assert name_place(an_event(venue=venue)) == ("63300 Thiers",)


def test_one_connects_to_an_online_event(an_online_event):
    assert name_place(an_online_event()) == ("En ligne",)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("e\u0301te\u0301", "été"),
        ("une\nligne\t et \u2028 une", "une ligne et une"),
        ("gauche\u202e\u2066droite\u200f\x00\x1b[0m", "gauchedroite[0m"),
        ("Forge 🔥👩‍🏭 ❤️ ouverte", "Forge ouverte"),
        ("Z" + "\u0335" * 40, "Z"),
        ("Tubes ⌀ 20 mm, porte\u2011à\u2011porte ①", "Tubes Ø 20 mm, porte-à-porte (1)"),
        ("30 °C, n° 5, ©, CO₂, 5 €", "30 °C, n° 5, ©, CO₂, 5 €"),
        ("  ", ""),
    ],
)
def test_what_no_printer_should_meet_is_left_out(typed, printed):
    assert clean(typed) == printed


def test_on_a_screen_paragraphs_pictures_and_letters_of_all_scripts_are_kept():
    typed = "Tubes ⌀ 20\t mm 🏭\r\nOuvert à tous.\r\n\r\n\r\n\u202e工場\u202c\x00 \r\n"
    assert tidy(typed) == "Tubes ⌀ 20 mm 🏭\nOuvert à tous.\n\n工場"
    assert tidy_line("Tubes ⌀\n 🏭") == "Tubes ⌀ 🏭"


def test_french_spaces_and_apostrophes_are_set():
    assert typeset("L'atelier « à l'ancienne » : qui vient ?") == (
        "L’atelier «\u00a0à l’ancienne\u00a0»\u00a0: qui vient\u202f?"
    )


def test_an_address_with_a_port_keeps_its_colon():
    assert typeset("http://a.example:80/?b") == "http://a.example:80/?b"


def test_an_extract_ends_with_a_sentence_where_it_can():
    assert first_sentences("Une phrase assez longue. Une autre, plus longue encore.", 30) == "Une phrase assez longue."


def test_an_extract_ends_with_a_word_where_it_must():
    assert first_sentences("Court. Une phrase qui ne finit jamais de finir", 30) == "Court. Une phrase qui ne…"


def test_an_extract_of_one_endless_word_is_cut():
    assert first_sentences("x" * 300, 10) == "x" * 9 + "…"


def test_a_short_text_is_its_own_extract():
    assert first_sentences("- un four\n- une presse", 100) == "un four une presse"


def test_the_zip_has_a_name_that_any_disk_takes(an_event):
    assert name_zip(an_event(title="L’œuvre d'Émile : À VOIR !")) == "kit-semaine-industrie-l-oeuvre-d-emile-a-voir.zip"
    assert name_zip(an_event(title="../../etc/passwd")) == "kit-semaine-industrie-etc-passwd.zip"
    assert name_zip(an_event(title="工业")) == "kit-semaine-industrie-0b9c3f52.zip"
    assert len(name_zip(an_event(title="mot " * 30))) <= 90


def test_an_address_is_shown_as_it_is_said():
    assert show_url("https://www.carte.example/e/1/") == "carte.example/e/1"


def test_the_first_edition_is_not_like_the_others():
    assert (ordinal_ending(1), ordinal_ending(16)) == ("re", "e")


def test_every_text_of_an_edition_can_be_read_on_its_ground(look: Look):
    on_paper = readable(look.accent, on=look.paper, towards=look.ink)
    on_ink = readable(look.accent, on=look.ink, towards=look.paper)
    ratios = [contrast(look.ink, look.paper), contrast(on_paper, look.paper), contrast(on_ink, look.ink)]
    assert min(ratios) >= 4.5
