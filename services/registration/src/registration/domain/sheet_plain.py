"""Words as they are compared: without accents, capitals, plurals, articles, and what is in brackets."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_ARTICLES = {
    "de",
    "du",
    "des",
    "d",
    "la",
    "le",
    "les",
    "l",
    "un",
    "une",
    "votre",
    "vos",
    "notre",
    "nos",
    "a",
    "au",
    "aux",
}


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """« Heure de début * (hh:mm) » and « HEURES DEBUT » are both « heure debut »."""
    words = unaccented(_BRACKETS.sub(" ", text)).casefold().replace("œ", "oe")
    kept = [word for word in re.findall(r"[a-z0-9]+", words) if word not in _ARTICLES]
    return " ".join(_singular(word) for word in kept)


def unaccented(text: str) -> str:
    """« Évènement » is « Evenement »."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word
