"""What an organiser's text says of money: a price at the door, something like a payment, or nothing that visitors pay.

Most amounts are none of ours: wages, investments, prizes, the worth of a machine. An amount that nothing of the kind
explains is at least a doubt; one that is said of the entrance is a price.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .lexicon import Cue, by_family, small_words
from .reading import Reading
from .words import PAUSES

Span = tuple[int, int]
"""From the first to the last word of a text."""

A_LOT = 1_000
"""Euros; what costs more is no ticket, but a machine, a project or a wage."""

MOST_OF_A_TICKET = 200
"""Euros; an amount in passing, that nothing ties to the entrance, is hardly a ticket from there on."""

_CURRENCY = small_words("money", "currency")
_THOUSANDS = small_words("money", "thousands")
_WHO_PAYS = small_words("money", "who_pays")
_NUMERALS = small_words("money", "numerals")
_NEAR = 6
"""Words between an amount and what is said to cost it."""

_PRICE_TAG = re.compile(r"\d{1,3}\.(?!00|15|30|45)\d\d")
"""« 18,90 » with nothing that it counts, and no hour either: « 18.30 »."""

_FOR_SOME = small_words("money", "for_some")
_FOR_ALL = small_words("money", "for_all")
_PER_UNIT = small_words("money", "per_unit")
_ALONE = small_words("money", "alone")
_OPTIONAL = small_words("money", "optional")
_USUAL = frozenset({"habituel", "habituels", "habituelle", "habituelles"})
_OF_GOODS = ("payant", "prix")
_OBLIGATORY = frozenset({"obligatoire", "obligatoires", "indispensable", "exige", "exigee"})
_NOBODY_PAYS = small_words("money", "nobody_pays")
_PROOFS = small_words("money", "proofs")
_ARTICLES = small_words("money", "articles")


@dataclass(frozen=True)
class Money:
    """What a text says of money: where it names prices to come in, where it hints at other payments, and whether it
    says that it is free for everybody, with the place where it says so only for some."""

    prices: tuple[Span, ...] = ()
    hints: tuple[Span, ...] = ()
    for_some: tuple[Span, ...] = ()
    is_said_free: bool = False


def money_in(reading: Reading) -> Money:
    """All that a text says of money."""
    # a name names no price: « Facture instrumentale de l'Est », « OPCO 2i »
    cues = [cue for cue in reading.cues("money") if cue.first < reading.organisation]
    amounts = list(_amounts(reading))
    if not cues and not amounts:
        return Money()
    of = by_family(cues)
    judged = [(span, _what_it_is(reading, span, of)) for span in amounts]
    prices = [_with_what_costs_it(reading, span, of) for span, kind in judged if kind == "price"]
    prices += [_alone(reading, span) for span, kind in judged if kind == "alone"]
    prices += _said(reading, [cue for cue in of.get("paid", ()) if not _is_beside(reading, cue, of)], judged)
    hints = [_with_what_costs_it(reading, span, of) for span, kind in judged if kind == "hint"]
    aside = [_with_what_costs_it(reading, span, of) for span, kind in judged if kind == "aside"]
    hints += _bare(reading, of.get("door", ()))
    free = [cue for cue in of.get("free", ()) if reading.is_said(cue.first)]
    for_some = [span for cue in free if _is_gratis(reading, cue) and (span := _for_some(reading, cue))]
    denied = any(reading.is_denied(cue.first) for family in ("paid", "payment") for cue in of.get(family, ()))
    is_free = denied or len(free) > len(for_some) or any(kind == "nothing" for _, kind in judged)
    if not is_free or prices:
        # « gratuit » outweighs what stands beside: « la tirelire est pour l'église », « au restaurant (13 €) »
        hints += aside
        hints += _said(reading, [cue for cue in of.get("payment", ()) if not _is_beside(reading, cue, of)], judged)
    return Money(tuple(sorted(prices)), tuple(sorted(hints)), tuple(for_some), is_free)


def _said(reading: Reading, cues: Iterable[Cue], judged: Iterable[tuple[Span, str]]) -> list[Span]:
    """Where a payment is said without its amount, and not that it is none: « participation demandée : 0 € »."""
    none = [span[0] for span, kind in judged if kind == "nothing"]
    said = (cue for cue in cues if not cue.is_of("nothing") and reading.is_said(cue.first) and not reading.is_asked(cue.last))
    return [(cue.first, cue.last) for cue in said if not _is_none(reading, cue, none)]


def _is_beside(reading: Reading, cue: Cue, of: Mapping[str, list[Cue]]) -> bool:
    """« food truck (payant) », « buvette payante »: what one may buy and need not."""
    if any(said.first <= cue.first <= said.last for said in of.get("nothing", ())):
        return True
    before = range(max(cue.first - _NEAR, reading.clause(cue.first)[0]), cue.first)
    is_said_of_it = any(word.startswith(_OF_GOODS) for word in reading.words[cue.first : cue.last + 1])
    return is_said_of_it and bool(_stand_in(of, "beside", before) or _stand_in(of, "sold", before))


def _is_none(reading: Reading, cue: Cue, none: Iterable[int]) -> bool:
    clause = reading.clause(cue.last)
    rest = reading.words[cue.last + 1 : clause[-1] + 1]
    told = rest[rest.index(":") + 1 :][:_NEAR] if ":" in rest else rest[:1]
    return bool(_NOBODY_PAYS.intersection(told)) or any(cue.last < place <= clause[-1] for place in none)


def _amounts(reading: Reading) -> Iterator[Span]:
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


def _bare(reading: Reading, door: Iterable[Cue]) -> Iterator[Span]:
    """« Adulte 7,50. Étudiant 5. », « en ligne, 18,90. »: a number that looks like a price, and nothing that it counts."""
    words = reading.words
    for cue in door:
        at = cue.last + 1
        if at + 1 < len(words) and words[at] in (":", "="):
            at += 1
        if words[cue.last] not in _WHO_PAYS or not words[at][0].isdecimal() or float(words[at]) == 0:
            continue
        if at + 1 == len(words) or words[at + 1] in PAUSES or words[at + 1] == "/":
            yield cue.first, at
    yield from ((at, at) for at, word in enumerate(words) if _PRICE_TAG.fullmatch(word) and words[at + 1] in PAUSES)


def _is_of_a_number(word: str) -> bool:
    return word[0].isdecimal() or word in _NUMERALS or word in _THOUSANDS or word in ("et", "d")


def _what_it_is(reading: Reading, span: Span, of: Mapping[str, list[Cue]]) -> str:
    """« price », « alone » (a price that fills its part of a sentence), « hint » (perhaps one), « aside » (perhaps a
    meal's, or what is asked at other times), « nothing » (0 €) or « other »: none of the visitors'."""
    first, last = span
    if not reading.is_said(first):
        return "other"
    value = _value(reading.words[first : last + 1])
    if value == 0:
        return "nothing"
    part, clause = reading.clause(last, pauses=True), reading.clause(last)
    if _THOUSANDS.intersection(reading.words[first : last + 1]) or _is_of_goods(reading, span):
        return "other"
    door = [cue for cue in _stand_in(of, "door", part) if _distance(cue, span) <= _NEAR]
    if _stand_in(of, "spent", part) and not _is_of_the_door(reading, door, span):
        return "other"
    if _USUAL.intersection(reading.words[place] for place in part):
        return "aside"
    if not door and _is_per_head(reading, span):
        return "price"
    if not door:
        return _without_a_door(reading, span, value, of)
    if _stand_in(of, "beside", clause):
        if _OBLIGATORY.intersection(reading.words[place] for place in clause):
            return "price"
        return "other" if _is_optional(reading, clause) else _beside(clause, of)
    return "price"


def _without_a_door(reading: Reading, span: Span, value: float, of: Mapping[str, list[Cue]]) -> str:
    clause = reading.clause(span[1])
    if value >= A_LOT or _stand_in(of, "spent", clause) or _stand_in(of, "sold", clause):
        return "other"
    if _is_optional(reading, clause):
        return "other"
    if _stand_in(of, "beside", clause):
        return _beside(clause, of)
    if _fills_its_part(reading, span):
        return "alone"
    return "hint" if value < MOST_OF_A_TICKET else "other"


def _beside(clause: range, of: Mapping[str, list[Cue]]) -> str:
    return "aside" if _stand_in(of, "table", clause) else "hint"


def _is_of_goods(reading: Reading, span: Span) -> bool:
    """« un stylo à 1,20 € », « 13 € / h », « 300 € la tonne »."""
    after = reading.words[span[1] + 1 : span[1] + 3]
    if after and (after[0] in _PER_UNIT or (after[0] in ("/", "par", "la", "le", "l", "de") and after[-1] in _PER_UNIT)):
        return True
    goods = reading.words[span[0] - 1] == "à" or reading.words[span[0] - 1] == "a"
    return goods and any(cue.last == span[0] - 2 and cue.is_of("product") for cue in reading.cues("industry"))


def _is_per_head(reading: Reading, span: Span) -> bool:
    """« 3 € par auditeur », « 18 € / joueur »."""
    after = reading.words[span[1] + 1 : span[1] + 3]
    return len(after) > 1 and after[0] in ("/", "par") and after[1].isalpha()


def _is_optional(reading: Reading, clause: range) -> bool:
    return any(reading.words[place] in _OPTIONAL for place in clause)


def _fills_its_part(reading: Reading, span: Span) -> bool:
    """« De 9,50 à 19 euros, », « Vingt et un euros. », « 9 € au lieu de 14 € »: nothing else is said there."""
    return all(_is_alone(reading.words[place]) for place in _around(reading, span))


def _is_alone(word: str) -> bool:
    return word in _ALONE or word in _CURRENCY or _is_of_a_number(word)


def _around(reading: Reading, span: Span) -> range:
    part = reading.clause(span[1], pauses=True)
    words = reading.words
    instead = next((place for place in part if place > span[1] and words[place : place + 2] == ["au", "lieu"]), None)
    return range(part[0], (part[-1] if instead is None else instead - 1) + 1)


def _alone(reading: Reading, span: Span) -> Span:
    around = _around(reading, span)
    return around[0], around[-1]


def _value(words: list[str]) -> float:
    value = next((float(word) for word in words if word[0].isdecimal()), 1.0)
    return value * A_LOT if _THOUSANDS.intersection(words) else value


def _with_what_costs_it(reading: Reading, span: Span, of: Mapping[str, list[Cue]]) -> Span:
    """« 8 € » → « entrée : 8 € », « 22 € » → « 22 € par adulte »."""
    part = reading.clause(span[1], pauses=True)
    around = [cue for family in ("door", "beside", "payment") for cue in _stand_in(of, family, part)]
    near = [cue for cue in around if 0 <= _distance(cue, span) <= _NEAR]
    if not near:
        return span
    closest = min(near, key=lambda cue: _distance(cue, span))
    return min(span[0], closest.first), max(span[1], closest.last)


def _stand_in(of: Mapping[str, list[Cue]], family: str, part: range) -> list[Cue]:
    return [cue for cue in of.get(family, ()) if cue.first in part]


def _distance(cue: Cue, span: Span) -> int:
    return span[0] - cue.last if cue.last < span[0] else cue.first - span[1]


def _is_of_the_door(reading: Reading, door: list[Cue], span: Span) -> bool:
    """« entrée : 8 € », whatever else is said of money beside it."""
    return any(cue.last < span[0] and reading.words[cue.last + 1 : span[0]] in ([":"], [":", "de"]) for cue in door)


def _is_gratis(reading: Reading, cue: Cue) -> bool:
    return reading.words[cue.last].startswith(("gratui", "libre", "offert"))


def _for_some(reading: Reading, cue: Cue) -> Span | None:
    """Where « gratuit » is said of some only: « pour les moins de 12 ans », « sur présentation d'un ticket »."""
    part = reading.clause(cue.last, pauses=True)
    rest = reading.words[cue.last + 1 : part[-1] + 1][:_NEAR]
    if not rest:
        return None
    span = (cue.first, min(part[-1], cue.last + _NEAR))
    if rest[0] == "pour":
        whom = [word for word in rest[1:] if word not in _ARTICLES]
        return None if not whom or whom[0] in _FOR_ALL else span
    if rest[:2] in (["sur", "presentation"], ["sur", "justificatif"]):
        return None if _PROOFS.intersection(rest) else span
    if rest[:2] == ["sous", "reserve"] and _PROOFS.intersection(rest):
        return None
    return span if rest[0] in _FOR_SOME and not _PROOFS.intersection(rest) else None
