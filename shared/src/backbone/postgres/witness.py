"""Where a connector tells the outbox in the relay's place, nobody marks what was told: the witness does.

The connector reads PostgreSQL's log through a replication slot, and moves the slot on once Kafka has what it read. What
was in the outbox when the log was shorter than that has been told: it is marked, as the relay would have, and with it
the outbox's age, its metrics and its purge mean what they mean under the relay. And what the connector may have missed,
since its slot was lost, still bears no mark: a new connector's snapshot finds it, or the relay.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ..runtime.metrics import FloorMetrics
from ..runtime.pulse import Beating
from ..runtime.waiting import attempts, is_transient, sleep_until, unless_stopped, what_failed
from .database import outbox
from .leading import leading

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
BATCH = 10_000  # marked at once; more waits for the next

_SLOT = text(
    "SELECT confirmed_flush_lsn > CAST(:awaited AS pg_lsn) AS is_past,"
    " pg_current_wal_insert_lsn() AS here"
    " FROM pg_replication_slots WHERE slot_name = :slot AND database = current_database()"
    " AND wal_status IS DISTINCT FROM 'lost'"
)
_START = 0  # a place in the log is a number


@dataclass(frozen=True)
class _Seen:
    """Facts that were there when the log ended `here`; `again`: the slot has passed that place once before."""

    facts: Sequence[int]
    here: int
    again: bool = False


class Witness(Beating):
    """Marks what a connector has told. Any number may run: one leads, and no relay does meanwhile."""

    name = "witness"

    def __init__(self, engine: AsyncEngine, slot: str, lock: int, metrics: FloorMetrics | None = None) -> None:
        """`lock`: the relay's."""
        super().__init__()
        self._engine, self._slot, self._lock = engine, slot, lock
        self._metrics = metrics or FloorMetrics()
        self._seen: _Seen | None = None
        self._is_missed = False
        self.leads = False

    async def run(self, stopping: asyncio.Event) -> None:
        async for _ in attempts(stopping):
            try:
                await self._stand_by_and_lead(stopping)
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("the witness lost its database: waiting", extra={"error": what_failed(error)})

    async def _stand_by_and_lead(self, stopping: asyncio.Event) -> None:
        async with leading(self._engine, self._lock, stopping, self._pulse.beat) as connection:
            self.leads, self._seen = connection is not None, None
            try:
                while connection is not None and not stopping.is_set():
                    self._pulse.beat()
                    await unless_stopped(stopping, self.mark_some(connection), grace=LOOK_SECONDS)
                    await sleep_until(stopping, LOOK_SECONDS)
            finally:
                self.leads = False

    async def mark_some(self, connection: AsyncConnection) -> int:
        """Looks at the slot once, and marks what it is known to have passed; how many."""
        async with connection.begin():
            awaited = self._seen.here if self._seen else _START
            slot = (await connection.execute(_SLOT, {"slot": self._slot, "awaited": awaited})).one_or_none()
            self._say_whether_missed(slot is None)
            if slot is None:
                self._seen = None
                return 0
            if self._seen is None:
                facts = (await connection.scalars(_UNMARKED)).all()
                # the facts first, then the place: all of them were committed before it
                here = await connection.scalar(text("SELECT pg_current_wal_insert_lsn()"))
                self._seen = _Seen(facts, int(here)) if facts else None
                return 0
            if not slot.is_past:
                return 0
            if not self._seen.again:
                # A slot made anew stands at the end of the log, and its connector may be in the middle of telling what
                # was there before. Only by what it reads from then on does it move: so it must pass a second place
                self._seen = _Seen(self._seen.facts, slot.here, again=True)
                return 0
            facts, self._seen = self._seen.facts, None
            marked = (await connection.execute(_MARK, {"facts": facts})).all()
        self._metrics.count_told((row.aggregatetype, row.type) for row in marked)
        return len(marked)

    def _say_whether_missed(self, is_missed: bool) -> None:
        if is_missed and not self._is_missed:
            log.error("nobody tells the outbox: PostgreSQL has no usable slot %s in this database", self._slot)
        self._is_missed = is_missed


_UNMARKED = select(outbox.c.seq).where(outbox.c.published_at.is_(None)).order_by(outbox.c.seq).limit(BATCH)
_MARK = text(
    "UPDATE outbox SET published_at = now() WHERE seq = ANY(CAST(:facts AS bigint[])) RETURNING aggregatetype, type"
)
