"""Which rules and lexicons decide: a name that nobody types, so that nobody forgets to change it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from . import lexicon_files
from .lexicon import Lexicon, lexicon

JUDGES = (
    "access.py",
    "amounts.py",
    "criteria.py",
    "doors.py",
    "lexicon.py",
    "money.py",
    "reading.py",
    "subject.py",
    "telling.py",
    "words.py",
)
"""The files of this package that a finding depends on, beside the lexicons."""

TEXTS = ("lettering.py", "lookalikes.py", "pasted.py")
"""The files of the floor that say what a letter is."""


def ruleset() -> str:
    """Twelve hexadecimal digits of a SHA-256 over the source of the rules and the lexicons that are in use."""
    return _digest(lexicon())


@cache
def _digest(_: Lexicon) -> str:
    digest = hashlib.sha256()
    for content in _contents():
        digest.update(content)
    return digest.hexdigest()[:12]


def _contents() -> Iterable[bytes]:
    yield from (files(__package__).joinpath(name).read_bytes() for name in JUDGES)
    yield from (files("backbone.texts").joinpath(name).read_bytes() for name in TEXTS)
    yield from map(lexicon_files.content, lexicon_files.names())
