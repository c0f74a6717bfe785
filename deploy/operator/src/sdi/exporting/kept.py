"""What an export keeps of how far it is: with this alone, a process that died is followed by one that goes on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

VERSION = 1


@dataclass(frozen=True)
class Asked:
    """What the export is of. Whoever goes on with it asks the same."""

    format: str
    topics: tuple[str, ...]
    types: tuple[str, ...] | None
    since: str | None
    """The instant from which on records are taken, in UTC; None: from the beginning."""
    until: str | None
    """The instant before which they are; None: up to now, again and again."""


@dataclass
class Part:
    """A partition: the offset to go on from, and where it ended when we last looked."""

    next: int
    end: int


@dataclass
class Open:
    """The newest file of a folder's day, to which rows are still added."""

    number: int
    rows: int
    bytes: int


@dataclass
class Kept:
    """Everything that is known of an export between two writes."""

    asked: Asked
    cluster: str
    parts: dict[str, Part] = field(default_factory=dict)
    """By `<topic>-<partition>`."""
    open: dict[str, Open] = field(default_factory=dict)
    """By `<folder>/day=<day>/<topic>`."""
    rows: dict[str, int] = field(default_factory=dict)
    """How many were written, by folder."""
    gone: int = 0
    """How many offsets Kafka no longer had when they were asked for."""
    writes: int = 0
    pending: dict[str, str] = field(default_factory=dict)
    """Files that are written, and not yet where they belong: their places, by where they are."""

    def as_json(self) -> bytes:
        return json.dumps({"sdi": VERSION, **asdict(self)}, indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Kept:
        """Raises ValueError, KeyError or TypeError where it is none."""
        told: dict[str, Any] = json.loads(text)
        if told.pop("sdi") != VERSION:
            raise ValueError("of another version")
        asked = told.pop("asked")
        types = asked.pop("types")
        return cls(
            Asked(topics=tuple(asked.pop("topics")), types=types and tuple(types), **asked),
            parts={name: Part(**one) for name, one in told.pop("parts").items()},
            open={name: Open(**one) for name, one in told.pop("open").items()},
            **told,
        )
