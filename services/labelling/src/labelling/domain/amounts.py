"""What an amount of money is, by the words around it: a price at the door, something beside, or none of the visitors'.

Most amounts are none of theirs: wages, investments, prizes, the worth of a machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from .lexicon import Cue, Cues, small_words, standing_in
from .reading import Reading, Span
from .words import PAUSES

A_LOT = 1_000
"""Euros; what costs more is no ticket, but a machine, a project or a wage."""

MOST_OF_A_TICKET = 200
"""Euros; an amount in passing, that nothing ties to the entrance, is hardly a ticket from there on."""

NEAR = 6
"""Words between an amount and what is said to cost it."""

_CURRENCY = small_words("money", "currency")
_THOUSANDS = small_words("money", "thousands")
_WHO_PAYS = small_words("money", "who_pays")
_NUMERALS = small_words("money", "numerals")
_PER_UNIT = small_words("money", "per_unit")
_ALONE = small_words("money", "alone")
_OPTIONAL = small_words("money", "optional")
_OBLIGATORY = small_words("money", "obligatory")
_USUAL = small_words("money", "usual")
_PER = frozenset({"/", "par", "la", "le", "l", "de"})
_PRICE_TAG = re.compile(r"\d{1,3}\.(?!00|15|30|45)\d\d")
"""« 18,90 » with nothing that it counts, and no hour either: « 18.30 »."""


class Kind(Enum):
    """What an amount is."""

    PRICE = "at the door"
    HINT = "perhaps at the door"
    ASIDE = "of a meal, or of other times"
    NOTHING = "0 €"
    OTHER = "none of the visitors'"


class Amount(NamedTuple):
    """An amount of money, what it is, and the words to show of it: « entrée : 8 € »."""

    span: Span
    kind: Kind
    shown: Span


def amounts_in(reading: Reading, of: Cues) -> list[Amount]:
    """All amounts of a text."""
    return [_judged(reading, span, of) for span in _spans(reading)]


def bare_numbers(reading: Reading, door: Iterable[Cue]) -> Iterator[Span]:
    """« Adulte 7,50. Étudiant 5. », « en ligne, 18,90. »: what looks like a price, and counts nothing."""
    words = reading.words
    for cue in door:
        at = cue.last + 1
        if at + 1 < len(words) and words[at] in (":", "="):
            at += 1
        if words[cue.last] not in _WHO_PAYS or not words[at][0].isdecimal() or float(words[at]) == 0:
            continue
        if at + 1 == len(words) or words[at + 1] in PAUSES or words[at + 1] == "/":
            yield cue.first, at
    tags = (at for at, word in enumerate(words) if "." in word and _PRICE_TAG.fullmatch(word))
    yield from ((at, at) for at in tags if words[at + 1] in PAUSES)


def _spans(reading: Reading) -> Iterator[Span]:
    """« 8 € », « 1 200 euros », « vingt et un euros », « 12 M€ »: from the number to the currency."""
    words = reading.words
    for last, word in enumerate(words):
        if word not in _CURRENCY:
            continue
        first = last
        while first > 0 and _is_of_a_number(words[first - 1]):
            first -= 1
        if first < last and words[first] not in ("et", "d", "a"):
            yield first, last
        elif word == "€" and last + 1 < len(words) and words[last + 1][0].isdecimal():  # « € 5 »
            yield last, last + 1


def _is_of_a_number(word: str) -> bool:
    return word[0].isdecimal() or word in _NUMERALS or word in _THOUSANDS or word in ("et", "d")


def _judged(reading: Reading, span: Span, of: Cues) -> Amount:
    words = reading.words[span[0] : span[1] + 1]
    value = next((float(word) for word in words if word[0].isdecimal()), 1.0)
    if not reading.is_said(span[0]) or _THOUSANDS.intersection(words) or _is_of_goods(reading, span):
        kind = Kind.OTHER
    elif value == 0:
        kind = Kind.NOTHING
    else:
        return _asked(reading, span, value, of)
    return Amount(span, kind, span)


def _asked(reading: Reading, span: Span, value: float, of: Cues) -> Amount:
    """An amount that somebody pays."""
    part = reading.clause(span[1], pauses=True)
    door = [cue for cue in standing_in(of, "door", part) if _distance(cue, span) <= NEAR]
    if standing_in(of, "spent", part) and not _is_said_of_the_door(reading, door, span):
        return Amount(span, Kind.OTHER, span)
    if _has(reading, part, _USUAL):
        return Amount(span, Kind.ASIDE, span)
    if door:
        return Amount(span, _at_the_door(reading, span, of), _with_what_costs_it(reading, span, of))
    if _is_per_head(reading, span):
        return Amount(span, Kind.PRICE, _with_what_costs_it(reading, span, of))
    return _in_passing(reading, span, value, of)


def _at_the_door(reading: Reading, span: Span, of: Cues) -> Kind:
    clause = reading.clause(span[1])
    if not standing_in(of, "beside", clause) or _has(reading, clause, _OBLIGATORY):
        return Kind.PRICE
    return Kind.OTHER if _has(reading, clause, _OPTIONAL) else _beside(clause, of)


def _in_passing(reading: Reading, span: Span, value: float, of: Cues) -> Amount:
    """An amount that nothing ties to the entrance."""
    clause, shown = reading.clause(span[1]), _with_what_costs_it(reading, span, of)
    is_spent = standing_in(of, "spent", clause) or standing_in(of, "sold", clause)
    if value >= A_LOT or is_spent or _has(reading, clause, _OPTIONAL):
        return Amount(span, Kind.OTHER, span)
    if standing_in(of, "beside", clause):
        return Amount(span, _beside(clause, of), shown)
    around = _around(reading, span)
    if all(_is_alone(reading.words[place]) for place in around):
        # « De 9,50 à 19 euros, », « Vingt et un euros. »: nothing else is said there
        return Amount(span, Kind.PRICE, (around[0], around[-1]))
    return Amount(span, Kind.HINT if value < MOST_OF_A_TICKET else Kind.OTHER, shown)


def _beside(clause: range, of: Cues) -> Kind:
    return Kind.ASIDE if standing_in(of, "table", clause) else Kind.HINT


def _is_of_goods(reading: Reading, span: Span) -> bool:
    """« un stylo à 1,20 € », « 13 € / h », « 300 € la tonne »."""
    after = reading.words[span[1] + 1 : span[1] + 3]
    if after and (after[0] in _PER_UNIT or (after[0] in _PER and after[-1] in _PER_UNIT)):
        return True
    goods = (cue.last for cue in reading.cues("industry") if cue.is_of("product"))
    return reading.words[span[0] - 1] == "a" and span[0] - 2 in goods


def _is_per_head(reading: Reading, span: Span) -> bool:
    """« 3 € par auditeur », « 18 € / joueur »."""
    after = reading.words[span[1] + 1 : span[1] + 3]
    return len(after) > 1 and after[0] in ("/", "par") and after[1].isalpha()


def _has(reading: Reading, part: range, words: frozenset[str]) -> bool:
    return any(reading.words[place] in words for place in part)


def _is_alone(word: str) -> bool:
    return word in _ALONE or word in _CURRENCY or _is_of_a_number(word)


def _around(reading: Reading, span: Span) -> range:
    """The part of a sentence that it stands in, without « au lieu de … »."""
    part, words = reading.clause(span[1], pauses=True), reading.words
    instead = (place for place in part if place > span[1] and words[place : place + 2] == ["au", "lieu"])
    return range(part[0], next(instead, part[-1] + 1))


def _with_what_costs_it(reading: Reading, span: Span, of: Cues) -> Span:
    """« 8 € » → « entrée : 8 € », « 22 € » → « 22 € par adulte »."""
    part = reading.clause(span[1], pauses=True)
    around = [cue for family in ("door", "beside", "payment", "paid") for cue in standing_in(of, family, part)]
    near = [cue for cue in around if 0 <= _distance(cue, span) <= NEAR]
    if not near:
        return span
    closest = min(near, key=lambda cue: _distance(cue, span))
    return min(span[0], closest.first), max(span[1], closest.last)


def _distance(cue: Cue, span: Span) -> int:
    return span[0] - cue.last if cue.last < span[0] else cue.first - span[1]


def _is_said_of_the_door(reading: Reading, door: list[Cue], span: Span) -> bool:
    """« entrée : 8 € », whatever else is said of money beside it."""
    return any(cue.last < span[0] and reading.words[cue.last + 1 : span[0]] in ([":"], [":", "de"]) for cue in door)
