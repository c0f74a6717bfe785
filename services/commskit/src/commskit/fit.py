"""How much room text takes, known before it is laid out.

A renderer says nothing when text overflows its box, so lines are broken and sizes chosen here, from the
widths that the typefaces themselves give.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO

from fontTools.ttLib import TTFont

from .assets import read_font
from .domain.text import ELLIPSIS

MM_PER_PT = 25.4 / 72
_TIGHT = 1.01  # kerning mostly narrows; the rest is rounding
_PLAIN_SPACE = re.compile(" +")


@dataclass(frozen=True)
class Face:
    """A typeface's widths, in ems per character."""

    widths: dict[int, float]

    def measure(self, text: str, size: float) -> float:
        """The width of a line, in mm, at a size in pt. A character that the face lacks counts as a full em."""
        ems = sum(self.widths.get(ord(character), 1.0) for character in text)
        return ems * size * MM_PER_PT * _TIGHT


@cache
def face(name: str) -> Face:
    """The widths of one of our typefaces, read once per process."""
    with TTFont(BytesIO(read_font(name)), lazy=True) as font:
        em, advances = font["head"].unitsPerEm, font["hmtx"].metrics
        widths = {code: advances[glyph][0] / em for code, glyph in font.getBestCmap().items()}
    narrow = {0x202F: widths.get(0x202F, 0.2)}
    return Face(widths | narrow)


def wrap(text: str, face: Face, size: float, width: float) -> list[str]:
    """The lines of a text in a column; a word wider than the column is broken where it must be."""
    lines: list[str] = []
    line = ""
    for word in _PLAIN_SPACE.split(text):
        longer = f"{line} {word}" if line else word
        if face.measure(longer, size) <= width:
            line = longer
            continue
        lines += [line] if line else []
        *full, line = _break(word, face, size, width)
        lines += full
    return [*lines, line]


def balance(text: str, face: Face, size: float, width: float) -> list[str]:
    """The same number of lines, as even as they can be: a title without a last word alone."""
    lines = wrap(text, face, size, width)
    narrowest, widest = width / len(lines) / 2, width
    while widest - narrowest > 0.5:
        middle = (narrowest + widest) / 2
        tighter = wrap(text, face, size, middle)
        if len(tighter) == len(lines) and not _breaks_a_word(text, tighter):
            lines, widest = tighter, middle
        else:
            narrowest = middle
    return lines


def largest(text: str, face: Face, sizes: Sequence[float], *, width: float, height: float, leading: float) -> float:
    """The largest of `sizes` (from large to small) at which a text fits its box without breaking a word;
    if there is none, the largest at which it fits at all; else the smallest."""
    fitting = [
        (size, lines)
        for size in sizes
        if len(lines := wrap(text, face, size, width)) * size * leading * MM_PER_PT <= height
    ]
    whole = (size for size, lines in fitting if not _breaks_a_word(text, lines))
    return next(whole, fitting[0][0] if fitting else sizes[-1])


def clip(text: str, face: Face, size: float, *, width: float, lines: int) -> str:
    """A text that takes at most so many lines, cut with « … » if it must."""
    broken = wrap(text, face, size, width)
    if len(broken) <= lines:
        return text
    last = broken[lines - 1]
    while last and face.measure(last + ELLIPSIS, size) > width:
        last = last[:-1]
    return " ".join([*broken[: lines - 1], last.rstrip(" ,;:.–-") + ELLIPSIS])


def _break(word: str, face: Face, size: float, width: float) -> Iterable[str]:
    fits = max(1, math.floor(len(word) * width / max(face.measure(word, size), 0.001)))
    while word and face.measure(word, size) > width:
        end = next((n for n in range(fits, 1, -1) if face.measure(word[:n], size) <= width), 1)
        yield word[:end]
        word = word[end:]
    yield word


def _breaks_a_word(text: str, lines: list[str]) -> bool:
    return " ".join(lines) != _PLAIN_SPACE.sub(" ", text)
