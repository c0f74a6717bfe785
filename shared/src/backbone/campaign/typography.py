"""The spaces and apostrophes of French.

Source: Imprimerie nationale, Lexique des règles typographiques, 2002: a narrow space before ; ! ?, a whole one before
a colon and inside « », and none of them where a line may end.
"""

from __future__ import annotations

import re

NARROW = "\u202f"
NO_BREAK = "\u00a0"

_NARROW_BEFORE = re.compile(r" +(?=[;!?])")
_NO_BREAK_HERE = re.compile(r" +(?=[:»])|(?<=«) +|(?<=\b[LRD]\.) +(?=[0-9])")  # and « R. 311-3 », an article of law
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")


def in_french(text: str) -> str:
    """The text with French apostrophes and spaces: « Qu'est-ce ? » → « Qu’est-ce ? ». A space is never added."""
    text = _APOSTROPHE.sub("’", text)
    return _NO_BREAK_HERE.sub(NO_BREAK, _NARROW_BEFORE.sub(NARROW, text))


def capital(text: str) -> str:
    """The text with a capital at its beginning, and the others left as they are: « Heure de La Réunion »."""
    return text[:1].upper() + text[1:]


def uncapital(text: str) -> str:
    """The text as it stands inside a sentence."""
    return text[:1].lower() + text[1:]


def counted(number: int, *words: str) -> str:
    """« 1 autre jour », « 3 autres jours »; of none, as of one: « 0 autre jour »."""
    return " ".join([str(number), *(f"{word}s" if number > 1 else word for word in words)])


def listed(*parts: str) -> str:
    """« a », « a et b », « a, b et c »; nothing of nothing."""
    return " et ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)
