"""Text that people typed, made fit to print."""

from __future__ import annotations

import re
import unicodedata

from backbone.campaign.typography import NARROW, NO_BREAK, in_french
from backbone.texts.lettering import set_in_type

ELLIPSIS = "…"

_SPACES = re.compile(" +")
_LINE_ENDS = re.compile("\r\n|[\n\v\f\r\x85\u2028\u2029]")
_BLANK_LINES = re.compile("\n{3,}")
_BULLET = re.compile(r"^\s*[-*•]\s+", re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!?…]+[»\")]?(?= |$)")


def clean(text: str) -> str:
    """One line of text, ready for print: in letters that our typefaces have, see `backbone.texts.lettering`."""
    return _SPACES.sub(" ", set_in_type(text).text).strip()


def tidy(text: str) -> str:
    """Text for a screen, which has typefaces for everything: paragraphs, pictures and letters of all scripts are kept,
    characters that control or turn a line are not."""
    lines = _LINE_ENDS.sub("\n", unicodedata.normalize("NFC", text)).split("\n")
    return _BLANK_LINES.sub("\n\n", "\n".join(_tidy_line(line) for line in lines)).strip()


def tidy_line(text: str) -> str:
    """As `tidy`, on one line."""
    return " ".join(tidy(text).split("\n"))


def typeset(text: str) -> str:
    """Cleaned text with French spaces and apostrophes: « Qu'est-ce ? » → « Qu’est-ce ? »."""
    return in_french(clean(text))


def first_sentences(text: str, limit: int) -> str:
    """The beginning of a text: its first sentences if they fill half the room, else whole words and « … »."""
    text = typeset(_BULLET.sub("", text))
    if len(text) <= limit:
        return text
    ends = [found.end() for found in _SENTENCE_END.finditer(text, 0, limit)]
    if ends and ends[-1] >= limit // 2:
        return text[: ends[-1]]
    head, space, _ = text[:limit].rpartition(" ")
    return (head if space else text[: limit - 1]).rstrip(" ,;:.–-" + NARROW + NO_BREAK) + ELLIPSIS


def _tidy_line(line: str) -> str:
    shown = ("" if unicodedata.category(c)[0] == "C" and c not in "\t\u200d" else c for c in line)
    return _SPACES.sub(" ", "".join(shown).replace("\t", " ")).strip()
