"""What the communes of a postcode, or of a department, are called: folded once, and found however they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Self

from rapidfuzz import process
from rapidfuzz.distance import OSA

from .names import essence

_LONG_ENOUGH = 4  # letters of a name that is looked for among other words: « Eu » and « Gif » stand in too many
_SAYS_NOTHING = {"saint", "sainte", "val", "ville", "mont", "pont"}  # first words that name nothing by themselves

_LETTERS_A_SLIP = 5
"""One slip of the pen is forgiven in so many letters, and one in any name of three: « Grenobel », « Dxa ». Of 60 000
names at postcodes that have nothing to do with them, 56 were taken for a slip so; 94 with one slip in four letters."""

_BY = r" (?<! les )(?<! sur )(?<! sous )(?<! en )"  # what another place lies by: « Colomby-sur-Thaon » is not in Thaon


class Row(NamedTuple):
    """One commune: its place in the gazetteer, its name and its other names, folded."""

    place: int
    name: str
    others: tuple[str, ...]


class Called:
    """The names of some communes. Each question is answered by the places of those that fit, none where none does."""

    __slots__ = ("_all", "_formerly", "_today")

    def __init__(self, rows: Iterable[Row]) -> None:
        self._today: dict[str, list[int]] = {}
        self._formerly: dict[str, list[int]] = {}
        for row in rows:
            self._today.setdefault(row.name, []).append(row.place)
            for name in row.others:
                self._formerly.setdefault(name, []).append(row.place)
        self._all = list({**self._formerly, **self._today})

    def __bool__(self) -> bool:
        return bool(self._today)

    def today(self, wanted: str) -> list[int]:
        """Those that are called so."""
        return self._today.get(wanted, [])

    def formerly(self, wanted: str) -> list[int]:
        """Those that a former commune, a quarter or the post calls so."""
        return self._formerly.get(wanted, [])

    def abridged(self, wanted: str) -> list[int]:
        """Those called so but for the small words: « boulogne mer »."""
        bare = essence(wanted)
        if not bare or bare in _SAYS_NOTHING:
            return []
        return self._bearing(name for name in self._all if essence(name) == bare)

    def beginning(self, wanted: str) -> list[int]:
        """Those whose name begins with these words: « ponteils » for Ponteils-et-Brésis."""
        if wanted in _SAYS_NOTHING:
            return []
        return self._bearing(name for name in self._all if name.startswith(wanted + " "))

    def within(self, wanted: str) -> list[int]:
        """Those whose name stands among these words, the longest: « lyon part dieu », « campus de ker lann bruz »."""
        standing = [name for name in self._all if _stands_in(name, wanted)]
        longest = max(map(len, standing), default=0)
        return self._bearing(name for name in standing if len(name) == longest)

    def heading(self, wanted: str) -> Self:
        """Only the communes whose own name these words begin with: « valbonne sophia antipolis »."""
        heads = [name for name in self._today if wanted.startswith(f"{name} ")]
        return type(self)(Row(place, name, ()) for name in heads for place in self._today[name])

    def nearly(self, wanted: str) -> tuple[list[int], int]:
        """Those whose name is written so but for slips of the pen (a letter wrong, missing, doubled, two exchanged),
        and how many slips: the fewest, and no more than such a name forgives."""
        most = _slips_forgiven(wanted)
        if not most:
            return [], 0
        near = process.extract(wanted, self._all, scorer=OSA.distance, processor=None, limit=None, score_cutoff=most)
        fewest = min((slips for _, slips, _ in near), default=0)
        return self._bearing(name for name, slips, _ in near if slips == fewest), int(fewest)

    def _bearing(self, names: Iterable[str]) -> list[int]:
        """The communes of these names, each once."""
        return list(dict.fromkeys(self._places(names)))

    def _places(self, names: Iterable[str]) -> Iterator[int]:
        for name in names:
            yield from self._today.get(name, ())
            yield from self._formerly.get(name, ())


def _slips_forgiven(name: str) -> int:
    return 0 if len(name) < 3 else max(1, len(name) // _LETTERS_A_SLIP)


def _stands_in(name: str, wanted: str) -> bool:
    if len(name) < _LONG_ENOUGH or name in _SAYS_NOTHING or f" {name} " not in f" {wanted} ":
        return False
    return re.search(f"{_BY}{name} ", f" {wanted} ") is not None
