"""The outbox: a change and the fact that it happened are written in one transaction; a relay tells it.

One relay leads per service, under an advisory lock, so that facts leave in the order they were written.
The order per aggregate is the order of commits as long as the aggregate's row is locked or written before
its fact: the identity column then grows in commit order for that aggregate.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable
from uuid import UUID, uuid4

from sqlalchemy import Text, cast, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ..contracts import Fact, Written
from ..kafka.envelope import fact_headers, wire_headers, written
from ..kafka.publisher import Outgoing, Publisher
from ..kafka.spans import sent
from ..runtime.failpoints import failpoint
from ..runtime.metrics import FloorMetrics
from ..runtime.pulse import Beating
from ..runtime.spans import OFF, Tracing
from ..runtime.trace import current_trace
from ..runtime.waiting import attempts, is_transient, once_up, unless_stopped, what_failed
from .bell import Bell
from .database import Tx, outbox
from .leading import leading

log = logging.getLogger(__name__)

RELAY_LOCK = 0x5D1_0B0C  # any fixed number will do; each service has a database of its own
BATCH = 1000
GRACE_SECONDS = 5.0  # for a batch under way when the service stops; cut short, its facts are told again

_TELL = text(
    "WITH told AS (INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, headers)"
    # its time as text, since a connector that tells it in the relay's place would write it in another way (0026)
    " SELECT id, topic, key, type, CAST(payload AS jsonb), CAST(headers AS jsonb) || jsonb_build_object('ce_time',"
    """ to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'))"""
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:topics AS text[]), CAST(:keys AS text[]), CAST(:types AS text[]),"
    " CAST(:payloads AS text[]), CAST(:headers AS text[]))"
    " WITH ORDINALITY AS fact (id, topic, key, type, payload, headers, place) ORDER BY place)"
    " SELECT pg_notify('outbox', '')"
)


async def tell(tx: Tx, facts: Iterable[tuple[Fact | Written, str]]) -> None:
    """Writes facts, each with the trace it belongs to, for the relay to publish once `tx` is committed.

    Raises Untellable, before anything is written, if one of them would not be read as it is meant.
    """
    rows = [_row(told, trace) for told, trace in facts]
    if rows:
        await tx.execute(_TELL, dict(zip(_COLUMNS, map(list, zip(*rows, strict=True)), strict=True)))


_COLUMNS = ("ids", "topics", "keys", "types", "payloads", "headers")


def _row(told: Fact | Written, trace: str) -> tuple[UUID, str, str, str, str | None, str]:
    fact = told.fact if isinstance(told, Written) else told
    headers = json.dumps(fact_headers(fact, trace))
    return uuid4(), fact.topic.name, fact.key, fact.ce_type, written(told), headers


async def tell_now(tx: Tx, *facts: Fact | Written) -> None:
    """`tell` for facts that belong to the running request or job."""
    await tell(tx, [(fact, current_trace()) for fact in facts])


class Relay(Beating):
    """Publishes the outbox, at least once and in order. Any number may run: one leads, the others stand by."""

    name = "relay"

    def __init__(
        self,
        engine: AsyncEngine,
        publisher: Publisher,
        bell: Bell,
        metrics: FloorMetrics | None = None,
        *,
        tracing: Tracing = OFF,
    ) -> None:
        super().__init__()
        self._engine, self._publisher, self._bell = engine, publisher, bell
        self._metrics, self._tracing = metrics or FloorMetrics(), tracing
        self.leads = False

    async def run(self, stopping: asyncio.Event) -> None:
        await once_up("Kafka", self._publisher.start, stopping, log)
        try:
            async for _ in attempts(stopping):
                try:
                    await self._stand_by_and_lead(stopping)
                except Exception as error:
                    if not is_transient(error):
                        raise
                    log.warning("the relay lost its database or broker: waiting", extra={"error": what_failed(error)})
        finally:
            self.leads = False
            await self._publisher.stop()

    async def _stand_by_and_lead(self, stopping: asyncio.Event) -> None:
        # every mark is made under the lock
        async with leading(self._engine, RELAY_LOCK, stopping, self._pulse.beat) as connection:
            self.leads = connection is not None
            try:
                while connection is not None and not stopping.is_set():
                    self._pulse.beat()  # a wait for Kafka ends with its patience, and is a turn
                    published = await unless_stopped(stopping, self.publish_some(connection), grace=GRACE_SECONDS)
                    if published is not None and published < BATCH:
                        await self._bell.rung("outbox", stopping, at_most=2.0)
            finally:
                self.leads = False

    async def publish_some(self, connection: AsyncConnection) -> int:
        """Publishes the oldest unpublished facts and marks them once the broker has them; how many."""
        async with connection.begin(), self._tracing.together() as spans:
            rows = (await connection.execute(_UNPUBLISHED)).all()
            if rows:
                failpoint("before-publish")
                await self._publisher.publish(
                    [
                        Outgoing(
                            topic=row.aggregatetype,
                            key=row.aggregateid.encode(),
                            value=row.payload.encode() if row.payload is not None else None,
                            headers=wire_headers(
                                sent(spans, row.aggregatetype, row.headers, row.id), row.id, row.occurred_at
                            ),
                        )
                        for row in rows
                    ]
                )
                failpoint("after-publish-before-mark")
                await connection.execute(
                    update(outbox).where(outbox.c.seq.in_([row.seq for row in rows])).values(published_at=func.now())
                )
        self._metrics.count_told((row.aggregatetype, row.type) for row in rows)
        return len(rows)


_UNPUBLISHED = (
    select(
        outbox.c.seq,
        outbox.c.id,
        outbox.c.aggregatetype,
        outbox.c.aggregateid,
        outbox.c.type,
        cast(outbox.c.payload, Text).label("payload"),
        outbox.c.headers,
        outbox.c.occurred_at,
    )
    .where(outbox.c.published_at.is_(None))
    # never « seq > the last one seen »: sequences are drawn before commits and show out of order
    .order_by(outbox.c.seq)
    .limit(BATCH)
)


_UNTOLD = text(
    "SELECT count(*), coalesce(extract(epoch FROM max(now() - occurred_at)), 0) FROM outbox WHERE published_at IS NULL"
)


async def untold(tx: Tx) -> tuple[int, float]:
    """How many facts wait for the relay, and the age of the oldest in seconds."""
    number, age = (await tx.execute(_UNTOLD)).one()
    return number, max(0.0, float(age))
