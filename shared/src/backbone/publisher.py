"""How facts and dead letters reach Kafka: the safe settings, in one place."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from aiokafka import AIOKafkaProducer


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
    """

    def __init__(self, bootstrap_servers: str, client_id: str) -> None:
        self._options = {"bootstrap_servers": bootstrap_servers, "client_id": client_id}
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connects. Raises KafkaConnectionError while the broker is away; may be called again."""
        if self._producer is not None:
            return
        producer = AIOKafkaProducer(
            **self._options, acks="all", enable_idempotence=True, compression_type="zstd", linger_ms=0
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        self._producer = producer

    async def publish(self, records: Sequence[Outgoing]) -> None:
        await self.start()
        assert self._producer is not None
        acknowledged = [
            await self._producer.send(record.topic, record.value, record.key, headers=record.headers)
            for record in records
        ]
        await asyncio.gather(*acknowledged)

    async def stop(self) -> None:
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await producer.stop()
