"""What the words of an event tell of it: the cues of industry, and of other things, that are said of the event itself,
and that are no name, no place and no past.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .lexicon import AGAINST, SILENT, Cue, Sense, small_words
from .reading import Reading
from .words import BREAK, PAUSES

OUTRIGHT = 4
"""What a term weighs that says the campaign's own subject: « métiers de l'industrie »."""

STRONG = 2
"""What a term weighs that is said of industry and of little else."""

PLAINLY = 3
"""What a term of other things weighs that leaves little to ask: « vide-grenier »."""

_OF_THE_PAST = small_words("subject", "of_the_past")
_DISUSED = ("desaffecte", "eteint", "demoli")
_PLACES = small_words("subject", "places")
_SMALL = small_words("subject", "small")
_GLUE = PAUSES - {BREAK} | {"et", "/", "&", ":", "*", "+"}
_VENUES = small_words("subject", "venues")
_HOSTS = small_words("subject", "hosts")
_AT = small_words("subject", "at")
_SAID_OF = small_words("subject", "said_of")
_HERITAGE = (("musee", "de", "la"), ("musee", "du"), ("musee", "des"), ("musee", "de", "l"), ("histoire", "de", "la"))


class Said(NamedTuple):
    """A cue that is said of the event, in one sense, with what it weighs there. `row`: the words that it stands in a
    row with, « soudage, usinage, CNC », by the place of their first."""

    cue: Cue
    sense: Sense
    where: str
    weight: int
    row: int

    @property
    def is_in_head(self) -> bool:
        """Whether it stands in the title or in the organisation's name."""
        return self.where != "description"


class Told(NamedTuple):
    """All that is said of an event: acts of the campaign, cues of industry, and of other things."""

    acts: list[Said]
    core: list[Said]
    others: list[Said]


def told_in(reading: Reading) -> Told:
    """What the words of an event tell."""
    said = [cue for cue in reading.cues("industry") if _is_said(reading, cue)]
    speaking = [(cue, sense) for cue in said if (sense := _for(cue)) and not _is_name(reading, cue)]
    rows = _rows(reading, [cue for cue, _ in speaking])
    told = [_as_said(reading, cue, sense, row) for (cue, sense), row in zip(speaking, rows, strict=True)]
    core = [each for each in told if each.sense.family != "act"]
    others = [_as_said(reading, cue, sense) for cue in said if (sense := _against(cue))]
    loud = {reading.sentences[each.cue.first] for each in core if each.sense.weight >= STRONG} if others else set[int]()
    return Told(
        acts=[each for each in told if each.sense.family == "act"],
        core=core,
        others=[each for each in others if _stands_alone(reading, each, loud) and not _is_a_venue(reading, each)],
    )


def _is_said(reading: Reading, cue: Cue) -> bool:
    return cue.senses[0].family not in SILENT and not reading.is_denied(cue.first)


def _rows(reading: Reading, cues: Iterable[Cue]) -> Iterator[int]:
    """For each cue the place where its row begins: nothing but commas between them."""
    row = end = -1
    for cue in cues:
        if end < 0 or not _GLUE.issuperset(reading.words[end + 1 : cue.first]):
            row = cue.first
        end = cue.last
        yield row


def _as_said(reading: Reading, cue: Cue, sense: Sense, row: int = -1) -> Said:
    place = cue.first
    where = (
        "title" if place < reading.description else "description" if place < reading.organisation else "organisation"
    )
    emphasis = _emphasis(reading, cue, sense) if row in (-1, place) else 0
    return Said(cue, sense, where, sense.weight + emphasis, row)


def _emphasis(reading: Reading, cue: Cue, sense: Sense) -> int:
    """« les métiers de la chimie », « la filière bois »: more than the word in passing."""
    if sense.family != "sector" or sense.weight >= OUTRIGHT:
        return 0
    before = reading.words[max(cue.first - 3, 0) : cue.first]
    return STRONG if _SAID_OF.intersection(before) else 0


def _for(cue: Cue) -> Sense | None:
    return next((sense for sense in cue.senses if sense.family not in AGAINST), None)


def _against(cue: Cue) -> Sense | None:
    return next((sense for sense in cue.senses if sense.family in AGAINST), None)


def _is_name(reading: Reading, cue: Cue) -> bool:
    return _is_past(reading, cue) or _is_a_place(reading, cue)


def _is_past(reading: Reading, cue: Cue) -> bool:
    """« ancienne usine », « musée de la mine »."""
    before = tuple(reading.words[max(cue.first - 3, 0) : cue.first])
    after = reading.words[cue.last + 1 : cue.last + 2]
    if after and after[0].startswith(_DISUSED):
        return True
    return bool(before) and (
        before[-1] in _OF_THE_PAST or any(before[-len(phrase) :] == phrase for phrase in _HERITAGE)
    )


def _is_a_place(reading: Reading, cue: Cue) -> bool:
    """« rue de la Fonderie », « à côté de l'usine », « gymnase de la Métallurgie »."""
    at = cue.first - 1
    while at >= 0 and reading.words[at] in _SMALL:
        at -= 1
    return at >= 0 and reading.words[at] in _PLACES


def _stands_alone(reading: Reading, each: Said, loud: set[int]) -> bool:
    # leisure in a sentence of industry is its ornament: « le concert de la fanfare de l'usine »
    is_an_ornament = each.sense.family == "leisure" and each.sense.weight < PLAINLY and each.where != "title"
    return not is_an_ornament or reading.sentences[each.cue.first] not in loud


def _is_a_venue(reading: Reading, each: Said) -> bool:
    """« au musée », « derrière l'église », « Médiathèque de … »: where it is, not what."""
    word, before = reading.words[each.cue.first], reading.words[each.cue.first - 1]
    if each.where == "organisation":
        return word in _HOSTS
    return each.where == "description" and word in _VENUES and before in _AT
