"""The notice board: what the public sees now, held in memory and brought up to date from the read model."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.clock import Clock
from backbone.edition import Edition
from backbone.waiting import is_transient

from .domain.listing import Listing
from .domain.search import Search
from .store import Told, told_since

log = logging.getLogger(__name__)

PARIS = ZoneInfo("Europe/Paris")


class NothingYet(Exception):
    """The read model was never reached since the service started: there is nothing to show."""


@dataclass(frozen=True)
class Notice:
    """A listing, and the same as the bytes of its GeoJSON feature."""

    listing: Listing
    feature: bytes


@dataclass(frozen=True)
class View:
    """What the public sees at one moment; a newer view has a higher number."""

    number: int
    is_open: bool
    notices: Mapping[UUID, Notice]

    def found(self, search: Search) -> list[Notice]:
        """The notices that the search finds, in no particular order."""
        return [notice for notice in self.notices.values() if search.finds(notice.listing)]


class Board:
    """Keeps the newest view. While the database is away, visitors see the last one."""

    def __init__(
        self,
        engine: AsyncEngine,
        edition: Edition,
        clock: Clock,
        draw: Callable[[Listing], bytes],
        refresh_seconds: float,
    ) -> None:
        self.edition, self.clock = edition, clock
        self._engine, self._draw, self._refresh_seconds = engine, draw, refresh_seconds
        self._notices: Mapping[UUID, Notice] = MappingProxyType({})
        self._number, self._since, self._looked_at = 0, 0, -float("inf")
        self._turn = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        """Whether the day the map opens has come, in Paris."""
        return self.clock.now().astimezone(PARIS).date() >= self.edition.map.opens

    async def view(self) -> View:
        """What the public sees now. Raises NothingYet."""
        async with self._turn:
            if time.monotonic() - self._looked_at >= self._refresh_seconds:
                await self._refresh()
        is_open = self.is_open
        return View(self._number, is_open, self._notices if is_open else MappingProxyType({}))

    async def _refresh(self) -> None:
        try:
            async with asyncio.timeout(5.0), self._engine.connect() as connection:
                told, self._since = await told_since(connection, self._since)
        except Exception as error:
            if not is_transient(error):
                raise
            if self._number == 0:
                raise NothingYet from error
            log.warning("the read model is away: showing what was known", extra={"error": type(error).__name__})
        else:
            await self._post(told)
        self._looked_at = time.monotonic()

    async def _post(self, told: list[Told]) -> None:
        notices = dict(self._notices)
        for place, news in enumerate(told):
            if news.event is None:
                notices.pop(news.event_id, None)
            else:
                listing = Listing(news.event, news.location)
                notices[news.event_id] = Notice(listing, self._draw(listing))
            if place % 200 == 199:
                await asyncio.sleep(0)  # an edition is read at once at a start: let others have their turn
        self._notices = MappingProxyType(notices)
        # any row may have been read again without news: the number only says « perhaps newer »
        self._number += 1 if told or not self._number else 0
