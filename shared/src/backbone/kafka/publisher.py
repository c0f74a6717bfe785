"""How facts and dead letters reach Kafka: the safe settings, in one place."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from aiokafka import AIOKafkaProducer

from ..runtime.waiting import close_for_good
from .cluster import Cluster

# an idempotent producer never gives up by itself: the caller could neither say so nor stop
PATIENCE_SECONDS = 30.0
# before compression; the broker's own limit (1 MiB unless told otherwise) counts after it
MAX_RECORD_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Outgoing:
    """One record to write; a value of None is a tombstone."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Publisher(Protocol):
    """Writes records in order; done when every one is acknowledged by all in-sync replicas."""

    async def start(self) -> None: ...

    async def publish(self, records: Sequence[Outgoing]) -> None: ...

    async def stop(self) -> None: ...


class KafkaPublisher:
    """A producer of aiokafka itself: FastStream's would overwrite `traceparent` and await each record singly.

    Idempotent and `acks=all`, so that a retry inside the client neither loses, doubles nor reorders.
    One call publishes at a time. After a failure the client is thrown away with all that is still in it:
    what it sent later would overtake what failed.
    """

    def __init__(self, cluster: Cluster, client_id: str) -> None:
        self._options = {**cluster.client_options(), "client_id": client_id}
        self._producer: AIOKafkaProducer | None = None
        self._one_at_a_time = asyncio.Lock()

    async def start(self) -> None:
        """Connects. Raises KafkaConnectionError while the broker is away; may be called again."""
        async with self._one_at_a_time:
            await self._started()

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """Raises KafkaError, or TimeoutError while the broker does not answer; part may be written by then."""
        async with self._one_at_a_time:
            producer = await self._started()
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    acknowledged = [
                        await producer.send(record.topic, _value_of(record), record.key, headers=record.headers)
                        for record in records
                    ]
                    await asyncio.gather(*acknowledged)
            except BaseException:
                self._producer = None
                await close_for_good("a producer that failed", _throw_away(producer))
                raise

    async def stop(self) -> None:
        async with self._one_at_a_time:
            if self._producer is not None:
                producer, self._producer = self._producer, None
                await close_for_good("a producer", producer.stop())

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                **self._options,
                acks="all",
                enable_idempotence=True,
                compression_type="zstd",
                linger_ms=0,
                max_request_size=MAX_RECORD_BYTES,
            )
            try:
                await producer.start()
            except BaseException:
                await close_for_good("a producer", producer.stop())
                raise
            self._producer = producer
        return self._producer


def _value_of(record: Outgoing) -> bytes | None:
    # aiokafka refuses a record with neither key nor value; a poison message may be just that
    return b"" if record.key is None and record.value is None else record.value


async def _throw_away(producer: AIOKafkaProducer) -> None:
    # aiokafka's stop() would first send all that is left: end its sender instead, then the connections
    producer._closed = True
    sender = producer._sender.sender_task
    sender.cancel()
    await producer.client.close()
    sender.cancel()  # it waits for a request under way, which will not be answered any more
    await asyncio.wait([sender], timeout=1.0)
