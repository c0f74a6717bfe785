"""The notice board: what the public sees now, held in memory and brought up to date from the read model.

A reading goes through all that was written since the last one, in pieces and in one snapshot, and is posted whole: a
visitor never waits for one, nor sees half of one. One that breaks off goes on where it was. Now and then a reading
ends with the sum of what may be seen; a board that does not come to the same says so and reads everything anew.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backbone.campaign.clock import Clock
from backbone.campaign.edition import Edition
from backbone.contracts import Location, PublicEvent
from backbone.runtime.pulse import Pulse
from backbone.runtime.waiting import is_transient, sleep_until, unless_stopped

from .domain.listing import Listing
from .domain.search import Search
from .store import Place, Sum, Told, Written, oldest_running, sum_seen, told_of, written_after

log = logging.getLogger(__name__)

PARIS = ZoneInfo("Europe/Paris")
ROWS = 1000  # looked at in one statement
EVENTS = 200  # fetched in one statement, and read in one go
STATEMENT_SECONDS = 30.0
COMPARE_SECONDS = 30.0  # a sum goes through the whole table: some 20 ms for 50,000 events

T = TypeVar("T")
Draw = Callable[[Listing], bytes]


class NothingYet(Exception):
    """The read model was not read to its end yet since the service started: there is nothing to show."""


@dataclass(frozen=True, eq=False)
class Notice:
    """A listing, and the same as the bytes of its GeoJSON feature."""

    listing: Listing
    feature: bytes
    labelled_at: datetime | None = None


@dataclass(frozen=True)
class Held:
    """What is held of one event that may be seen: no notice where its row cannot be read."""

    written_in: int
    notice: Notice | None


@dataclass(frozen=True)
class View:
    """What the public sees at one moment; a newer view has a higher number."""

    number: int
    is_open: bool
    notices: Mapping[UUID, Notice]
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
    place: Place = field(init=False)
    changed: set[UUID] = field(default_factory=set)
    is_whole: bool = True

    def __post_init__(self) -> None:
        self.place = Place.before(self.since)


@dataclass(frozen=True)
class Posted:
    """A reading that came to its end."""

    number: int
    held: Mapping[UUID, Held]
    ordered: tuple[Notice, ...]

    @cached_property
    def notices(self) -> Mapping[UUID, Notice]:
        return MappingProxyType({notice.listing.id: notice for notice in self.ordered})

    @property
    def sum(self) -> Sum:
        return Sum(len(self.held), sum(held.written_in for held in self.held.values()))


class Board:
    """A part of the service that keeps the newest view. While the database is away, visitors see the last one."""

    name = "board"

    def __init__(
        self,
        engine: AsyncEngine,
        edition: Edition,
        clock: Clock,
        draw: Draw,
        refresh_seconds: float,
        *,
        compare_seconds: float = COMPARE_SECONDS,
    ) -> None:
        self.edition, self.clock = edition, clock
        self._engine, self._draw, self._refresh_seconds = engine, draw, refresh_seconds
        self._since = 0
        self._reading: Reading | None = None
        self._posted: Posted | None = None
        self._compare_seconds, self._compared_at = compare_seconds, -float("inf")
        self._is_away = False
        self._pulse = Pulse()

    @property
    def is_open(self) -> bool:
        """Whether the day the map opens has come, in Paris."""
        return self.clock.now().astimezone(PARIS).date() >= self.edition.map.opens

    @property
    def is_posted(self) -> bool:
        """Whether the read model was read to its end since the service started."""
        return self._posted is not None

    @property
    def view(self) -> View:
        """What the public sees now. Raises NothingYet."""
        if self._posted is None:
            raise NothingYet
        if not self.is_open:
            return View(self._posted.number, False, MappingProxyType({}), ())
        return View(self._posted.number, True, self._posted.notices, self._posted.ordered)

    def counts(self) -> dict[str, int]:
        """How many events the feed holds, to be compared with those that may be seen; and how many it cannot read."""
        held = self._posted.held if self._posted and self.is_open else {}
        unreadable = sum(one.notice is None for one in held.values())
        return {"held": len(held) - unreadable, "unreadable": unreadable}

    # --- as a part of the service ----------------------------------------------------------------

    async def run(self, stopping: asyncio.Event) -> None:
        """Reads and posts, every `refresh_seconds`, until asked to stop."""
        while not stopping.is_set():
            await unless_stopped(stopping, self.refresh())
            self._pulse.beat()
            await sleep_until(stopping, self._refresh_seconds)

    async def look(self, *, database_answers: bool) -> None:
        self._pulse.look(waits=not database_answers)

    @property
    def is_stuck(self) -> bool:
        return self._pulse.is_still

    async def refresh(self) -> None:
        """One reading; where the database is away, it goes on the next time."""
        try:
            async with self._engine.connect() as plain:
                options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
                connection = await plain.execution_options(**options)
                while not await self._read(connection):
                    pass
        except Exception as error:
            if not is_transient(error):
                raise
            if self._reading:
                self._reading.is_whole = False  # it goes on in another snapshot, which has no sum of its own
            if not self._is_away:
                log.warning("the read model is away: showing what was known", extra={"error": type(error).__name__})
            self._is_away = True
        else:
            if self._is_away:
                log.info("the read model is back")
            self._is_away = False

    # --- one reading -----------------------------------------------------------------------------

    async def _read(self, connection: AsyncConnection) -> bool:
        """Reads to the end and posts; False if everything must be read anew, in the same snapshot."""
        reading = self._reading = self._reading or await self._begin(connection)
        while rows := await _bounded(written_after(connection, reading.place, ROWS)):
            await self._read_rows(connection, reading, rows)
            reading.place = rows[-1].place
            self._pulse.beat()
        self._posted = await asyncio.to_thread(_post, self._posted, reading)
        # only now: what was read is on the board
        self._since, self._reading = reading.upto, None
        return not reading.is_whole or await self._agrees(connection, is_anew=reading.since == 0)

    async def _begin(self, connection: AsyncConnection) -> Reading:
        upto = await _bounded(oldest_running(connection))
        if upto < self._since:
            log.error("PostgreSQL was put back to an earlier moment: reading everything anew")
            self._since = 0
        held = dict(self._posted.held) if self._posted and self._since else {}
        return Reading(self._since, upto, held)

    async def _read_rows(self, connection: AsyncConnection, reading: Reading, rows: list[Written]) -> None:
        news = {row.event_id: row for row in rows if _is_news(row, reading.held.get(row.event_id))}
        reading.changed |= news.keys()
        for event_id, row in news.items():
            if not row.is_seen:
                del reading.held[event_id]
        wanted = [event_id for event_id, row in news.items() if row.is_seen]
        for first in range(0, len(wanted), EVENTS):
            told = await _bounded(told_of(connection, wanted[first : first + EVENTS]))
            notices = await asyncio.to_thread(self._notices, told)
            reading.held |= {id_: Held(news[id_].written_in, notice) for id_, notice in notices.items()}
            self._pulse.beat()

    def _notices(self, told: Iterable[Told]) -> dict[UUID, Notice | None]:
        return {one.event_id: self._notice(one) for one in told}

    def _notice(self, told: Told) -> Notice | None:
        try:
            location = Location.model_validate_json(told.location) if told.location not in (None, "null") else None
            listing = Listing(PublicEvent.model_validate_json(told.event), location)
            _ = listing.searched, listing.rank  # read once, here, and not while a visitor waits
            return Notice(listing, self._draw(listing), told.labelled_at)
        except Exception as error:  # whatever one row says, the others are shown; the counts tell of it
            log.error("an event cannot be shown", extra={"event_id": told.event_id, "error": type(error).__name__})
            return None

    async def _agrees(self, connection: AsyncConnection, *, is_anew: bool) -> bool:
        """Whether the board holds what may be seen in this snapshot; where not, the next reading is of everything."""
        if not is_anew and time.monotonic() - self._compared_at < self._compare_seconds:
            return True
        assert self._posted
        due = await _bounded(sum_seen(connection))
        self._compared_at = time.monotonic()
        if self._posted.sum == due:
            return True
        log.error(
            "the map does not show what the read model says%s",
            ", though everything was just read" if is_anew else ": reading everything anew",
            extra={"held": self._posted.sum.events, "due": due.events},
        )
        self._since = 0  # at once, or, where that was of no use, the next time
        return is_anew


def _is_news(row: Written, held: Held | None) -> bool:
    if held is None:
        return row.is_seen
    return not row.is_seen or row.written_in != held.written_in


async def _bounded(call: Awaitable[T]) -> T:
    async with asyncio.timeout(STATEMENT_SECONDS):
        return await call


def _post(before: Posted | None, reading: Reading) -> Posted:
    """The board after a reading. In order already but for what has changed, it is put in order at little cost."""
    if before and reading.since and not reading.changed:
        return before
    fresh = [held.notice for id_ in reading.changed if (held := reading.held.get(id_)) and held.notice]
    kept = [n for n in before.ordered if n.listing.id not in reading.changed] if before and reading.since else []
    ordered = tuple(sorted([*kept, *fresh], key=lambda notice: notice.listing.rank))
    posted = Posted(before.number + 1 if before else 1, MappingProxyType(reading.held), ordered)
    _ = posted.notices  # made here, in a thread
    return posted
