"""What an organiser changed between two revisions: word by word in what they wrote, value by value in the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from backbone.contracts import PublicEvent

WRITTEN = ("title", "organisation", "description")
CHOSEN = (
    *("kind", "audiences", "admission", "is_free", "slots", "venue", "online_url", "has_private_link", "website"),
    *("booking", "status", "status_note", "capacity", "access", "accessibility", "accessibility_note", "themes"),
)
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """A part of a text: as it was, taken out, or put in."""

    kind: Literal["same", "out", "in"]
    text: str


@dataclass(frozen=True)
class Change:
    """A field that is not as it was: its pieces if somebody wrote it, otherwise what it was and what it is."""

    field: str
    pieces: tuple[Piece, ...] = ()
    before: Any = None
    after: Any = None


def changes(before: PublicEvent, after: PublicEvent) -> list[Change]:
    """All that differs, in the order in which the event is shown."""
    return [*_written(before, after), *_chosen(before, after)]


def _written(before: PublicEvent, after: PublicEvent) -> Iterator[Change]:
    for field in WRITTEN:
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            yield Change(field, tuple(diff(old, new)))


def _chosen(before: PublicEvent, after: PublicEvent) -> Iterator[Change]:
    for field in CHOSEN:
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            yield Change(field, before=old, after=new)


def diff(old: str, new: str) -> Iterator[Piece]:
    """The two texts, word by word; what was replaced comes before what replaces it."""
    one, other = _WORDS.findall(old), _WORDS.findall(new)
    out, put = "", ""
    for what, from_, to, first, last in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        before, after = "".join(one[from_:to]), "".join(other[first:last])
        if what != "equal" or (before.isspace() and (out or put) and to < len(one)):
            # a blank between two words that were both replaced belongs to them
            out, put = out + before, put + after
            continue
        yield from _replaced(out, put)
        out, put = "", ""
        yield Piece("same", before)
    yield from _replaced(out, put)


def _replaced(out: str, put: str) -> Iterator[Piece]:
    shared = len(out) - len(out.rstrip()) if out[len(out.rstrip()) :] == put[len(put.rstrip()) :] else 0
    if taken := out[: len(out) - shared]:
        yield Piece("out", taken)
    if given := put[: len(put) - shared]:
        yield Piece("in", given)
    if shared:
        yield Piece("same", out[-shared:])
