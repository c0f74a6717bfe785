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

from .assets import LENDER, read_font
from .domain.text import ELLIPSIS

MM_PER_PT = 25.4 / 72
_TIGHT = 1.01  # kerning mostly narrows; the rest is rounding
_BOLDER = 1.05  # of a letter that is lent by the other family, and thickened
_PLAIN_SPACES = re.compile(" +")
# « Découverte/Formation », but not « 24/24 », « et/ou » or « km/h »
_MAY_BREAK = re.compile(r"(?<= )|(?<=[^\W\d]{3}/)(?=\w{3})")
_RATHER_HERE = re.compile(r"[-–/._?&=@:]")  # within a word that must be broken


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
    """The widths of one of our typefaces, and of the letters that `LENDER` lends it; read once per process."""
    lent = {} if name == LENDER else {code: width * _BOLDER for code, width in face(LENDER).widths.items()}
    with TTFont(BytesIO(read_font(name)), lazy=True) as font:
        em, advances = font["head"].unitsPerEm, font["hmtx"].metrics
        return Face(lent | {code: advances[glyph][0] / em for code, glyph in font.getBestCmap().items()})


def wrap(text: str, face: Face, size: float, width: float) -> list[str]:
    """The lines of a text in a column: broken at spaces and after slashes; a word wider than the column is broken
    where it must be."""
    return [line.rstrip(" ") for line in _wrap(text, face, size, width)]


def _wrap(text: str, face: Face, size: float, width: float) -> list[str]:
    """The lines with the spaces at their ends: together they are the text."""
    lines: list[str] = []
    line = ""
    for part in _parts(text):
        if face.measure((line + part).rstrip(" "), size) <= width:
            line += part
            continue
        lines += [line] if line else []
        *full, line = _break(part, face, size, width)
        lines += full
    return [*lines, line]


def _parts(text: str) -> list[str]:
    return _MAY_BREAK.split(_PLAIN_SPACES.sub(" ", text))


def balance(text: str, face: Face, size: float, width: float) -> list[str]:
    """The same number of lines, as even as they can be: a title without a last word alone."""
    lines = wrap(text, face, size, width)
    narrowest, widest = width / len(lines) / 2, width
    while widest - narrowest > 0.5:
        middle = (narrowest + widest) / 2
        tighter = wrap(text, face, size, middle)
        if len(tighter) == len(lines) and not _breaks_a_word(text, face, size, middle):
            lines, widest = tighter, middle
        else:
            narrowest = middle
    return lines


def largest(text: str, face: Face, sizes: Sequence[float], *, width: float, height: float, leading: float) -> float:
    """The largest of `sizes` (from large to small) at which a text fits its box without breaking a word;
    if there is none, the largest at which it fits at all; else the smallest."""
    fitting = [size for size in sizes if len(wrap(text, face, size, width)) * size * leading * MM_PER_PT <= height]
    whole = (size for size in fitting if not _breaks_a_word(text, face, size, width))
    return next(whole, fitting[0] if fitting else sizes[-1])


def clip(text: str, face: Face, size: float, *, width: float, lines: int) -> str:
    """A text that takes at most so many lines, cut with « … » if it must."""
    broken = _wrap(text, face, size, width)
    if len(broken) <= lines:
        return text
    last = broken[lines - 1]
    while last and face.measure(last + ELLIPSIS, size) > width:
        last = last[:-1]
    return "".join(broken[: lines - 1]) + last.rstrip(" ,;:.–-") + ELLIPSIS


def _break(word: str, face: Face, size: float, width: float) -> Iterable[str]:
    fits = max(1, math.floor(len(word) * width / max(face.measure(word, size), 0.001)))
    while word and face.measure(word.rstrip(" "), size) > width:
        end = next((n for n in range(fits, 1, -1) if face.measure(word[:n], size) <= width), 1)
        ends = [found.end() for found in _RATHER_HERE.finditer(word, end // 2, end)]
        end = ends[-1] if ends else end
        yield word[:end]
        word = word[end:]
    yield word


def _breaks_a_word(text: str, face: Face, size: float, width: float) -> bool:
    return any(face.measure(part.rstrip(" "), size) > width for part in _parts(text))
