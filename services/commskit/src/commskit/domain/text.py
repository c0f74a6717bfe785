"""Text that people typed, made fit to print."""

from __future__ import annotations

import re
import unicodedata

NARROW = "\u202f"  # before ; : ! ? » and between a number and its unit
NO_BREAK = "\u00a0"
ELLIPSIS = "…"

_SPACES = re.compile(" +")
_SPACE_BEFORE = re.compile(r" +(?=[;:!?»])")
_SPACE_AFTER = re.compile(r"(?<=«) +")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_BULLET = re.compile(r"^\s*[-*•]\s+", re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!?…]+[»\")]?(?= |$)")
_MARKS_KEPT = 3  # on one letter: more is a prank that paints over its neighbours


def clean(text: str) -> str:
    """One line of text without what no printer should meet.

    Composed (NFC); line breaks and tabs become spaces; control, direction-changing and private
    characters, emoji and towers of combining marks are left out.
    """
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MARKS_KEPT:
            kept.append(_printable(character))
    return _SPACES.sub(" ", "".join(kept)).strip()


def typeset(text: str) -> str:
    """Cleaned text with French spaces and apostrophes: « Qu'est-ce ? » → « Qu’est-ce ? »."""
    text = _APOSTROPHE.sub("’", clean(text))
    return _SPACE_AFTER.sub(NARROW, _SPACE_BEFORE.sub(NARROW, text))


def first_sentences(text: str, limit: int) -> str:
    """The beginning of a text: its first sentences if they fill half the room, else whole words and « … »."""
    text = typeset(_BULLET.sub("", text))
    if len(text) <= limit:
        return text
    ends = [found.end() for found in _SENTENCE_END.finditer(text, 0, limit)]
    if ends and ends[-1] >= limit // 2:
        return text[: ends[-1]]
    head, space, _ = text[:limit].rpartition(" ")
    return (head if space else text[: limit - 1]).rstrip(" ,;:.–-" + NARROW) + ELLIPSIS


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    if category == "So" and character >= "\u2300":  # pictures: no typeface of ours has them
        return ""
    if category in {"Cc", "Zl", "Zp"}:
        return " " if character.isspace() else ""
    if category[0] == "C" or character in "\u034f\ufe0e\ufe0f":
        return ""
    return " " if category == "Zs" and character not in (NARROW, NO_BREAK) else character
