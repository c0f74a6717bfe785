"""Reading an organiser's text: words without case or accents, and where a term stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from backbone.texts.pasted import skeleton

# « pas de dégustation », « aucun frais », « sans inscription », « ce n'est pas un marché de Noël »
_NEGATED = re.compile(
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
    return _NEGATED.sub(" ", of_this_time(text))


def found(lexicon: Iterable[str], text: str) -> tuple[str, ...]:
    """The terms that stand in the folded text as whole words, each once and in the order given.

    Each word of a term also matches its plural: `haut fourneau` finds « hauts fourneaux ». A `*` stands for any
    end of a word: `metallurg*` finds « métallurgie » and « métallurgiste ».
    """
    # the plain search comes first: it spares nearly all of the patterns, which cost a hundred times more
    return tuple(term for term in lexicon if _root(term) in text and _pattern(term).search(text))


@cache
def _root(term: str) -> str:
    return term.split()[0].rstrip("*")


@cache
def _pattern(term: str) -> re.Pattern[str]:
    words = (
        rf"{re.escape(word[:-1])}\w*" if word[-1] == "*" else f"{re.escape(word)}(?:e?s|x)?" for word in term.split()
    )
    return re.compile(rf"\b{' '.join(words)}\b")
