"""The end of the changes: how far they have come, for all who wait in this process for them to go on."""

from __future__ import annotations

import asyncio
import logging
import time

from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.postgres.bell import Bell
from backbone.runtime.pulse import Beating
from backbone.runtime.waiting import is_transient, unless_stopped

from .store.changes import CHANNEL, Journal, read_journal

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # where the bell is not heard


class Tail(Beating):
    """A part of both halves of the service: it asks the database once, however many wait."""

    name = "tail of the changes"

    def __init__(self, engine: AsyncEngine, bell: Bell) -> None:
        super().__init__()
        self._engine, self._bell = engine, bell
        self.journal: Journal | None = None
        self._moved = asyncio.Event()
        self._is_leaving = False

    async def run(self, stopping: asyncio.Event) -> None:
        """Looks whenever the bell rings."""
        while not stopping.is_set():
            await unless_stopped(stopping, self.look())
            self._pulse.beat()
            await self._bell.rung(CHANNEL, stopping, at_most=LOOK_SECONDS)
        self.let_go()

    async def look(self) -> None:
        """Reads how far the changes have come, and wakes who waits for more; while the database is away, nobody."""
        try:
            async with self._engine.connect() as connection:
                journal = await read_journal(connection)
        except Exception as error:
            if not is_transient(error):
                raise
            log.debug("the changes cannot be read", extra={"error": type(error).__name__})
            return
        if journal != self.journal:
            self.journal = journal
            self._wake()

    async def beyond(self, number: int, seconds: float) -> None:
        """Returns once there are changes behind this one, when the process ends, or after so many seconds."""
        until = time.monotonic() + seconds
        while not self._is_leaving and not (self.journal and self.journal.newest > number):
            moved, left = self._moved, until - time.monotonic()
            try:
                async with asyncio.timeout(left):
                    await moved.wait()
            except TimeoutError:
                return

    def let_go(self) -> None:
        """The process is about to end: who waits is answered now."""
        self._is_leaving = True
        self._wake()

    def _wake(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()
