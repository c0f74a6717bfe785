"""The tables that are carried along."""

from __future__ import annotations

import gzip
from importlib.resources import files


def lines_of(name: str) -> list[str]:
    """The lines of a packaged table, without its header."""
    packed = files(__package__).joinpath("data", name).read_bytes()
    return gzip.decompress(packed).decode().splitlines()[1:]
