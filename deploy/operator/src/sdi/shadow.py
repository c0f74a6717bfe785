"""The read model of map-feed, built a second time beside the live one, compared with it, and put in its place.

Its table is `events` in a schema of its own. The two are compared, and switched, row by row as their content: what they
say, without when it was written.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from map_feed.domain.standing import Standing
from map_feed.store import events

from .database import database_at
from .errors import Refusal
from .statements import FOLDED, Statements

SCHEMA = "rebuild"
LOCK = 0x5D1_4EB  # any fixed number: one rebuild at a time
LOCK_WAIT_SECONDS = 30


@dataclass(frozen=True)
class Comparison:
    """The live and the rebuilt read model side by side: a hash of each, and the rows that tell them apart."""

    live_hash: str
    rebuilt_hash: str
    live_rows: int
    rebuilt_rows: int
    missing: int
    different: int
    too_many: int
    some: Sequence[str]
    """The first of these events."""

    @property
    def agree(self) -> bool:
        return self.live_hash == self.rebuilt_hash


class ShadowTable:
    """map-feed's table a second time, empty at first, in map-feed's own database."""

    def __init__(self, live: AsyncEngine, live_schema: str) -> None:
        self._live = live
        self._statements = Statements(f'"{live_schema}".{events.name}', f"{SCHEMA}.{events.name}")

    async def keep(self, standings: Sequence[Standing]) -> None:
        """Keeps how these events stand."""
        async with self._live.begin() as tx:
            told = {name: [getattr(standing, name) for standing in standings] for name in FOLDED}
            await tx.execute(self._statements.keep(), told)

    async def compare(self, connection: AsyncConnection | None = None) -> Comparison:
        """Compares what the two say, as one snapshot sees them."""
        if connection is None:
            async with self._live.connect() as connection:
                await connection.execution_options(isolation_level="REPEATABLE READ")
                return await self.compare(connection)
        live_hash, live_rows = (await connection.execute(self._statements.hash_live())).one()
        rebuilt_hash, rebuilt_rows = (await connection.execute(self._statements.hash_rebuilt())).one()
        missing, different, too_many, some = (await connection.execute(self._statements.tell_apart())).one()
        counted = (live_rows, rebuilt_rows, missing, different, too_many)
        return Comparison(live_hash, rebuilt_hash, *counted, some or [])

    async def switch(self, catch_up: Callable[[], Awaitable[object]]) -> Comparison:
        """Gives the live table the content of the rebuilt one, in one transaction; how they compared before.

        While it holds the table, readers go on, and the live service waits with what it is about to write. What
        the service wrote before is in the topics, so `catch_up` brings it into the rebuilt table; what it writes
        after meets the switched rows. The table itself stays: no waiting statement can end up in an old one.
        """
        async with self._live.begin() as tx:
            await tx.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT_SECONDS}s'"))
            await tx.execute(self._statements.hold_live())
            await catch_up()
            before = await self.compare(tx)
            await tx.execute(self._statements.write())
            await tx.execute(self._statements.silence())
            if not (await self.compare(tx)).agree:
                raise Refusal("the switched table is not as the rebuilt one: nothing was changed")
        return before


@asynccontextmanager
async def shadow_table(database_url: str) -> AsyncIterator[ShadowTable]:
    """Makes the shadow table, and drops it at the end. Raises Refusal while another rebuild is at work."""
    live = database_at(database_url, statement_seconds=None)  # whole tables at once
    try:
        async with live.connect() as alone:
            if not await alone.scalar(text(f"SELECT pg_try_advisory_lock({LOCK})")):
                raise Refusal("another rebuild is at work: wait for its end")
            schema = await _make(alone)
            try:
                yield ShadowTable(live, schema)
            finally:
                await _drop(alone)
    finally:
        await live.dispose()


async def _make(connection: AsyncConnection) -> str:
    schema = str(await connection.scalar(text("SELECT current_schema()")))
    await connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
    await connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    like = f'"{schema}".{events.name} INCLUDING ALL'
    await connection.execute(text(f"CREATE UNLOGGED TABLE {SCHEMA}.{events.name} (LIKE {like})"))  # one begins anew
    await connection.commit()
    return schema


async def _drop(connection: AsyncConnection) -> None:
    await connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
    await connection.commit()
    await connection.invalidate()  # and with it the lock
