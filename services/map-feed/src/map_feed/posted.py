"""What hangs on the board: the events that may be seen, edition by edition, and what a reading makes of them."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from backbone.campaign.edition import Edition

from .domain.listing import Listing
from .domain.search import Search
from .store import Bookmark, Sum, Written


@dataclass(frozen=True, eq=False)
class Notice:
    """A listing, and the same as the bytes of its GeoJSON feature."""

    listing: Listing
    feature: bytes
    labelled_at: datetime | None = None

    @property
    def edition(self) -> str:
        return self.listing.event.edition


@dataclass(frozen=True)
class Held:
    """What is held of one event that may be seen: no notice where its row cannot be read."""

    written_in: int
    notice: Notice | None


@dataclass(frozen=True)
class View:
    """What the public sees of one edition at one moment; a newer view has a higher number."""

    number: int
    edition: Edition
    is_open: bool
    ordered: tuple[Notice, ...]

    def found(self, search: Search) -> list[Notice]:
        """The notices that the search finds, by date. Goes through all of them: not to be asked on the event loop."""
        return [notice for notice in self.ordered if search.finds(notice.listing)]


@dataclass
class Reading:
    """One way through what was written since the last: where it stands, and what the board will be at its end."""

    since: int
    upto: int
    held: dict[UUID, Held]
    behind: Bookmark = field(init=False)
    changed: set[UUID] = field(default_factory=set)
    is_whole: bool = True
    began: float = field(default_factory=time.monotonic)
    began_at: int = field(default_factory=time.time_ns)
    traces: dict[UUID, str] = field(default_factory=dict)
    """Of what has changed since the last one, in which trace it did, where that is recorded."""

    def __post_init__(self) -> None:
        self.behind = Bookmark.before(self.since)


@dataclass(frozen=True)
class Posted:
    """A reading that came to its end."""

    number: int
    held: Mapping[UUID, Held]
    ordered: Mapping[str, tuple[Notice, ...]]
    """By the names of their editions, among them such as nobody here knows."""

    @property
    def numbers(self) -> Counter[str]:
        """How many notices there are of each edition."""
        return Counter({name: len(notices) for name, notices in self.ordered.items()})

    @property
    def sum(self) -> Sum:
        return Sum(len(self.held), sum(held.written_in for held in self.held.values()))


def is_news(row: Written, held: Held | None) -> bool:
    """Whether the row says something else than what is held."""
    if held is None:
        return row.is_seen
    return not row.is_seen or row.written_in != held.written_in


def post(before: Posted | None, reading: Reading) -> Posted:
    """The board after a reading. In order already but for what has changed, it is put in order at little cost."""
    if before and reading.since and not reading.changed:
        return before
    ordered: dict[str, list[Notice]] = defaultdict(list)
    for edition, notices in before.ordered.items() if before and reading.since else ():
        ordered[edition] = [notice for notice in notices if notice.listing.id not in reading.changed]
    for event_id in reading.changed:
        if (held := reading.held.get(event_id)) and held.notice:
            ordered[held.notice.edition].append(held.notice)
    posted = {name: tuple(sorted(notices, key=lambda it: it.listing.rank)) for name, notices in ordered.items()}
    return Posted(before.number + 1 if before else 1, MappingProxyType(reading.held), MappingProxyType(posted))
