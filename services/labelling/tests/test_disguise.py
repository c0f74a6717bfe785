"""No disguise of a text changes its verdict: case, accents, marks, invisible signs, look-alike letters."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backbone.campaign.edition import load_edition
from backbone.contracts import PublicEvent
from labelling.domain.criteria import judge
from labelling.domain.words import words_of

EDITION = load_edition(Path(__file__).parents[3] / "editions" / "2026.toml")
TEXTS = [
    "Visite de la fonderie : coulée, moulage, métallurgie. Gratuit, ouvert à tous.",
    "Visite de l'usine. Entrée : 12 euros par personne.",
    "Visite de l'atelier de production, réservée exclusivement à nos salariés.",
    "Forum interne de la métallurgie, sur invitation : badge obligatoire.",
    "Marché de Noël, dégustation de vins, concert et tombola.",
    "Le reste de l'année la visite est payante ; aucun frais cette semaine.",
]
# From Cyrillic, Greek, Armenian and Cherokee, by the shapes that fonts give them; not read from our own table.
ALIKE = {
    "a": "аɑᎪ", "b": "ВᏴ", "c": "сϲⅽ", "d": "ԁᏧ", "e": "еЕΕ", "f": "ꓝ", "g": "ɡ", "h": "һΗН", "i": "іΙⅰ", "j": "јЈ",
    "k": "ΚКK", "l": "ⅼℓ", "m": "ΜМ", "n": "ոΝ", "o": "оοՕσ", "p": "рρΡ", "q": "ԛ", "r": "гᎡ", "s": "ѕՏ", "t": "ТΤ",
    "u": "սυ", "v": "νѵ", "w": "ԝѡ", "x": "хΧ", "y": "уΥү", "z": "ᴢΖ",
}  # fmt: skip
MARKS = "\u0301\u0308\u0327\u0336\u0489\u20dd\u20e0\ufe0e\ufe0f"
UNSEEN = "\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u2060\u2063\u2069\ufeff\U000e0101"


def wide(letter: str) -> str:
    return chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter


def bold(letter: str) -> str:
    return chr(0x1D5D4 + 26 + ord(letter) - ord("a")) if "a" <= letter <= "z" else letter


def disguised(text: str, chance: Random) -> str:
    """The text as somebody writes it who would be read by people and not by rules."""

    def one(letter: str) -> str:
        if not letter.isalpha():
            return letter
        marked = letter + chance.choice(MARKS)
        hidden = letter + chance.choice(UNSEEN)
        alike = chance.choice(ALIKE.get(letter.lower(), letter))
        return chance.choice([letter, letter.upper(), wide(letter), bold(letter), marked, hidden, alike])

    return "".join(map(one, text))


def event(title: str, description: str) -> PublicEvent:
    return PublicEvent(
        event_id=UUID(int=1),
        revision=1,
        edition="2026",
        organiser_id=UUID(int=2),
        organisation="Exemple",
        title=title,
        description=description,
        kind="open_day",
        audiences=("everyone",),
        admission="everyone",
        is_free=True,
        slots=[{"starts_at": datetime(2026, 11, 17, 9, tzinfo=UTC), "ends_at": datetime(2026, 11, 17, 10, tzinfo=UTC)}],
        timezone="Europe/Paris",
        online_url="https://visio.example/",
    )


@pytest.mark.parametrize("text", TEXTS)
def test_a_disguise_changes_no_verdict(text: str) -> None:
    @settings(max_examples=100, deadline=None)
    @given(st.integers(min_value=0))
    def holds(seed: int) -> None:
        other = disguised(text, Random(seed))
        assert words_of(other) == words_of(text)
        plain, found = (judge(event("Visite", words), EDITION) for words in (text, other))
        assert [(v.finding, v.code) for v in found] == [(v.finding, v.code) for v in plain]
        shown = [each for verdict in found for each in verdict.evidence if each.field == "description"]
        # as it was written, disguise and all
        assert [other[each.start : each.end] for each in shown] == [each.text for each in shown]

    holds()


def test_a_price_in_the_digits_of_another_script_is_a_price() -> None:
    assert words_of("Entrée : ١٢ €, 𝟭𝟮 €, １２ €") == ["entree", ":", "12", "€", ",", "12", "€", ",", "12", "€"]
