"""The chronicle: what of the map is news to partners is written down, by one process, in the order in which it is seen.

It compares what may be seen with what was told last, event by event. So whatever brings the difference about (a fact, a
rebuild from the topics, an edition whose map opens or closes, an upgrade of a database that had no changes yet) is told
once, and what makes none is not told at all.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import replace

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backbone.campaign.clock import Clock
from backbone.campaign.edition import Editions
from backbone.postgres.bell import Bell
from backbone.postgres.leading import leading
from backbone.runtime.failpoints import failpoint
from backbone.runtime.pulse import Beating
from backbone.runtime.waiting import attempts, is_transient, what_failed

from . import geojson
from .domain.changes import Change, Kind, differs, fingerprints, why_removed
from .domain.listing import Listing, read_listing
from .domain.showing import is_open
from .store.changes import (
    EVENTS_CHANNEL,
    Told,
    Unread,
    begin_journal,
    hold_journal,
    kept_in,
    note_the_same,
    take_numbers,
    tell_changes,
    unread_after,
)
from .store.events import Bookmark, oldest_running

log = logging.getLogger(__name__)

CHRONICLE_LOCK = 0x5D1_C40  # any fixed number: each service has a database of its own
ROWS = 200  # in one transaction: some 50 ms, in which nobody else tells changes
WHOLE_SECONDS = 60.0  # everything is compared so often, whatever was rung for: 50 ms for 50,000 events
WAIT_SECONDS = 1.0


class Chronicle(Beating):
    """A part of whoever hears. Any number may run: one leads, the others stand by."""

    name = "chronicle"

    def __init__(self, engine: AsyncEngine, bell: Bell, editions: Editions, clock: Clock) -> None:
        super().__init__()
        self._engine, self._bell, self._editions, self._clock = engine, bell, editions, clock
        self._since = 0
        self._open: frozenset[str] = frozenset()
        self._whole_at = -float("inf")

    async def run(self, stopping: asyncio.Event) -> None:
        async for _ in attempts(stopping):
            try:
                await self._stand_by_and_lead(stopping)
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("the chronicle lost its database: waiting", extra={"error": what_failed(error)})

    async def _stand_by_and_lead(self, stopping: asyncio.Event) -> None:
        # all that is told is written under the lock
        async with leading(self._engine, CHRONICLE_LOCK, stopping, self._pulse.beat) as connection:
            if connection is None:
                return
            await self._begin(connection)
            while not stopping.is_set():
                await self.catch_up(connection)
                await self._bell.rung(EVENTS_CHANNEL, stopping, at_most=WAIT_SECONDS)

    async def _begin(self, connection: AsyncConnection) -> None:
        self._whole_at = -float("inf")
        async with connection.begin():
            journal, database = await hold_journal(connection), await kept_in(connection)
            if journal.kept_in != database:
                await begin_journal(connection, database)
                if journal.kept_in:
                    log.warning("the database was put back, or is a copy: partners are told to begin anew")

    async def catch_up(self, connection: AsyncConnection) -> None:
        """Tells all that is news."""
        now_open = frozenset(edition.name for edition in self._editions if is_open(edition, self._clock.now()))
        due = time.monotonic() - self._whole_at > WHOLE_SECONDS
        if due or now_open != self._open:
            self._since, self._open, self._whole_at = 0, now_open, time.monotonic()
        async with connection.begin():
            upto = await oldest_running(connection)
        behind: Bookmark | None = Bookmark.before(min(self._since, upto))
        while behind:
            self._pulse.beat()
            async with connection.begin():
                behind = await self._tell_some(connection, behind)
                failpoint("before-changes-commit")
        self._since = upto

    async def _tell_some(self, tx: AsyncConnection, behind: Bookmark) -> Bookmark | None:
        """Tells what is news in the next rows; behind which the next are, if there may be more."""
        await hold_journal(tx)
        unread = await unread_after(tx, behind, self._open, ROWS)
        if not unread:
            return None
        news, same = await asyncio.to_thread(_compare, unread, self._open)
        numbers = await take_numbers(tx, len(news)) if news else ()
        numbered = zip(numbers, news, strict=True)
        await tell_changes(tx, [one._replace(change=replace(one.change, number=number)) for number, one in numbered])
        await note_the_same(tx, same)
        return unread[-1].bookmark if len(unread) == ROWS else None


def _compare(unread: Sequence[Unread], open_editions: frozenset[str]) -> tuple[list[Told], list[Unread]]:
    """What is to be told of these events, without its numbers yet, and those of which nothing is."""
    news: list[Told] = []
    same: list[Unread] = []
    for one in unread:
        listing = _listing(one)
        told = _taken_off(one, open_editions) if listing is None else _shown(one, listing)
        if told:
            news.append(told)
        elif listing:
            same.append(one)
    return news, same


def _listing(one: Unread) -> Listing | None:
    """The event as visitors see it; None of one that they do not, or whose row cannot be read: the board says so."""
    try:
        return read_listing(one.event, one.location) if one.event else None
    except Exception:  # whatever one row says, partners are told of the others
        return None


def _shown(one: Unread, listing: Listing) -> Told | None:
    marks, feature = fingerprints(listing), orjson.loads(geojson.feature(listing, ""))
    is_new = one.told_feature is None
    changed = () if is_new else differs(one.told_fingerprints or {}, marks)
    if not is_new and not changed and feature == one.told_feature:
        return None
    kind = Kind.LISTED if is_new else Kind.CHANGED
    change = Change(0, one.event_id, listing.event.edition, kind, changed, feature=feature)
    return Told(change, marks, one.written_in)


def _taken_off(one: Unread, open_editions: frozenset[str]) -> Told | None:
    if one.told_feature is None or one.told_edition is None:
        return None
    why = why_removed(label=one.label, is_withdrawn=one.is_withdrawn, is_open=one.told_edition in open_editions)
    return Told(Change(0, one.event_id, one.told_edition, Kind.REMOVED, reason=why), None, None)
