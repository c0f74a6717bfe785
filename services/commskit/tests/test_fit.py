from __future__ import annotations

import pytest

from commskit.composition import DETAILS, HEADLINE, TITLE, compose
from commskit.fit import MM_PER_PT, balance, clip, face, largest, wrap

BLACK = "display-black.ttf"


def test_lines_are_no_wider_than_their_column():
    text = "Portes ouvertes des métiers de la mécanique, de la maintenance et de la robotique"
    lines = wrap(text, face(BLACK), 30, 100)
    assert " ".join(lines) == text
    assert max(face(BLACK).measure(line, 30) for line in lines) <= 100


def test_an_endless_word_is_broken_and_none_of_it_lost():
    lines = wrap("x" + "W" * 300, face(BLACK), 30, 100)
    assert "".join(lines) == "x" + "W" * 300
    assert max(face(BLACK).measure(line, 30) for line in lines) <= 100


def test_a_line_ends_after_a_slash_and_never_inside_a_word():
    title = "Découverte/Formation/Recrutement/Apprentissage/Maintenance/Métallurgie/Chaudronnerie/Robotique"
    lines = wrap(title, face(BLACK), 40, 150)
    assert "".join(lines) == title
    assert [line for line in lines[:-1] if not line.endswith("/")] == []
    assert len(lines) > 1


@pytest.mark.parametrize("text", ["ouvert 24/24 heures", "lundi et/ou mardi", "à 30 km/h"])
def test_a_slash_within_a_number_or_a_unit_ends_no_line(text):
    for width in range(20, 100):
        assert [line for line in wrap(text, face(BLACK), 12, width) if line in ("24/", "et/", "km/")] == [], width


def test_a_word_that_must_be_broken_is_broken_after_a_hyphen_if_it_has_one():
    assert wrap("Saint-Rémy-en-Bouzemont-Saint-Genest-et-Isson", face(BLACK), 20, 80) == [
        "Saint-Rémy-en-",
        "Bouzemont-Saint-",
        "Genest-et-Isson",
    ]


def test_letters_of_other_alphabets_have_their_own_width():
    assert face(BLACK).measure("Завод", 40) < 5 * 40 * MM_PER_PT * 0.8


def test_a_balanced_title_leaves_no_word_alone():
    assert balance("Au centième de millimètre", face(BLACK), 40, 150) == ["Au centième", "de millimètre"]


def test_a_balanced_title_has_as_many_lines_as_before():
    text = "Fabriquer une pompe en cent vingt minutes"
    assert len(balance(text, face(BLACK), 40, 150)) == len(wrap(text, face(BLACK), 40, 150))


def test_a_clipped_text_says_that_there_is_more():
    clipped = clip("un deux trois quatre cinq six sept", face(BLACK), 30, width=60, lines=2)
    assert clipped.endswith("…")
    assert len(wrap(clipped, face(BLACK), 30, 60)) == 2


def test_a_text_that_fits_is_left_alone():
    assert clip("un deux", face(BLACK), 30, width=60, lines=2) == "un deux"


def test_the_largest_size_that_fits_is_taken_and_breaks_no_word():
    box = {"width": 100, "height": 20, "leading": 1.0}
    assert largest("Anticonstitutionnellement", face(BLACK), (60, 40, 20, 10), **box) == 20


@pytest.mark.parametrize("title", ["🏭🏭🏭", "\u3164\u3164", "工場"])
def test_a_title_of_which_nothing_can_be_printed_is_the_kind_of_event(an_event, page_url, title):
    assert compose(an_event(title=title), page_url).title == "Visite d’entreprise"


@pytest.mark.parametrize("title", ["Forge", "Visite " * 17, "W" * 120, "i" * 120, "Ê" * 60 + " " + "g" * 59])
def test_a_title_of_any_length_has_a_size_at_which_it_is_whole(an_event, page_url, title):
    poster = compose(an_event(title=title), page_url)
    assert "".join(poster.title_lines).replace(" ", "") == title.replace(" ", "")
    assert len(poster.title_lines) * poster.title_size * TITLE.leading * MM_PER_PT <= TITLE.height
    widths = [face(BLACK).measure(line, poster.title_size) for line in poster.title_lines]
    assert max(widths) <= HEADLINE.width


def test_many_dates_are_summed_up(an_event, a_slot, page_url):
    slots = [
        a_slot(f"2026-11-{16 + day}", f"{9 + hour:02}:{10 * day:02}", f"{10 + hour:02}:{10 * day:02}")
        for day in range(6)
        for hour in (0, 2, 5)
    ]
    when = compose(an_event(slots=tuple(slots)), page_url).details[0]
    told = " ".join(when.lines).replace("\u00a0", " ")
    assert told == "Du lundi 16 au samedi 21 novembre 2026 18 horaires : voir le programme"


def test_an_online_event_of_elsewhere_says_whose_clock_it_follows(an_online_event, page_url):
    when, where, *_ = compose(an_online_event(), page_url).details
    assert when.lines[1].replace("\u202f", " ").replace("\u00a0", " ") == "18 h – 19 h 30 (heure de La Réunion)"
    assert where.lines == ("En ligne",)


def test_details_are_never_smaller_than_one_reads_on_a_wall():
    assert min(DETAILS.sizes) >= 11


def test_a_date_is_parted_from_its_hours_before_its_year(an_event, a_slot, page_url):
    slots = (a_slot("2026-11-17", "14:00", "19:00"), a_slot("2026-11-20", "09:00", "12:30"))
    when = compose(an_event(slots=slots), page_url).details[0]
    assert [line.replace("\u202f", " ").replace("\u00a0", " ") for line in when.lines] == [
        "Mardi 17 novembre 2026, 14 h – 19 h",
        "Vendredi 20 novembre 2026,",
        "9 h – 12 h 30",
    ]
