"""An event as the rules read it: once, for all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property

from backbone.contracts import Evidence, PublicEvent

from .lexicon import Cue, lexicon, small_words
from .words import BREAK, ENDS, PAUSES, Field

Span = tuple[int, int]
"""From the first to the last word of a text."""

FIELDS = ("title", "description", "organisation")

_NEGATORS = small_words("reading", "negators")
_BETWEEN = small_words("reading", "between")
_NOT_DENIED = small_words("reading", "not_denied")  # « pas seulement une usine »
_FAR = 4
"""Words at the most between a denial and what it denies."""

# « le reste de l'année la visite est payante », « gratuit, d'habitude 8 € »
_OTHER_TIMES = tuple(
    tuple(words.split())
    for words in (
        "le reste de l annee",
        "habituellement",
        "d habitude",
        "d ordinaire",
        "ordinairement",
        "normalement",
        "en temps normal",
        "en dehors de cette semaine",
        "hors semaine de l industrie",
        "les autres jours",
        "toute l annee",
    )
)
_INSTEAD = (("au", "lieu", "de"), ("au", "lieu", "d"), ("plutot", "que"), ("contre", "d", "ordinaire"))


class Reading:
    """The words of an event, folded, with the terms that stand in them. Places are numbers of words."""

    def __init__(self, event: PublicEvent) -> None:
        self.event = event
        self.fields = [Field(name, getattr(event, name)) for name in FIELDS]
        self.words: list[str] = []
        self._begins: list[int] = []
        for field in self.fields:
            self._begins.append(len(self.words))
            self.words += field.words
            self.words.append(BREAK)
        found = lexicon().find(self.words)
        self._cues = {of: [cue for cue in cues if not self._is_cut_out(cue)] for of, cues in found.items()}

    @property
    def organisation(self) -> int:
        """The place of the first word of the organisation's name."""
        return self._begins[2]

    @property
    def description(self) -> int:
        """The place of the first word of the description."""
        return self._begins[1]

    def cues(self, concern: str) -> list[Cue]:
        """The terms that stand in the event, of those about one thing."""
        return self._cues.get(concern, [])

    def _is_cut_out(self, cue: Cue) -> bool:
        """Whether a term of letters and digits is a part of a longer string of them: « b2b » in « Zx1b2b2e58 »."""
        if "".join(self.words[cue.first : cue.last + 1]).isalpha():
            return False
        field, start, end = self._where(cue.first, cue.last)
        cut, beside = field.written[start:end], (field.written[max(start - 1, 0) : start], field.written[end : end + 1])
        return cut.isalnum() and not cut.isdecimal() and any(map(str.isalnum, beside))

    @cached_property
    def sentences(self) -> list[int]:
        """For each word the number of its sentence."""
        number, numbers = 0, []
        for word in self.words:
            numbers.append(number)
            number += word in ENDS
        return numbers

    def clause(self, place: int, *, pauses: bool = False) -> range:
        """The words of the clause around a place; with `pauses` only to the next comma or bracket."""
        ends, first, last = PAUSES if pauses else ENDS, place, place
        while first > 0 and self.words[first - 1] not in ends:
            first -= 1
        while last + 1 < len(self.words) and self.words[last + 1] not in ends:
            last += 1
        return range(first, last + 1)

    def is_denied(self, place: int) -> bool:
        """Whether what stands there is denied: « pas de dégustation », « aucun frais », « sans inscription »."""
        for distance in range(1, _FAR + 1):
            before = place - distance
            if before < 0 or self.words[before] in PAUSES:
                return False
            if self.words[before] in _NEGATORS:
                return self.words[before + 1] not in _NOT_DENIED
            if self.words[before] not in _BETWEEN:
                return False
        return False

    @cached_property
    def _elsewhen(self) -> list[range]:
        return [*self._other_times(), *self._instead()]

    def _other_times(self) -> Iterable[range]:
        for first, last in self._standing(_OTHER_TIMES):
            part = self.clause(first, pauses=True)
            yield part
            if part[-1] == last and last + 2 < len(self.words) and self.words[last + 1] == ",":
                yield self.clause(last + 2, pauses=True)  # « (le reste de l'année, entrée : 9 €) »

    def _instead(self) -> Iterable[range]:
        for first, last in self._standing(_INSTEAD):
            part = self.clause(first, pauses=True)
            yield range(first, min(part[-1] + 1, last + 4))

    def _standing(self, phrases: Iterable[tuple[str, ...]]) -> Iterable[tuple[int, int]]:
        for phrase in phrases:
            if phrase[0] not in self._known or phrase[-1] not in self._known:
                continue
            for place, word in enumerate(self.words):
                if word == phrase[0] and tuple(self.words[place : place + len(phrase)]) == phrase:
                    yield place, place + len(phrase) - 1

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.words)

    def is_of_other_times(self, place: int) -> bool:
        """Whether it is said of other times of the year, or of what is not asked any more."""
        return any(place in part for part in self._elsewhen)

    def is_said(self, place: int) -> bool:
        """Whether what stands there is neither denied nor said of other times."""
        return not self.is_denied(place) and not self.is_of_other_times(place)

    def is_asked(self, place: int) -> bool:
        """Whether it stands in a question: « est-ce que c'est payant ? »."""
        return self.words[self.clause(place)[-1] + 1] == "?"

    def quote(self, first: int, last: int) -> Evidence:
        """The organiser's own words from a place to another, and where they stand."""
        field, start, end = self._where(first, last)
        return Evidence(text=field.written[start:end], field=field.name, start=start, end=end)

    def _where(self, first: int, last: int) -> tuple[Field, int, int]:
        """The text that these words are of, and from where to where they stand in it."""
        number = bisect_right(self._begins, first) - 1
        field, begins = self.fields[number], self._begins[number]
        return field, *field.span(first - begins, min(last - begins, len(field.words) - 1))
