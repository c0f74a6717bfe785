"""Which rules and lexicons decide: a name that nobody types, so that nobody forgets to change it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

JUDGES = ("access.py", "criteria.py", "lexicon.py", "money.py", "reading.py", "subject.py", "words.py")
"""The files of this package that a finding depends on, beside the lexicons."""

TEXTS = ("lettering.py", "lookalikes.py", "pasted.py")
"""The files of the floor that say what a letter is."""


@cache
def ruleset() -> str:
    """Twelve hexadecimal digits of a SHA-256 over the source of the rules and their lexicons."""
    digest = hashlib.sha256()
    for content in _contents():
        digest.update(content)
    return digest.hexdigest()[:12]


def _contents() -> Iterable[bytes]:
    yield from (files(__package__).joinpath(name).read_bytes() for name in JUDGES)
    yield from (files("backbone.texts").joinpath(name).read_bytes() for name in TEXTS)
    lexicons = files("labelling") / "lexicons"
    yield from (file.read_bytes() for file in sorted(lexicons.iterdir(), key=lambda file: file.name))
