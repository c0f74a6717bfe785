"""The notice board: what the public sees now of each edition, held in memory and kept up to date with the read model.

A reading goes through all that was written since the last one, in pieces and in one snapshot, and is posted whole: a
visitor never waits for one, nor sees half of one. One that breaks off goes on where it was. Now and then a reading
ends with the sum of what may be seen; a board that does not come to the same says so and reads everything anew.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol, TypeVar
from uuid import UUID

from opentelemetry.trace import SpanKind
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backbone.campaign.clock import Clock
from backbone.campaign.edition import Edition, Editions
from backbone.contracts import canary
from backbone.runtime.pulse import Beating
from backbone.runtime.spans import OFF, Tracing
from backbone.runtime.waiting import is_transient, sleep_until, unless_stopped, what_failed

from .domain.listing import Listing, read_listing
from .domain.showing import is_open
from .posted import Held, Notice, Posted, Reading, View, is_news, post
from .store import Seen, Written, oldest_running, seen_of, sum_seen, written_after

log = logging.getLogger(__name__)

ROWS = 1000  # looked at in one statement
EVENTS = 200  # fetched in one statement, and read in one go
STATEMENT_SECONDS = 30.0
COMPARE_SECONDS = 30.0  # a sum goes through the whole table: some 20 ms for 50,000 events

T = TypeVar("T")
Draw = Callable[[Listing], bytes]


class SeeCanary(Protocol):
    def __call__(self, notice: Notice | None, *, is_news: bool) -> None: ...


class NothingYet(Exception):
    """The read model was not read to its end yet since the service started: there is nothing to show."""


class Board(Beating):
    """A part of the service that keeps the newest view. While the database is away, visitors see the last one."""

    name = "board"

    def __init__(
        self,
        engine: AsyncEngine,
        editions: Editions,
        clock: Clock,
        draw: Draw,
        refresh_seconds: float,
        *,
        compare_seconds: float = COMPARE_SECONDS,
        tracing: Tracing = OFF,
        see_canary: SeeCanary = lambda _notice, *, is_news: None,
    ) -> None:
        """`see_canary` is told how the canary stands in what was just posted, where it is never shown; and whether it
        was there before this process began."""
        super().__init__()
        self.editions, self.clock = editions, clock
        self._engine, self._draw, self._refresh_seconds = engine, draw, refresh_seconds
        self._since = 0
        self._reading: Reading | None = None
        self._posted: Posted | None = None
        self._as_of: float | None = None
        self._compare_seconds, self._compared_at = compare_seconds, -float("inf")
        self._is_away = False
        self._tracing, self._see_canary = tracing, see_canary

    @property
    def is_posted(self) -> bool:
        """Whether the read model was read to its end since the service started."""
        return self._posted is not None

    @property
    def age_seconds(self) -> float | None:
        """How long ago the reading began that is shown: all that was written before is on the board. None: none is."""
        return None if self._as_of is None else time.monotonic() - self._as_of

    def view(self, edition: Edition) -> View:
        """What the public sees now of this edition: nothing before its map opens. Raises NothingYet."""
        if self._posted is None:
            raise NothingYet
        is_open = self.is_open(edition)
        return View(
            self._posted.number, edition, is_open, self._posted.ordered.get(edition.name, ()) if is_open else ()
        )

    def views(self) -> list[View]:
        """The editions of which there is something to see, the newest first. Raises NothingYet."""
        return [view for edition in self.editions if (view := self.view(edition)).ordered]

    def notice(self, event_id: UUID) -> Notice | None:
        """The event, of whichever edition, if the public may see it. Raises NothingYet."""
        if self._posted is None:
            raise NothingYet
        held = self._posted.held.get(event_id)
        edition = self.editions.get(held.notice.edition) if held and held.notice else None
        return held.notice if held and edition and self.is_open(edition) else None

    def is_open(self, edition: Edition) -> bool:
        """Whether the day on which its map opens has come, in Paris."""
        return is_open(edition, self.clock.now())

    def counts(self) -> dict[str, int]:
        """How many events of the current edition the feed holds, to be compared with those that may be seen; how many
        of other editions; how many are of one that has no file here, or cannot be read, and so are not shown. Nothing
        where nobody reads: a role that only hears has no feed."""
        if self._posted is None:
            return {}
        current, numbers = self.editions.current, self._posted.numbers
        return {
            "held": numbers[current.name] if self.is_open(current) else 0,
            "other_editions": sum(numbers[edition.name] for edition in self.editions if edition != current),
            "unknown_edition": sum(
                n for name, n in numbers.items() if name != canary.EDITION and self.editions.get(name) is None
            ),
            "unreadable": sum(one.notice is None for one in self._posted.held.values()),
        }

    # --- as a part of the service ----------------------------------------------------------------

    async def run(self, stopping: asyncio.Event) -> None:
        """Reads and posts, every `refresh_seconds`, until asked to stop."""
        while not stopping.is_set():
            await unless_stopped(stopping, self.refresh())
            self._pulse.beat()
            await sleep_until(stopping, self._refresh_seconds)

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
                log.warning("the read model is away: showing what was known", extra={"error": what_failed(error)})
            self._is_away = True
        else:
            if self._is_away:
                log.info("the read model is back")
            self._is_away = False

    # --- one reading -----------------------------------------------------------------------------

    async def _read(self, connection: AsyncConnection) -> bool:
        """Reads to the end and posts; False if everything must be read anew, in the same snapshot."""
        reading = self._reading = self._reading or await self._begin(connection)
        while rows := await _bounded(written_after(connection, reading.behind, ROWS)):
            await self._read_rows(connection, reading, rows)
            reading.behind = rows[-1].bookmark
            self._pulse.beat()
        self._posted = await asyncio.to_thread(post, self._posted, reading)
        self._say_shown(reading)
        if canary.EVENT in reading.changed and (held := self._posted.held.get(canary.EVENT)):
            self._see_canary(held.notice, is_news=reading.since > 0)
        # only now: what was read is on the board
        self._since, self._as_of, self._reading = reading.upto, reading.began, None
        return not reading.is_whole or await self._agrees(connection, is_anew=reading.since == 0)

    async def _begin(self, connection: AsyncConnection) -> Reading:
        upto = await _bounded(oldest_running(connection))
        if upto < self._since:
            log.error("PostgreSQL was put back to an earlier moment: reading everything anew")
            self._since = 0
        held = dict(self._posted.held) if self._posted and self._since else {}
        return Reading(self._since, upto, held)

    async def _read_rows(self, connection: AsyncConnection, reading: Reading, rows: list[Written]) -> None:
        news = {row.event_id: row for row in rows if is_news(row, reading.held.get(row.event_id))}
        reading.changed |= news.keys()
        reading.traces |= {event_id: row.traceparent for event_id, row in news.items() if row.traceparent}
        for event_id, row in news.items():
            if not row.is_seen:
                del reading.held[event_id]
        wanted = [event_id for event_id, row in news.items() if row.is_seen]
        for first in range(0, len(wanted), EVENTS):
            seen = await _bounded(seen_of(connection, wanted[first : first + EVENTS]))
            notices = await asyncio.to_thread(self._notices, seen)
            reading.held |= {id_: Held(news[id_].written_in, notice) for id_, notice in notices.items()}
            self._pulse.beat()

    def _say_shown(self, reading: Reading) -> None:
        """Ends the traces that lead here: what has changed is on the map now, or off it. Each process says so of its
        own; what it found as it began was not news."""
        for event_id, traceparent in reading.traces.items() if reading.since else ():
            said: dict[str, str | bool] = {"sdi.event.id": str(event_id)}
            if event_id not in reading.held:
                said["sdi.shown.hidden"] = True
            elif notice := self.notice(event_id):
                said["sdi.shown.pin"] = notice.listing.location is not None
            else:
                continue  # its map is not open yet, or its row cannot be read
            span = self._tracing.begin("show on the map", SpanKind.INTERNAL, traceparent, said, since=reading.began_at)
            if span:
                span.end()

    def _notices(self, seen: Iterable[Seen]) -> dict[UUID, Notice | None]:
        return {one.event_id: self._notice(one) for one in seen}

    def _notice(self, seen: Seen) -> Notice | None:
        try:
            listing = read_listing(seen.event, seen.location)
            _ = listing.searched, listing.rank  # read once, here, and not while a visitor waits
            return Notice(listing, self._draw(listing), seen.labelled_at)
        except Exception as error:  # whatever one row says, the others are shown; the counts tell of it
            log.error("an event cannot be shown", extra={"event": str(seen.event_id), "error": type(error).__name__})
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


async def _bounded(call: Awaitable[T]) -> T:
    async with asyncio.timeout(STATEMENT_SECONDS):
        return await call
