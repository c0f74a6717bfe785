"""What an event is about, as its words have it: cues of industry, and of what is beside it or far from it.

Two cues of different families (a sector, a maker, a plant, a process, a product, a trade, a training; and what the
campaign does: to visit, to hire …), one of them at least outside the organisation's name, make an event about industry.
Names of the campaign, of institutions and of places tell nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from backbone.contracts import EventKind

from .lexicon import AGAINST
from .reading import Reading
from .telling import PLAINLY, STRONG, Said, told_in

ENOUGH = 4
"""Points: a branch, a plant, a trade counts two, what is said outright four, what the campaign does one."""

MOST_OF_THE_WEAK = 2
"""Points that machines, materials and goods bring in all, however many stand there: a kitchen has many of them too."""

MARGIN = 2
"""Points by which industry must be louder than what speaks of other things."""

MANY = 4
"""Weak cues, of two families, that make up for a strong one, where a site is shown and nothing else is told."""

PLENTY = 3
"""Strong cues that leave no doubt of what it is about."""

FAR = AGAINST - {"neighbour"}
"""Families that have nothing of a workshop."""

_SHOWN = frozenset({EventKind.COMPANY_VISIT, EventKind.OPEN_DAY, EventKind.VIRTUAL_VISIT})
_ACTS = _SHOWN | {EventKind.JOB_DATING, EventKind.CAREERS_FORUM, EventKind.CLASSROOM_TALK}
"""Kinds of events that are an act of the campaign by themselves."""


@dataclass(frozen=True)
class Subject:
    """What the words of an event say for industry and of other things.

    `core`: cues of industry; `others`: what speaks of something else. `is_shown`: the event is an act of the campaign,
    by its words or its kind; `is_site`: it shows a site.
    """

    core: tuple[Said, ...]
    others: tuple[Said, ...]
    is_shown: bool
    is_site: bool

    @property
    def is_industry(self) -> bool:
        """Whether the cues are enough, of two families, and louder than what speaks of other things."""
        if self._has_many_weak:
            return True
        return self.weight >= ENOUGH and self.has_strong and self._families > 1 and not self.is_drowned

    @property
    def is_drowned(self) -> bool:
        """Whether what speaks of other things is as loud, or nearly, or has the title for itself."""
        if not self.others:
            return False
        if self.weight < _points(self.others) + MARGIN:
            return True
        if self.is_loud:
            return False
        # no number of trade words makes industry of a yoga lesson
        return not self._is_headed and (self._from_afar > MARGIN or any(each.is_in_head for each in self.others))

    @property
    def is_loud(self) -> bool:
        """Whether it is said so often that what stands beside it, outside the title, is its setting: a chapel on the
        way to the sawmill."""
        twice = MARGIN + 2 * _points(self.others)
        strong_rows = {each.row for each in self.core if each.sense.term in self._strong_outside}
        return len(strong_rows) >= PLENTY and self.weight >= twice and not self._is_headed_from_afar

    @property
    def is_elsewhere(self) -> bool:
        """Whether nothing but its by-words speaks of industry, and something far from it does, louder; or has the
        title, where no site is shown."""
        if self._from_afar > self.weight and self.weight <= MARGIN and not self.has_strong:
            return True
        if self.is_site:
            return False
        if self._strong_outside:
            return self._is_all_from_afar
        return self._is_headed_from_afar or self._from_afar > PLENTY

    @cached_property
    def weight(self) -> int:
        """Points for industry: each term once, the weak ones no more than a few in all."""
        if not self.core:
            return 0
        said = self._by_row if self.others else self._weights
        strong = sum(weight for weight in said.values() if weight >= STRONG)
        weak = sum(weight < STRONG for weight in said.values())
        return strong + min(weak, MOST_OF_THE_WEAK) + self.is_shown + self._is_titled

    @cached_property
    def has_strong(self) -> bool:
        """Whether a strong cue stands outside the organisation's name, or inside with others outside, beside it: « La
        Filature : visite de la filature, de ses métiers à tisser », and not « La Filature : concert »."""
        strong = any(weight >= STRONG for weight in self._weights.values())
        outside = {each.sense.term for each in self.core if each.where != "organisation"}
        if self._strong_outside:
            return bool(outside - self._in_name) or not self.others
        return strong and len(outside - self._in_name) >= STRONG

    @cached_property
    def _strong_outside(self) -> set[str]:
        outside = {each.sense.term for each in self.core if each.where != "organisation"}
        return {term for term in outside if self._weights[term] >= STRONG}

    @property
    def _is_headed_from_afar(self) -> bool:
        return any(each.where == "title" and each.sense.family in FAR for each in self.others)

    @property
    def _is_all_from_afar(self) -> bool:
        """Whether so much speaks of leisure, in the title too, that a work is the place and no more."""
        if any(each.where == "title" and each.sense.weight >= PLAINLY for each in self.others):
            return self._from_afar >= self.weight
        least = self.weight if self._is_headed_from_afar else self.weight + MARGIN
        return not self._is_headed and self._from_afar >= least

    @property
    def _from_afar(self) -> int:
        return _points(each for each in self.others if each.sense.family in FAR)

    @cached_property
    def _weights(self) -> dict[str, int]:
        weights: dict[str, int] = {}
        for each in self.core:
            weights[each.sense.term] = max(each.weight, weights.get(each.sense.term, 0))
        return weights

    @cached_property
    def _by_row(self) -> dict[int, int]:
        """Where other things are told too, a row of words says no more than one of them."""
        rows = {each.sense.term: each.row for each in self.core}
        by_row: dict[int, int] = {}
        for term, weight in self._weights.items():
            by_row[rows[term]] = max(weight, by_row.get(rows[term], 0))
        return by_row

    @property
    def _weak(self) -> int:
        return sum(weight < STRONG for weight in self._weights.values())

    @property
    def _has_many_weak(self) -> bool:
        others = sum(1 + each.is_in_head for each in self.others)
        return self.is_site and self._weak >= MANY + 2 * others and len({each.sense.family for each in self.core}) > 1

    @property
    def _families(self) -> int:
        outright = any(weight >= ENOUGH for weight in self._weights.values())
        return len({each.sense.family for each in self.core}) + outright + self.is_shown

    @property
    def _in_name(self) -> set[str]:
        return {each.sense.term for each in self.core if each.where == "organisation"}

    @property
    def _is_titled(self) -> bool:
        return not self.others and any(each.where == "title" and each.sense.weight >= STRONG for each in self.core)

    @property
    def _is_headed(self) -> bool:
        """Whether the title speaks of industry, and not of the house alone (« concert à La Fonderie »); or somebody
        says that they make things."""
        of_the_title = (each for each in self.core if each.where == "title" and each.sense.weight >= STRONG)
        is_of_the_house = all(each.sense.term in self._in_name for each in of_the_title)
        return not is_of_the_house or any(each.sense.family == "maker" for each in self.core)


def subject_of(reading: Reading) -> Subject:
    """What an event is about."""
    told = told_in(reading)
    return Subject(
        core=tuple(sorted(told.core, key=lambda each: (-each.sense.weight, each.cue.first))),
        others=tuple(told.others),
        is_shown=bool(told.acts) or reading.event.kind in _ACTS,
        is_site=reading.event.kind in _SHOWN,
    )


def _points(others: Iterable[Said]) -> int:
    """A word from elsewhere counts one, in the title or in the organisation's name one more."""
    points: dict[str, int] = {}
    for each in others:
        points[each.sense.term] = max(points.get(each.sense.term, 0), each.sense.weight + each.is_in_head)
    return sum(points.values())
