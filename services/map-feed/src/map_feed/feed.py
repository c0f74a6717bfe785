"""The changes as partners read them: page by page from a cursor, waiting for more if they like."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from .domain.changes import Change
from .domain.cursor import Cursor
from .store.changes import changes_after, read_journal
from .tail import Tail

MOST_WAITING = 200  # half of the connections that a process takes


class CursorGone(Exception):
    """The cursor is of another journal: the reader begins anew."""


class TooManyWait(Exception):
    """So many wait for changes already that one more is asked to come back later."""


@dataclass(frozen=True)
class Page:
    """Some changes in their order, where the next begin, and whether there are more at once."""

    changes: tuple[Change, ...]
    next: Cursor
    more: bool


class Feed:
    """Who asks for the same at the same time is answered with one look into the database."""

    def __init__(self, engine: AsyncEngine, tail: Tail) -> None:
        self._engine, self.tail = engine, tail
        self._waiting = 0
        self._looks: dict[object, asyncio.Task[Page]] = {}

    async def page(self, after: Cursor | None, limit: int, wait: float = 0.0) -> Page:
        """The next changes behind a cursor (None: from the beginning). With none there, waits `wait` seconds for some.

        Raises CursorGone and TooManyWait, and what the database raises.
        """
        found = await self._look(after, limit)
        if not found.changes and wait:
            await self._wait(found.next.number, wait)
            found = await self._look(found.next, limit)
        return found

    async def _wait(self, number: int, seconds: float) -> None:
        if self._waiting >= MOST_WAITING:
            raise TooManyWait
        self._waiting += 1
        try:
            await self.tail.beyond(number, seconds)
        finally:
            self._waiting -= 1

    async def _look(self, after: Cursor | None, limit: int) -> Page:
        # what one sees who came later must not be older than when they came: so a look is shared only by those who
        # know of the same newest change
        key = after, limit, self.tail.journal
        if key not in self._looks:
            task = self._looks[key] = asyncio.create_task(self._read(after, limit))
            task.add_done_callback(lambda _: self._looks.pop(key))
        return await asyncio.shield(self._looks[key])

    async def _read(self, after: Cursor | None, limit: int) -> Page:
        async with self._engine.connect() as connection:
            journal = await read_journal(connection)  # first: what is told meanwhile is no gap
            if after and (after.journal != journal.journal or after.number > journal.newest):
                raise CursorGone
            cursor = after or Cursor.beginning(journal.journal, journal.newest)
            found = await changes_after(connection, cursor, limit + 1)
        shown = tuple(found[:limit])
        # where nothing is there but what was taken off before the reader began, the end is where it began
        behind = cursor.behind(shown[-1].number if shown else max(cursor.number, cursor.began))
        return Page(shown, behind, len(found) > limit)
