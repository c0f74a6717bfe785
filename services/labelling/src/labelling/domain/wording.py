"""Reading an organiser's text: words without case or accents, and where a term stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache

from backbone.texts.pasted import skeleton

# « pas de dégustation », « aucun frais », « sans inscription », « ce n'est pas un marché de Noël »
NEGATED = re.compile(
    r"\b(?:pas|aucune?|sans|ni|jamais|rien|libre de)\b(?: (?:de|du|des|un|une|le|la|les|tres|en))? ?(?:[dl]')?"
    r"[\w-]+(?: (?:de |du |des |d')[\w-]+)?"
)
# « le reste de l'année la visite est payante », « gratuit au lieu de 8 € » : the whole clause
_OTHER_TIME = (
    r"\b(?:le reste de l'annee|habituellement|d'habitude|d'ordinaire|ordinairement|normalement|en temps normal"
    r"|au lieu de)\b"
)
_OTHER_TIMES = re.compile(rf"[^.,:;!?(]*{_OTHER_TIME}[^.;!?)]*")
_SPEAKS_OF_OTHER_TIMES = re.compile(_OTHER_TIME)


_WORD = re.compile(r"\w+")
_BEGINNING = 3  # letters; of a thousand terms they leave some fifty that can stand in a text


def terms(text: str) -> tuple[str, ...]:
    """The terms of a lexicon, written one after the other with commas between."""
    return tuple(" ".join(term.split()) for term in text.split(",") if term.strip())


def folded(text: str) -> str:
    """The text in lower case, without accents, ligatures, disguise or typographic apostrophes; single blanks."""
    return skeleton(text)


def of_this_time(text: str) -> str:
    """The folded text without what it says of other times of the year."""
    return _OTHER_TIMES.sub(" ", text) if _SPEAKS_OF_OTHER_TIMES.search(text) else text


def affirmed(text: str) -> str:
    """The folded text without what it denies, or says of other times of the year."""
    return without_denials(of_this_time(text))


def without_denials(text: str) -> str:
    """The folded text without what it denies."""
    return NEGATED.sub(" ", text)


def found(lexicon: Iterable[str], text: str) -> tuple[str, ...]:
    """The terms that stand in the folded text as whole words, each once and in the order given.

    Each word of a term also matches its plural: `haut fourneau` finds « hauts fourneaux ». A `*` stands for any
    end of a word: `metallurg*` finds « métallurgie » and « métallurgiste ».
    """
    near = _by_beginning(tuple(lexicon))
    candidates = (term for beginning in _beginnings(text).intersection(near) for term in near[beginning])
    return tuple(term for _, root, term in sorted(candidates) if _stands(root, term, text))


@lru_cache(maxsize=256)  # the lexicons, and the few terms of a text that are looked for again in its title
def _by_beginning(lexicon: tuple[str, ...]) -> Mapping[str, Sequence[tuple[int, str, str]]]:
    """The terms by the first letters of their first word, each with its place in the lexicon and its root;
    the short ones without any."""
    near: dict[str, list[tuple[int, str, str]]] = {}
    for place, term in enumerate(lexicon):
        root = term.split()[0].rstrip("*")
        first = _WORD.findall(root)[0][:_BEGINNING]
        near.setdefault(first if len(first) == _BEGINNING else "", []).append((place, root, term))
    return near


@lru_cache(maxsize=8)  # of the event that is being judged: several lexicons are looked for in each of its texts
def _beginnings(text: str) -> frozenset[str]:
    return frozenset({"", *(word[:_BEGINNING] for word in _WORD.findall(text))})


def _stands(root: str, term: str, text: str) -> bool:
    # a plain search for the root, and the pattern only there: it costs a hundred times more
    pattern, place = pattern_of(term), text.find(root)
    while place >= 0:
        if pattern.match(text, place):
            return True
        place = text.find(root, place + 1)
    return False


@cache
def pattern_of(term: str) -> re.Pattern[str]:
    """How a term of a lexicon stands in a folded text."""
    words = (
        rf"{re.escape(word[:-1])}\w*" if word[-1] == "*" else f"{re.escape(word)}(?:e?s|x)?" for word in term.split()
    )
    return re.compile(rf"\b{' '.join(words)}\b")
