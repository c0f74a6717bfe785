"""Of all processes that could, one leads: it alone holds a lock in PostgreSQL, for as long as its connection lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ..runtime.waiting import sleep_until

STAND_BY_SECONDS = 1.0


@asynccontextmanager
async def leading(
    engine: AsyncEngine, lock: int, stopping: asyncio.Event, beat: Callable[[], None]
) -> AsyncIterator[AsyncConnection | None]:
    """Stands by until this process leads, and gives the connection that the lock lives and dies with, and so does all
    that is written on it; None if asked to stop before. `beat` is called at each try.

    Raises what the database raises.
    """
    async with engine.connect() as connection:
        try:
            yield await _led(connection, lock, stopping, beat)
        finally:
            await connection.invalidate()  # a pooled connection would keep the lock


async def _led(
    connection: AsyncConnection, lock: int, stopping: asyncio.Event, beat: Callable[[], None]
) -> AsyncConnection | None:
    while not stopping.is_set():
        beat()
        async with connection.begin():
            if await connection.scalar(select(func.pg_try_advisory_lock(lock))):
                return connection
        await sleep_until(stopping, STAND_BY_SECONDS)
    return None
