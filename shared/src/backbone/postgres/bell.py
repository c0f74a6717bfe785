"""Wakes the relay and the workers as soon as something is written (PostgreSQL NOTIFY); they poll all the same."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from ..runtime.waiting import attempts, is_transient, sleep_until

log = logging.getLogger(__name__)

CHANNELS = ("outbox", "jobs")


class Bell:
    """Listens on one connection of its own and rings for whoever waits in this process."""

    name = "bell"

    def __init__(self, engine: AsyncEngine, channels: Sequence[str] = CHANNELS) -> None:
        self._engine = engine
        self._rings = {channel: asyncio.Event() for channel in channels}

    async def rung(self, channel: str, stopping: asyncio.Event, at_most: float) -> None:
        """Returns when the channel was rung since the last call, when asked to stop, or after `at_most` seconds. One
        waits at a channel: a ring is heard once."""
        ring = self._rings[channel]
        waits = [asyncio.ensure_future(event.wait()) for event in (ring, stopping)]
        try:
            await asyncio.wait(waits, timeout=at_most, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        ring.clear()

    async def run(self, stopping: asyncio.Event) -> None:
        async for _ in attempts(stopping):
            try:
                await self._listen(stopping)
            except Exception as error:
                if not is_transient(error):
                    raise
                # no harm done: whoever waits polls every other second
                log.info("the bell lost its database: polling until it is back", extra={"error": type(error).__name__})

    async def _listen(self, stopping: asyncio.Event) -> None:
        async with self._engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            driver: Any = (await connection.get_raw_connection()).driver_connection
            for channel in self._rings:
                await driver.add_listener(channel, lambda *told: self._rings[told[2]].set())
            try:
                while not await sleep_until(stopping, 15.0):
                    await connection.execute(select(1))  # notices a connection that died quietly
            finally:
                await connection.invalidate()  # a pooled connection must not go on listening
