"""The passwords that are tried first: the commonest ones, what is made of them by a few signs more, and rows of keys.

The list is zxcvbn's (30,000 passwords, the commonest first). Its estimate of guesses is not used: it tries all ways to
read a « 1 » or a « $ » as letters, and takes seconds for a text that is made for it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from zxcvbn.frequency_lists import FREQUENCY_LISTS

_FRENCH = (
    "motdepasse", "mdp", "azerty", "azertyuiop", "azertyuiopqs", "qsdfgh", "bonjour", "bonsoir", "salut", "soleil",
    "doudou", "loulou", "chouchou", "marseille", "france", "paris", "jetaime", "coucou", "chocolat", "vacances",
    "semaine", "industrie", "usine", "fonderie", "organisateur", "administrateur", "admin", "entreprise", "test",
    "semainedelindustrie", "connexion", "compte", "secret", "bienvenue", "nicolas", "camille", "juillet", "octobre",
    "novembre", "decembre", "septembre",
)  # fmt: skip
_COMMON = frozenset([*FREQUENCY_LISTS["passwords"], *_FRENCH])
_COMMONEST = frozenset([*FREQUENCY_LISTS["passwords"][:1000], *_FRENCH])
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


def is_soon_guessed(password: str, about: Iterable[str] = ()) -> bool:
    """Whether a password falls in about a million tries to who knows what the account is `about`."""
    own = frozenset(word for text in about if len(word := _plain(text)) > 2)
    core = password.casefold().rstrip("0123456789 !?.,;:*#-_+/")
    readings = {_plain(password), *(_plain(text.translate(_AS_LETTERS)) for text in (password.casefold(), core))}
    return any(_falls(_unrepeated(reading), own) for reading in readings)


def _falls(text: str, own: frozenset[str]) -> bool:
    if len(text) > _LOOKED_AT:
        return False
    if len(text) <= _FILLING:
        return True  # it was longer, by repetition alone
    ends = range(len(text) + 1)
    heads = [end for end in ends if _fills(text[:end])]
    tails = [start for start in ends if _fills(text[start:])]
    if any(_is_in(text[head:tail], _COMMON, own) or head == tail for head in heads for tail in tails if head <= tail):
        return True
    return any(
        _is_in(text[head:middle], _COMMONEST, own) and _is_in(text[middle:tail], _COMMONEST, own)
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
