"""What is kept for a time only goes: now and then, in one replica at a time, in small transactions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from zlib import crc32

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from ..runtime.waiting import is_transient, sleep_until, unless_stopped
from .purge import Purge

log = logging.getLogger(__name__)

EVERY_SECONDS = 300.0


class Upkeep:
    """A part of every service that has a database."""

    def __init__(self, engine: AsyncEngine, purges: Sequence[Purge], *, name: str = "upkeep") -> None:
        """`name` tells it from another of the same service, which may purge at the same time."""
        self._engine, self._purges, self.name = engine, purges, name
        self.lock = crc32(name.encode())  # each service has a database of its own

    async def run(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                await unless_stopped(stopping, self.purge_all())
            except Exception as error:
                if not is_transient(error):
                    raise
                log.info("what is too old could not be removed: next time", extra={"error": type(error).__name__})
            await sleep_until(stopping, EVERY_SECONDS)

    async def purge_all(self) -> None:
        """Removes all that was kept long enough."""
        while await self.purge_some():
            pass

    async def purge_some(self) -> bool:
        """Removes some of what was kept long enough, each kind in a transaction; whether there may be more."""
        is_more = False
        for purge in self._purges:
            async with self._engine.begin() as tx:
                if await tx.scalar(select(func.pg_try_advisory_xact_lock(self.lock))):
                    is_more |= await purge(tx)
        return is_more
