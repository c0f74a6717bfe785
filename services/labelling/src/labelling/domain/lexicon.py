"""The words that the rules know: files of terms (`lexicons/*.toml`), found in a text in one pass.

A file says what its terms are about (`concern`), of what `family` they are, what they weigh, and where they come from.
Terms are written as people write them; plurals are derived, and both genders of those who work (`persons`) and of what
is said of a thing (`agree`: « inclus », « payant »). `[without]` names the company in which a term means something
else: « facture électronique ».
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import ahocorasick

from . import lexicon_files
from .lexicon_files import GRAMMAR
from .words import words_of

MOST_FORMS = 64
"""Of one term; a longer one has its first words varied only."""

INDUSTRY = "industry"

SHORTEST_MADE = 7
"""Letters of a word that is read by its ending: shorter ones are too often something else (« image », « série »)."""

AGAINST = frozenset({"neighbour", "far", "leisure"})
SILENT = frozenset({"name", "elsewhere"})
"""Families whose terms hide the words inside them: names, and terms in other company."""


@dataclass(frozen=True)
class Sense:
    """What a term is: in which family, and how much it says."""

    term: str
    family: str
    weight: int = 1


class Cue(NamedTuple):
    """A term that stands in a text, from its first to its last word."""

    first: int
    last: int
    senses: tuple[Sense, ...]

    def is_of(self, family: str) -> bool:
        """Whether the term is one of this family."""
        return any(sense.family == family for sense in self.senses)


Cues = Mapping[str, list[Cue]]
"""The terms about one thing that stand in a text, by family."""


class Lexicon:
    """Finds all terms of all files in one pass over the words of a text, however many terms there are."""

    def __init__(self, entries: Iterable[tuple[str, Sense, Sequence[str]]]) -> None:
        senses: dict[Sequence[str], dict[str, dict[str, Sense]]] = {}
        for concern, sense, words in entries:
            # the first file to name a term in a family has it
            senses.setdefault(tuple(words), {}).setdefault(concern, {}).setdefault(sense.family, sense)
        known = dict.fromkeys(word for words in senses for word in words)
        self._signs = {word: _signs(number) for number, word in enumerate(known, start=1)}
        self._automaton = ahocorasick.Automaton()
        for words, concerns in senses.items():
            found = tuple((concern, _merged(by_family)) for concern, by_family in concerns.items())
            self._automaton.add_word("".join(self._signs[word] for word in words), (len(words), found))
        self._automaton.make_automaton()

    def find(self, words: Sequence[str]) -> Mapping[str, list[Cue]]:
        """The terms that stand in these words, by what they are about, in the order of their place. A term inside a
        longer one is not told: « industrie » is not, in « zone industrielle »."""
        signs = [self._signs.get(word, _UNKNOWN) for word in words]
        standing: dict[str, list[Cue]] = {}
        for end, (length, concerns) in self._automaton.iter("".join(signs)):
            last = end // 2
            for concern, senses in concerns:
                standing.setdefault(concern, []).append(Cue(last - length + 1, last, senses))
        if made := [
            Cue(at, at, sense) for at, sign in enumerate(signs) if sign == _UNKNOWN and (sense := _made(words[at]))
        ]:
            standing.setdefault(INDUSTRY, []).extend(made)
        return {concern: _longest(cues) for concern, cues in standing.items()}


@lru_cache(maxsize=8192)
def _made(word: str) -> tuple[Sense, ...]:
    """What no lexicon knows, and its ending tells all the same: « rivetage » is done to things, « brosserie » made."""
    singular = word.removesuffix("s")
    if len(word) < SHORTEST_MADE or singular in small_words("lexicon", "not_made"):
        return ()
    if singular.endswith("age"):
        return (Sense(singular, "process"),)
    return (Sense(singular, "plant"),) if singular.endswith("erie") else ()


# The automaton goes through the branches of a node one by one, and thousands of terms begin differently. A word is two
# signs in it, of two alphabets: so a node has a hundred branches at the most, and no term begins inside a word
_BREADTH = 100
_FIRST, _SECOND = 0x100, 0x4000


def _signs(number: int) -> str:
    return chr(_FIRST + number // _BREADTH) + chr(_SECOND + number % _BREADTH)


_UNKNOWN = _signs(0)


def by_family(cues: Iterable[Cue]) -> Cues:
    """The cues of each family; one whose term is of two is in both."""
    families: dict[str, list[Cue]] = {}
    for cue in cues:
        for sense in cue.senses:
            families.setdefault(sense.family, []).append(cue)
    return families


def standing_in(of: Cues, family: str, part: range) -> list[Cue]:
    """The terms of a family that begin in a part of a text."""
    return [cue for cue in of.get(family, ()) if cue.first in part]


def _longest(cues: list[Cue]) -> list[Cue]:
    kept: list[Cue] = []
    furthest = -1
    for cue in sorted(cues, key=_by_place):
        if cue.last > furthest:
            kept.append(cue)
            furthest = cue.last
    return kept


def _by_place(cue: Cue) -> tuple[int, int]:
    return cue.first, -cue.last


def use_lexicons(folder: Path | None) -> Lexicon:
    """From now on judges by the files of this folder as well, or only by the package's own.

    Raises UnusableLexicons, and changes nothing then.
    """
    if lexicon_files.use(folder):
        lexicon.cache_clear()
    return lexicon()


@cache
def lexicon() -> Lexicon:
    """All the files that are in use."""
    return Lexicon(entry for name in file_names() for entry in _entries(read(name)))


@cache
def small_words(rule: str, name: str) -> frozenset[str]:
    """Some words of `grammar.toml`, folded: a rule reads sentences by them and looks for none of them."""
    return frozenset(read(GRAMMAR)[rule][name].split())


def file_names() -> list[str]:
    """The lexicons' files, in the order of their names."""
    return [name for name in lexicon_files.names() if name != GRAMMAR]


def read(name: str) -> dict[str, Any]:
    """One file as it is written."""
    return tomllib.loads(lexicon_files.content(name).decode())


def terms_of(text: str) -> list[str]:
    """The terms of a group, written one after the other with commas between."""
    return [" ".join(term.split()) for term in text.split(",") if term.strip()]


def _entries(file: Mapping[str, Any]) -> Iterator[tuple[str, Sense, Sequence[str]]]:
    groups = {name: group for name, group in file.items() if isinstance(group, dict) and "terms" in group}
    for name, group in groups.items():
        family = "elsewhere" if name == "unless" else group.get("family", file.get("family", ""))
        concern = group.get("concern", file["concern"])
        persons, agree = (group.get(each, file.get(each, False)) for each in ("persons", "agree"))
        for term in terms_of(group["terms"]):
            sense = Sense(term, family, group.get("weight", file.get("weight", 1)))
            yield from ((concern, sense, form) for form in forms(term, persons=persons, agree=agree))
    for term, companies in file.get("without", {}).items():
        for company in terms_of(companies):
            sense = Sense(company.replace("~", term), "elsewhere")
            yield from ((file["concern"], sense, form) for form in forms(sense.term))


def _merged(by_family: Mapping[str, Sense]) -> tuple[Sense, ...]:
    # words in other company are not against; those that speak for industry do so all the same: « machine agricole »
    if by_family.keys().isdisjoint(SILENT):
        return tuple(by_family.values())
    speaking = tuple(sense for family, sense in by_family.items() if family not in AGAINST | SILENT)
    return speaking or tuple(sense for family, sense in by_family.items() if family in SILENT)[:1]


def forms(term: str, *, persons: bool = False, agree: bool = False) -> set[tuple[str, ...]]:
    """All that a term looks like in a text, folded: as it is, in the plural, and of persons, and of adjectives that
    agree, in both genders."""
    choices, number = [], 1
    for word in words_of(term):
        both = _feminine(word) if persons else _agreeing(word, term) if agree else ()
        variants = (word,) if number > MOST_FORMS // 4 else _variants(word, *both)
        number *= len(variants)
        choices.append(variants)
    return set(product(*choices))


@cache
def _variants(word: str, *feminine: str) -> tuple[str, ...]:
    if word in small_words("lexicon", "invariable") or not word.isalpha() or len(word) < 3:
        return (word,)
    return tuple(dict.fromkeys(variant for gender in (word, *feminine) for variant in (gender, *_plural(gender))))


def _plural(word: str) -> tuple[str, ...]:
    if word[-1] in "sxz":
        return ()
    if word.endswith(("eau", "eu")):
        return (f"{word}x",)
    if word.endswith("al"):
        return (f"{word[:-1]}ux", f"{word}s")
    return (f"{word}s",)


def _feminine(word: str) -> tuple[str, ...]:
    if word.endswith("teur"):
        return (f"{word[:-3]}rice", f"{word[:-1]}se", f"{word}e")
    if word.endswith("eur"):
        return (f"{word[:-1]}se", f"{word}e")
    if word.endswith("ien"):
        return (f"{word}ne",)
    if word.endswith("er"):
        return (f"{word}e",)
    if word.endswith(("ant", "ent", "on", "el")):
        return (f"{word}e", f"{word}{word[-1]}e")
    return ()


def _agreeing(word: str, term: str) -> tuple[str, ...]:
    # a folded « payé » is « paye »: whether it is a participle only the term as it is written tells
    is_participle = word.endswith("e") and f"{word[:-1]}é" in term
    return (f"{word}e",) if is_participle or word.endswith(("ant", "it", "is", "us", "ui", "ni")) else ()
