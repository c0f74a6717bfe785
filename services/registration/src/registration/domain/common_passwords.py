"""The passwords that are tried first: the commonest ones, what is made of them by a few signs more, and rows of keys.

Which ones are the commonest in the world is not known here: `COMMONEST` is told by whoever lets people in.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import pairwise

_FRENCH = (
    "motdepasse", "mdp", "azerty", "azertyuiop", "azertyuiopqs", "qsdfgh", "bonjour", "bonsoir", "salut", "soleil",
    "doudou", "loulou", "chouchou", "marseille", "france", "paris", "jetaime", "coucou", "chocolat", "vacances",
    "semaine", "industrie", "usine", "fonderie", "organisateur", "administrateur", "admin", "entreprise", "test",
    "semainedelindustrie", "connexion", "compte", "secret", "bienvenue", "nicolas", "camille", "juillet", "octobre",
    "novembre", "decembre", "septembre", "administrator", "changezmoi", "aqzsedrftgyh", "a1b2c3d4e5f6",
)  # fmt: skip
_ROWS = (
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "01234567890",
    "12345678901234567890",
)
_AS_LETTERS = str.maketrans("@4301!5$7€", "aaeoiisste")
_LOOKED_AT = 40  # characters: a longer one is only looked at for repetition
_FILLING = 4  # digits that add little: a year, « 123 »
_LEFT_OVER = 2  # characters between fillings that add as little: « 12345678901x »


@dataclass(frozen=True)
class Commonest:
    """The passwords that are tried first, in small letters: `first` are the thousand tried before all others, of which
    two in a row are tried as well."""

    all: frozenset[str]
    first: frozenset[str]

    @classmethod
    def of(cls, ranked: list[str]) -> Commonest:
        """Those of a list that has the commonest first, and those of the French."""
        return cls(frozenset([*ranked, *_FRENCH]), frozenset([*ranked[:1000], *_FRENCH]))


COMMONEST: ContextVar[Commonest] = ContextVar("commonest")
"""What passwords are held against; where nobody has set it, none is judged: asking raises LookupError."""


def is_soon_guessed(password: str, about: Iterable[str] = ()) -> bool:
    """Whether a password falls in about a million tries to who knows what the account is `about`."""
    own = frozenset(word for text in about if len(word := _plain(text)) > 2)
    core = password.casefold().rstrip("0123456789 !?.,;:*#-_+/")
    known = COMMONEST.get()
    readings = {_plain(password), *(_plain(text.translate(_AS_LETTERS)) for text in (password.casefold(), core))}
    return any(_falls(_unrepeated(reading), known, own) for reading in readings)


def _falls(text: str, known: Commonest, own: frozenset[str]) -> bool:
    if len(text) > _LOOKED_AT:
        return False
    if len(text) <= _FILLING:
        return True  # it was longer, by repetition alone
    ends = range(len(text) + 1)
    heads = [end for end in ends if _fills(text[:end])]
    tails = [start for start in ends if _fills(text[start:])]
    cores = [(head, tail) for head in heads for tail in tails if head <= tail]
    if any(tail - head <= _LEFT_OVER or _is_in(text[head:tail], known.all, own) for head, tail in cores):
        return True
    return any(
        _is_in(text[head:middle], known.first, own) and _is_in(text[middle:tail], known.first, own)
        for head in heads
        for tail in tails
        for middle in range(head + 1, tail)
    )


def _is_in(word: str, known: frozenset[str], own: frozenset[str]) -> bool:
    return word in known or word in own or (len(word) > 2 and _is_row(word))


def _fills(text: str) -> bool:
    return (len(text) <= _FILLING and (text == "" or text.isdigit())) or (len(text) > 2 and _is_row(text))


def _is_row(text: str) -> bool:
    steps = {ord(b) - ord(a) for a, b in pairwise(text)}
    return steps in ({0}, {1}, {-1}) or any(text in row or text[::-1] in row for row in _ROWS)


def _unrepeated(text: str) -> str:
    """« abcabcabc » → « abc »; the same again and again is as good as once."""
    for length in range(1, len(text) // 2 + 1):
        unit = text[:length]
        if (unit * (len(text) // length + 1))[: len(text)] == text:
            return unit
    return text


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isalnum())
