"""What an event is about, as its words have it: cues of industry, and of what is beside it or far from it.

Two cues of different families (a sector, a maker, a plant, a process, a product, a trade, a training; and what the
campaign does: to visit, to hire …), one of them at least outside the organisation's name, make an event about industry.
Names of the campaign, of institutions and of places tell nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backbone.contracts import EventKind

from .lexicon import AGAINST, SILENT, Cue, Sense, small_words
from .reading import Reading

ENOUGH = 4
"""Points: a branch, a plant, a trade counts two, what is said outright four, what the campaign does one."""

STRONG = 2
"""What a term weighs that is said of industry and of little else."""

MOST_OF_THE_WEAK = 2
"""Points that machines, materials and goods bring in all, however many stand there: a kitchen has many of them too."""

MARGIN = 2
"""Points by which industry must be louder than what speaks of other things."""

_OF_THE_PAST = small_words("subject", "of_the_past")
MANY = 4
"""Weak cues, of two families, that make up for a strong one, where a site is shown and nothing else is told."""

_SHOWN = frozenset({EventKind.COMPANY_VISIT, EventKind.OPEN_DAY, EventKind.VIRTUAL_VISIT})
_ACTS = _SHOWN | {EventKind.JOB_DATING, EventKind.CAREERS_FORUM, EventKind.CLASSROOM_TALK}
"""Kinds of events that are an act of the campaign by themselves."""

_PLACES = small_words("subject", "places")
_SMALL = small_words("subject", "small")
_SAID_OF = small_words("subject", "said_of")
_HERITAGE = (("musee", "de", "la"), ("musee", "du"), ("musee", "des"), ("musee", "de", "l"), ("histoire", "de", "la"))


@dataclass(frozen=True)
class Subject:
    """What the words of an event say for industry and against it, in points, with the cues that say so."""

    told: tuple[Cue, ...]
    others: tuple[Cue, ...]
    weight: int
    families: int
    has_strong: bool
    has_many_weak: bool
    against: int
    against_from_afar: int
    is_headed: bool
    is_headed_elsewhere: bool

    @property
    def is_industry(self) -> bool:
        """Whether the cues are enough, of two families, and louder than what speaks against."""
        if self.has_many_weak and not self.against:
            return True
        return self.weight >= ENOUGH and self.families > 1 and self.has_strong and not self.is_drowned

    @property
    def is_drowned(self) -> bool:
        """Whether what speaks of other things is as loud, or nearly."""
        if not self.against:
            return False
        # no number of trade words makes industry of a yoga lesson
        is_far = not self.is_headed and self.against_from_afar > MARGIN
        return self.weight < self.against + MARGIN or self.is_headed_elsewhere or is_far

    @property
    def is_elsewhere(self) -> bool:
        """Whether nothing but its by-words speaks of industry, and something else does, louder."""
        return not self.has_strong and self.against_from_afar > self.weight and self.weight < MARGIN + 1


def subject_of(reading: Reading) -> Subject:
    """What an event is about."""
    cues = [cue for cue in reading.cues("industry") if cue.senses[0].family not in SILENT]
    said = [(cue, _for(cue), _against(cue)) for cue in cues if not reading.is_denied(cue.first)]
    told = [
        (cue, sense) for cue, sense, _ in said if sense and not _is_past(reading, cue) and not _is_a_place(reading, cue)
    ]
    strong = {reading.sentences[cue.first] for cue, sense in told if sense.family != "act" and sense.weight > 1}
    core = [(cue, sense) for cue, sense in told if sense.family != "act"]
    acts = [(cue, sense) for cue, sense in told if sense.family == "act"]
    others = [(cue, other) for cue, _, other in said if other and _stands_alone(reading, cue, other, strong)]
    in_name = {sense.term for cue, sense in core if cue.first >= reading.organisation}
    headed = _is_headed(reading, core, in_name)
    weights = _heaviest((sense.term, sense.weight + _emphasis(reading, cue, sense)) for cue, sense in core)
    strong_ones = {term: weight for term, weight in weights.items() if weight >= STRONG}
    is_shown = bool(acts) or reading.event.kind in _ACTS
    weak = len(weights) - len(strong_ones)
    is_titled = not others and any(cue.first < reading.description and s.weight >= STRONG for cue, s in core)
    families = {sense.family for _, sense in core} | {"outright" for weight in weights.values() if weight >= ENOUGH}
    return Subject(
        told=tuple(cue for cue, _ in sorted(core, key=lambda each: (-each[1].weight, each[0].first))),
        others=tuple(cue for cue, _ in others),
        weight=sum(strong_ones.values()) + min(weak, MOST_OF_THE_WEAK) + is_shown * bool(core) + is_titled,
        families=len(families) + is_shown if core else 0,
        has_many_weak=weak >= MANY and len(families) > 1 and reading.event.kind in _SHOWN,
        has_strong=_stand_outside(reading, core, strong_ones, in_name),
        against=_against_in_points(reading, others),
        is_headed=headed,
        is_headed_elsewhere=any(_is_in_head(reading, cue) for cue, _ in others) and not headed,
        against_from_afar=_against_in_points(reading, [each for each in others if each[1].family != "neighbour"]),
    )


def _stand_outside(
    reading: Reading, core: list[tuple[Cue, Sense]], strong: Mapping[str, int], in_name: set[str]
) -> bool:
    """Whether a strong cue stands outside the organisation's name, or inside with others outside, beside it: « La
    Filature : visite de la filature, de ses métiers à tisser », and not « La Filature : concert »."""
    outside = {sense.term for cue, sense in core if cue.first < reading.organisation}
    if outside & strong.keys():
        return bool(outside - in_name)
    return bool(strong) and len(outside - in_name) >= STRONG


def _emphasis(reading: Reading, cue: Cue, sense: Sense) -> int:
    """« les métiers de la chimie », « la filière bois »: more than the word in passing."""
    if sense.family != "sector" or sense.weight >= ENOUGH:
        return 0
    before = reading.words[max(cue.first - 3, 0) : cue.first]
    return STRONG if _SAID_OF.intersection(before) else 0


def _for(cue: Cue) -> Sense | None:
    return next((sense for sense in cue.senses if sense.family not in AGAINST), None)


def _against(cue: Cue) -> Sense | None:
    return next((sense for sense in cue.senses if sense.family in AGAINST), None)


def _is_past(reading: Reading, cue: Cue) -> bool:
    """« ancienne usine », « musée de la mine »."""
    before = tuple(reading.words[max(cue.first - 3, 0) : cue.first])
    return bool(before) and (
        before[-1] in _OF_THE_PAST or any(before[-len(phrase) :] == phrase for phrase in _HERITAGE)
    )


def _is_a_place(reading: Reading, cue: Cue) -> bool:
    """« rue de la Fonderie », « à côté de l'usine », « gymnase de la Métallurgie »."""
    at = cue.first - 1
    while at >= 0 and reading.words[at] in _SMALL:
        at -= 1
    return at >= 0 and reading.words[at] in _PLACES


def _stands_alone(reading: Reading, cue: Cue, sense: Sense, strong: set[int]) -> bool:
    # leisure in a sentence of industry is its ornament: « le concert de la fanfare de l'usine »
    return sense.family != "leisure" or reading.sentences[cue.first] not in strong or cue.first < reading.description


def _heaviest(weighed: Iterable[tuple[str, int]]) -> dict[str, int]:
    weights: dict[str, int] = {}
    for term, weight in weighed:
        weights[term] = max(weight, weights.get(term, 0))
    return weights


def _against_in_points(reading: Reading, others: list[tuple[Cue, Sense]]) -> int:
    """A word from elsewhere counts one, in the title or in the organisation's name one more."""
    points: dict[str, int] = {}
    for cue, sense in others:
        points[sense.term] = max(points.get(sense.term, 0), sense.weight + _is_in_head(reading, cue))
    return sum(points.values())


def _is_headed(reading: Reading, core: list[tuple[Cue, Sense]], in_name: set[str]) -> bool:
    """Whether the title speaks of industry, and not of the house alone (« concert à La Fonderie »); or somebody says
    that they make things."""
    of_the_title = (s for cue, s in core if cue.first < reading.description and s.weight >= STRONG)
    return any(s.term not in in_name for s in of_the_title) or any(s.family == "maker" for _, s in core)


def _is_in_head(reading: Reading, cue: Cue) -> bool:
    return not reading.description <= cue.first < reading.organisation
