"""Which rules and lexicons decide: a name that nobody types, so that nobody forgets to change it."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

JUDGES = ("criteria.py", "lexicon.py", "prices.py", "wording.py")
"""The files of this package that a finding depends on."""


@cache
def ruleset() -> str:
    """Twelve hexadecimal digits of a SHA-256 over the source of the rules and their lexicons."""
    digest = hashlib.sha256()
    for name in JUDGES:
        digest.update(files(__package__).joinpath(name).read_bytes())
    return digest.hexdigest()[:12]
