"""What people paste is mended in silence where its meaning stays, and told to them where it would not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backbone.texts.pasted import (
    CONTROL,
    LOST,
    STACKED,
    TAGGED,
    WORDLESS,
    as_one_line,
    as_text,
    has_words,
    mended,
    prints_something,
    says_something,
    skeleton,
)

FOUNDRY = "Visite de la fonderie"


def refusal(text: str) -> str:
    with pytest.raises(ValueError, match=r"\w") as refused:
        as_text(text)
    return str(refused.value)


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("Visite.\r\nOuvert à tous.\r\n\r\nGratuit.", "Visite.\nOuvert à tous.\n\nGratuit."),
        (
            "Visite.\rOuvert.\vGratuit.\fFin.\x85Oui.\u2028Non.\u2029Si.",
            "Visite.\nOuvert.\nGratuit.\nFin.\nOui.\nNon.\nSi.",
        ),
        ("Visite. \r\n \r\n\r\n\r\nOuvert.", "Visite.\n\nOuvert."),
        ("\ufeffVisite de la fon\u00adderie\u200b", FOUNDRY),
        ("Visite\u2060 de\u200e la \u2068fonderie\u2069", FOUNDRY),
        ("Té\u0301l. \u202a02\u00a040\u00a000\u202c", "Té\u0301l. 02\u00a040\u00a000"),
        ("Visite\tde   la \u2003fonderie", FOUNDRY),
        ("Visite\u00a0de\u00a0la\u00a0fonderie", FOUNDRY),
        ("Visite\u3164de\u2800la fonderie", FOUNDRY),
        ("e\u0301te\u0301", "été"),
        ("\uff36\uff29\uff33\uff29\uff34\uff25 𝗱𝗲 𝓵𝓪 fonderie", "VISITE de la fonderie"),
        ("pro\ufb01l, e\ufb00ort", "profil, effort"),
        ("\uf0b7 Visite\n\uf0d8 Atelier", "• Visite\n• Atelier"),
        ("L\x92usine \x96 c\x9cur", "L’usine – cœur"),
        ("Vi\ufe0fsite\u200d de la fonderie", FOUNDRY),
    ],
)
def test_what_nobody_sees_is_mended(pasted: str, kept: str) -> None:
    assert mended(pasted) == kept
    assert as_text(pasted) == kept


@pytest.mark.parametrize(
    "text",
    [
        "« Oui » : 12\u00a0kg, 5\u202f000\u00a0€\u00a0! Vraiment\u202f? De 9\u00a0h à 10\u00a0h.",
        "«\u00a0Industrie\u00a0»",
        "👩\u200d🏭 Ingénieure, ⚙\ufe0f et 1\ufe0f\u20e3",
        "Tubes ⌀ 20 mm, 5 < 10, R&D, AT&T; 3 > 2 ; x<y et y>z",
        "Écrire à <visites@usine.example>, voir <https://usine.example/?a=1&copie=2>",
        "I <3 l’industrie, a<b et c>d",
        "工場見学, Μαρία, Đà Nẵng, שָׁלוֹם, ที่นี่",
        "① Porte\u2011à\u2011porte Ⅳ ½ 🫨",
        "&degust; &Cie; &; & &amp",
    ],
)
def test_what_is_meant_stays_to_the_letter(text: str) -> None:
    assert as_text(text) == text


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("Visite de l&#39;usine &amp; ateliers", "Visite de l'usine & ateliers"),
        ("l&#x27;atelier m&eacute;tal&nbsp;!", "l'atelier métal\u00a0!"),
        ("l&amp;#39;usine &amp;amp; &amp;amp;eacute;t&eacute;", "l'usine & été"),
        ("5 &lt; 10", "5 < 10"),
    ],
)
def test_entities_are_the_signs_they_stand_for_however_often_encoded(pasted: str, kept: str) -> None:
    assert as_text(pasted) == kept


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("<b>Visite</b>", "<b>"),
        ("Visite<br/>gratuite", "<br/>"),
        ("Visite</P>", "</P>"),
        ('<a href="https://x.example">ici</a>', '<a href="https://x.example">'),
        ("&lt;strong&gt;Visite&lt;/strong&gt;", "<strong>"),
        ("<o:p></o:p>", "<o:p>"),
        ("<!-- StartFragment -->", "<!--"),
        ("<img src=x onerror=alert(1)", "<img"),
        ("<marquee>Visite", "<marquee>"),
        ("<usine-visite>Venez</usine-visite>", "</usine-visite>"),
        ("<span style='font-size: 12pt; color: black'>", "<span style='font-size: 12pt;…"),
    ],
)
def test_a_tag_is_told_as_it_stands(text: str, tag: str) -> None:
    assert refusal(text) == TAGGED.format(tag=tag)


@pytest.mark.parametrize(
    "hidden",
    ["\x00", "\x07", "\x1b", "\x9b", "\u202e", "\u202d", "\ud800", "\ue000", "\U000e0041", "\ufdd0", "&#8238;"],
)
def test_what_would_deceive_or_print_nothing_is_refused(hidden: str) -> None:
    assert refusal(f"Visite{hidden} de la fonderie") == CONTROL


def test_a_letter_that_was_lost_on_the_way_is_asked_for() -> None:
    assert refusal("Visite de l\ufffdusine") == LOST


@pytest.mark.parametrize(
    "text", ["V\u0336\u0321isite", "Z\u0351\u036b\u0343a\u0300\u0316l", "\u0301Visite", "Visite \u0335\u0336\u0337"]
)
def test_stacked_marks_are_refused(text: str) -> None:
    assert refusal(text) == STACKED


@pytest.mark.parametrize("text", ["🏭🏭🏭", "…", "– ! –", "⭐️", "\u115f", "\u2800\u3164"])
def test_pictures_and_signs_alone_say_nothing(text: str) -> None:
    assert not has_words(text)
    with pytest.raises(ValueError, match=WORDLESS):
        says_something(text)


@pytest.mark.parametrize("title", ["工場見学", "공장 🏭", "مصنع"])
def test_a_title_of_which_the_poster_would_have_nothing_is_refused(title: str) -> None:
    assert says_something(title) == title  # it is one, for whoever can read it
    with pytest.raises(ValueError, match="lettres latines"):
        prints_something(title)


def test_a_title_of_which_the_poster_has_some_words_is_taken() -> None:
    assert prints_something("工場見学 : visite 🏭") == "工場見学 : visite 🏭"


def test_lines_are_joined_where_there_is_room_for_one() -> None:
    assert as_one_line("Visite\v de la\r\n\r\nfonderie\n") == FOUNDRY


def test_what_is_no_text_is_left_for_others_to_refuse() -> None:
    assert as_text(12) == 12
    assert as_one_line(None) is None


@given(st.text(st.characters()))
def test_what_is_kept_is_mended_for_good_and_can_be_printed(text: str) -> None:
    try:
        kept = as_text(text)
    except ValueError:
        return
    assert as_text(kept) == kept
    assert {unicodedata.category(c) for c in kept if c not in "\n\u200d"} & {"Cc", "Cf", "Cs", "Co"} == set()


@pytest.mark.parametrize(
    "disguised",
    [
        "USINE", "Usïné", "u\u200bsi\u00adne", "u\u200dsine\ufe0f", "u\u20ddsine", "u\u0336s\u0337ine\u034f",
        "ＵＳＩＮＥ", "𝘂𝘀𝗶𝗻𝗲", "ⓤⓢⓘⓝⓔ", "🅤🅢🅘🅝🅔", "ᴜꜱɪɴᴇ", "uѕіnе", "UЅІNЕ", "υsιηε", "USΙΝΕ", "ᑌՏIΝЕ",
    ],
)  # fmt: skip
def test_a_word_in_disguise_is_the_same_word_to_a_rule(disguised: str) -> None:
    assert skeleton(f"  Une\u00a0 {disguised}\u3164!") == "une usine !"


def test_signs_of_all_keyboards_are_one_to_a_rule() -> None:
    assert skeleton("L’œuvre ‘d´été’ haut\u2011fourneau – ٥٠ €") == "l'oeuvre 'd'ete' haut-fourneau - 50 €"
