"""The files of the lexicons: those of this package, and those of a folder that an operator names beside them.

A file of the folder stands in place of the package's of its name, or is one more. So a committee's word is tried on all
that was decided, and takes effect, without a release; the name of the rules (`ruleset.py`) changes with it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

GRAMMAR = "grammar.toml"
"""What the rules read sentences by: a part of them, and nobody's to replace."""

ELSEWHERE = "elsewhere"
"""The family of `[unless]` and `[without]`: terms in other company."""

_told: dict[str, bytes] = {}
"""The files of the folder, as they were when it was named: what is judged by them says so under one name."""


class UnusableLexicons(ValueError):
    """A folder of lexicons that the rules cannot read as it is meant; the text says which file, and what is wrong."""


def use(folder: Path | None) -> bool:
    """From now on reads the files of this folder as well, as they are now, or only the package's own; whether that is
    a change.

    Raises UnusableLexicons, and changes nothing then.
    """
    wanted = readable(folder) if folder else {}
    is_a_change = wanted != _told
    _told.clear()
    _told.update(wanted)
    return is_a_change


def names() -> list[str]:
    """All files, in the order of their names."""
    return sorted({*_own(), *_told})


def content(name: str) -> bytes:
    """One file as it is written."""
    return _told[name] if name in _told else _own()[name]


def readable(folder: Path) -> Mapping[str, bytes]:
    """The files of the folder, if the rules can read each as it is meant.

    Raises UnusableLexicons.
    """
    if not folder.is_dir():
        raise UnusableLexicons(f"{folder} is no folder that can be read")
    try:
        there = {file.name: file.read_bytes() for file in folder.glob("*.toml")}
    except OSError as error:
        raise UnusableLexicons(f"{error.filename} cannot be read: {error.strerror}") from None
    if not there:
        raise UnusableLexicons(f"{folder} has no file *.toml")
    for name, written in sorted(there.items()):
        for what in _amiss(name, written):
            raise UnusableLexicons(f"{name}: {what}")
    return there


def _amiss(name: str, written: bytes) -> Iterator[str]:
    if name == GRAMMAR:
        if written != _own()[GRAMMAR]:
            yield "it belongs to the code of the rules, and comes with a release"
        return
    try:
        file = tomllib.loads(written.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        yield str(error)
        return
    if not str(file.get("source", "")).strip():
        yield 'it does not say whose word it is: source = "…"'
    groups = {title: group for title, group in file.items() if isinstance(group, dict) and "terms" in group}
    if not groups:
        yield "it has no group of terms"
    if "without" in file and file.get("concern") not in _families():
        yield "[without] is about nothing that the rules read: concern = …"
    for title, group in groups.items():
        yield from _amiss_in(title, group, file)


def _amiss_in(title: str, group: Mapping[str, Any], file: Mapping[str, Any]) -> Iterator[str]:
    # a family that the rules do not know would be taken for a cue of industry
    known, concern = _families(), group.get("concern", file.get("concern"))
    family = ELSEWHERE if title == "unless" else group.get("family", file.get("family"))
    if concern not in known:
        yield f"[{title}] is about {concern!r}, and the rules read {', '.join(sorted(known))}"
    elif family not in known[concern] | {ELSEWHERE}:
        yield f"[{title}] is of a family {family!r}; of {concern} there are {', '.join(sorted(known[concern]))}"


@cache
def _own() -> Mapping[str, bytes]:
    folder = files("labelling") / "lexicons"
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name.endswith(".toml")}


@cache
def _families() -> Mapping[str, frozenset[str]]:
    """What the package's own files are about, and the families in which they have terms."""
    known: dict[str, set[str]] = {}
    for name in _own().keys() - {GRAMMAR}:
        file = tomllib.loads(_own()[name].decode())
        for group in file.values():
            if isinstance(group, dict) and "terms" in group:
                family = group.get("family") or file.get("family") or ELSEWHERE
                known.setdefault(str(group.get("concern", file["concern"])), set()).add(str(family))
    return {concern: frozenset(families) for concern, families in known.items()}
