"""Which communes somebody may mean who is still typing: by the beginning of a name, of a postcode, or of both."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence, Set
from heapq import nsmallest
from string import ascii_lowercase
from typing import NamedTuple

from .domain import Commune
from .gazetteer import Gazetteer
from .names import beginnings, fold

_DIGITS = re.compile(r"[0-9]+")
_CORSICA = re.compile(r"\b2[ab]\b", re.IGNORECASE)  # departments that no postcode begins with
_LETTERS = ascii_lowercase + " "
_IS, _WAS = "\t", "\n"  # between a name and its commune's place: both come before every letter
_AFTER_ALL = "{"  # comes behind every letter
_PLACES = 100_000  # more than there are communes
_FORGIVEN_FROM = 4  # letters: with fewer, a slip of the pen leads anywhere


class Suggestion(NamedTuple):
    """A commune, those of its postcodes that fit what was typed, and its other name, if it was found by that."""

    commune: Commune
    postcodes: Sequence[str]
    matched: str | None
    at: Commune
    """With the point of its arrondissement, where these postcodes are of one alone."""
    district: str | None
    """What that is called."""


class _Match(NamedTuple):
    """A name that fits, in the order in which they are suggested."""

    is_other: bool
    is_longer: bool
    fewer: int
    """Inhabitants, below nought."""
    place: int
    name: str


class Suggestions:
    """All names of all communes in one order, in which those that begin alike stand together; of each its place in the
    gazetteer. Its making takes a second."""

    __slots__ = ("_cities", "_gazetteer", "_inhabitants", "_names", "_served")

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        # one text or number for each, as objects would weigh ten times as much
        self._inhabitants = array("I")
        self._cities: list[int] = []
        named: set[str] = set()
        served: list[int] = []
        for place, commune in enumerate(gazetteer.communes()):
            self._inhabitants.append(commune.population)
            if gazetteer.has_arrondissements(commune.code):
                self._cities.append(place)
            named.add(f"{fold(commune.name)}{_IS}{place}")
            named.update(f"{fold(name)}{_WAS}{place}" for name in gazetteer.other_names_of(commune.code))
            served.extend(int(postcode) * _PLACES + place for postcode in commune.postcodes)
        self._names = sorted(named)
        self._served = array("Q", sorted(served))

    def suggest(self, typed: str, most: int) -> list[Suggestion]:
        """The likeliest first: communes called so, those whose name begins so, each by their inhabitants, then former
        communes, quarters and the post's names. Where none is, one slip of the pen is forgiven; where the postcode
        leads elsewhere than the name, the name is believed.

        « Saint-D », « 750 », « 59000 lil », « lille 59 », « marseille 8 », « bastia 2b », « Hellemmes ».
        """
        digits = "".join(_DIGITS.findall(typed))
        there = self._there(digits, _CORSICA.search(typed))
        names = beginnings(_CORSICA.sub(" ", typed))
        if not names:
            return self._best((self._match(place) for place in there or ()), digits, most)
        return (
            self._best(self._beginning(names, there), digits, most)
            or self._best(self._beginning(_with_a_slip(names), there), digits, most)
            or self._best(self._beginning(names, None), "", most)
        )

    def _there(self, digits: str, corsican: re.Match[str] | None) -> Set[int] | None:
        """The places that a postcode, a department or a district may mean which begins so; None: nothing was said."""
        if corsican:
            return set(self._gazetteer.places_in(corsican[0].upper()))
        if not digits:
            return None
        rest = 10 ** max(0, 5 - len(digits)) * _PLACES
        first, last = (bisect_left(self._served, (int(digits) + end) * rest) for end in (0, 1))
        cities = {place for place in self._cities if self._districts(self._gazetteer.commune(place), digits)}
        return cities | {number % _PLACES for number in self._served[first:last]}

    def _beginning(self, names: Iterable[str], there: Set[int] | None) -> Iterator[_Match]:
        for name in names:
            first, last = (bisect_left(self._names, name + end) for end in ("", _AFTER_ALL))
            for line in self._names[first:last]:
                found, is_other, place = line.partition(_WAS) if _WAS in line else line.partition(_IS)
                if there is None or int(place) in there:
                    yield self._match(int(place), found, is_other=is_other == _WAS, is_longer=found != name)

    def _match(self, place: int, name: str = "", *, is_other: bool = False, is_longer: bool = False) -> _Match:
        return _Match(is_other, is_longer, -self._inhabitants[place], place, name)

    def _best(self, matches: Iterable[_Match], digits: str, most: int) -> list[Suggestion]:
        best: dict[int, _Match] = {}
        for match in matches:
            best[match.place] = min(match, best.get(match.place, match))
        return [self._told(match, digits) for match in nsmallest(most, best.values())]

    def _told(self, match: _Match, digits: str) -> Suggestion:
        commune = self._gazetteer.commune(match.place)
        beginning = [postcode for postcode in commune.postcodes if postcode.startswith(digits)]
        fitting = self._districts(commune, digits) or beginning or commune.postcodes
        matched = self._spelt(commune, match.name) if match.is_other else None
        return Suggestion(commune, fitting, matched, *self._narrowed(commune, fitting))

    def _narrowed(self, commune: Commune, postcodes: Iterable[str]) -> tuple[Commune, str | None]:
        districts = {self._gazetteer.narrowed(commune, postcode) for postcode in postcodes}
        return districts.pop() if len(districts) == 1 else (commune, None)

    def _districts(self, commune: Commune, digits: str) -> list[str]:
        """The postcodes of the arrondissement of this number, unless it is the department that is meant."""
        if not self._gazetteer.has_arrondissements(commune.code) or digits == commune.department:
            return []
        return [postcode for postcode in commune.postcodes if postcode[3:] == digits.zfill(2)]

    def _spelt(self, commune: Commune, name: str) -> str:
        """Another name as it is written, without the post's capitals where it can be."""
        spelt = [other for other in self._gazetteer.other_names_of(commune.code) if fold(other) == name]
        return min(spelt, key=str.isupper) if not all(map(str.isupper, spelt)) else spelt[0].title()


def _with_a_slip(names: Iterable[str]) -> set[str]:
    """Each name with one letter missing, too many, wrong, or exchanged with the next."""
    splits = [(name[:at], name[at:]) for name in names if len(name) >= _FORGIVEN_FROM for at in range(len(name) + 1)]
    missing = {before + letter + after for before, after in splits for letter in _LETTERS}
    wrong = {before + letter + after[1:] for before, after in splits if after for letter in _LETTERS}
    exchanged = {before + after[1] + after[0] + after[2:] for before, after in splits if len(after) > 1}
    return missing | wrong | exchanged | {before + after[1:] for before, after in splits if after}
