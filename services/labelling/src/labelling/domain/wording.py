"""Reading an organiser's text: words without case or accents, and where a term stands in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "’": "'", "‘": "'", "\u00a0": " ", "\u202f": " "})


def folded(text: str) -> str:
    """The text in lower case, without accents, ligatures or typographic apostrophes; blanks as single spaces."""
    bare = unicodedata.normalize("NFKD", text.translate(_LIGATURES).casefold())
    return re.sub(r"\s+", " ", "".join(c for c in bare if not unicodedata.combining(c)))


def found(terms: Iterable[str], text: str) -> tuple[str, ...]:
    """The terms that stand in the folded text, at the beginning of a word, each once and in the order given.

    A term is folded, and matches its inflections: `usine` finds « usines »; `visite de|d'atelier` is not a
    pattern: only `*` is one, for the end of a word (`metallurg*` finds « métallurgie », « métallurgiste »).
    """
    return tuple(term for term in terms if _pattern(term).search(text))


def _pattern(term: str) -> re.Pattern[str]:
    if term not in _patterns:
        end = r"\w*" if term.endswith("*") else r"(?:e?s|x)?\b"
        _patterns[term] = re.compile(rf"\b{re.escape(term.rstrip('*'))}{end}")
    return _patterns[term]


_patterns: dict[str, re.Pattern[str]] = {}
