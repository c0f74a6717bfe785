"""A text as the rules read it: words and signs, folded, each with its place in what was written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache

from backbone.texts.pasted import skeleton

BREAK = "|"
"""Stands between the parts of a text that no sentence spans: fields, paragraphs, the lines of a list."""

ENDS = frozenset({".", ";", "!", "?", "…", "•", "-", BREAK})
"""What ends a clause."""

PAUSES = ENDS | {",", "(", ")"}
"""What ends a part of a clause."""

_LOST = "\uffff"  # stands for a sign that folds to several, or to none: it keeps the place of those after it
_WORD = re.compile(
    r"(?:\b[a-z]\.){2,}"  # « P.A.F. »
    r"|\d+(?: \d{3}(?!\d))*(?:[.,]\d+)?"  # « 1 200,50 »
    r"|[^\W\d_]+"
    r"|[€.;!?,:()•…|%+&/]"
    r"|(?<!\S)[-*](?!\S)"  # a dash between words, not one inside a word
    r"|\n\s*(?:\n|[-•*·])\s*"  # a paragraph, or the next line of a list
)


class _Aligned(dict[int, str]):
    """Folds a text sign by sign, so that every sign keeps its place."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        folded = "\n" if sign == "\n" else " " if sign.isspace() else skeleton(sign)
        self[code] = found = folded if len(folded) == 1 else _LOST
        return found


_ALIGNED = _Aligned()


class Field:
    """One text of an event: its words, and where each was written."""

    def __init__(self, name: str, written: str) -> None:
        self.name, self.written = name, written
        self._text = written.translate(_ALIGNED)
        self._places: Sequence[int] = range(len(written) + 1)
        if _LOST in self._text:
            self._text, self._places = _unfolded(written)
        self.words = [word if word.isalpha() else _plain(word) for word in _WORD.findall(self._text)]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Where its words from the first to the last one stand in what was written."""
        return self._places[self._spans[first][0]], self._places[self._spans[last][1] - 1] + 1

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        # a second pass, where something is quoted: most fields of most events are not
        return [found.span() for found in _WORD.finditer(self._text)]


def words_of(text: str) -> list[str]:
    """The folded words and signs of a text."""
    return Field("", text).words


@lru_cache(maxsize=4096)
def _plain(word: str) -> str:
    if word[0] == "\n":
        return BREAK
    if word[0].isdecimal():
        return word.replace(" ", "").replace(",", ".")
    if word[1:2] == ".":
        return word.replace(".", "")
    return "-" if word == "*" else word


def _unfolded(written: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its signs the place of the one that it was folded from."""
    signs, places = [], []
    for place, sign in enumerate(written):
        folded = "\n" if sign == "\n" else " " if sign.isspace() else skeleton(sign)
        signs.append(folded)
        places += [place] * len(folded)
    return "".join(signs), [*places, len(written)]
