"""The organiser's own words, found again: rules read a folded text, people are shown what was written and where."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from backbone.contracts import Evidence, PublicEvent
from backbone.texts.pasted import skeleton

from .wording import NEGATED, pattern_of

FIELDS = ("title", "description", "organisation")
_LOST = "\uffff"  # stands for a sign that folds to several, or to none: it keeps the place of those after it


class _Aligned(dict[int, str]):
    """Folds a text sign by sign, so that every sign keeps its place."""

    def __missing__(self, code: int) -> str:
        folded = " " if chr(code).isspace() else skeleton(chr(code))
        self[code] = found = folded if len(folded) == 1 else _LOST
        return found


_ALIGNED = _Aligned()


def quote_terms(event: PublicEvent, terms: Iterable[str]) -> tuple[Evidence, ...]:
    """What the organiser wrote where a rule found these terms of a lexicon."""
    return tuple(_quoted(event, pattern_of(term), term) for term in terms)


def quote_phrases(event: PublicEvent, phrases: Iterable[str]) -> tuple[Evidence, ...]:
    """What the organiser wrote where a rule read these words of the folded text."""
    return tuple(_quoted(event, re.compile(re.escape(phrase)), phrase) for phrase in phrases)


def declared(field: str, *values: str) -> tuple[Evidence, ...]:
    """What the organiser chose or filled in, rather than wrote."""
    return tuple(Evidence(text=value, field=field) for value in values)


def _quoted(event: PublicEvent, wanted: re.Pattern[str], otherwise: str) -> Evidence:
    loose = _loose(wanted.pattern)
    for align in (_sign_by_sign, _whole):
        for field in FIELDS:
            written: str = getattr(event, field)
            if place := _find(loose, *align(written)):
                start, end = place
                return Evidence(text=written[start:end], field=field, start=start, end=end)
    return Evidence(text=otherwise)  # the rule read it across a part that it had left out


@lru_cache(maxsize=4096)  # the terms of the lexicons, and some phrases
def _loose(pattern: str) -> re.Pattern[str]:
    # blanks may be several in a row where the folded text has one
    return re.compile(pattern.replace("\\ ", " +").replace(" ", " +").replace("++", "+"))


@lru_cache(maxsize=len(FIELDS))  # of the event that is being judged: a rule looks for many terms in it
def _sign_by_sign(written: str) -> tuple[str, range]:
    return written.translate(_ALIGNED), range(len(written) + 1)


def _whole(written: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its signs the place of the one that it was folded from."""
    signs, places = [], []
    for place, sign in enumerate(written):
        folded = " " if sign.isspace() else skeleton(sign)
        signs.append(folded)
        places += [place] * len(folded)
    return "".join(signs), [*places, len(written)]


def _find(wanted: re.Pattern[str], text: str, places: range | list[int]) -> tuple[int, int] | None:
    found = list(wanted.finditer(text))
    if len(found) > 1:  # « pas de fonderie ici, mais la fonderie d'à côté »: the one that the rule read
        denied = [match.span() for match in NEGATED.finditer(text)]
        found = [m for m in found if not any(first <= m.start() < last for first, last in denied)] or found
    if not found or found[0].end() == found[0].start():
        return None
    return places[found[0].start()], places[found[0].end() - 1] + 1
