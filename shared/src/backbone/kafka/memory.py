"""Kafka in memory, for fast tests of a whole journey: FastStream's test bus behind the publisher's face."""

from __future__ import annotations

from collections.abc import Sequence

from faststream.kafka import KafkaBroker

from .publisher import Outgoing


class MemoryPublisher:
    """Hands records to the subscribers of a FastStream test bus, one by one, and keeps what it wrote."""

    def __init__(self, broker: KafkaBroker) -> None:
        self._broker = broker
        self.written: list[Outgoing] = []

    async def start(self) -> None:
        return None

    async def publish(self, records: Sequence[Outgoing]) -> None:
        for record in records:
            self.written.append(record)
            headers = {name: value.decode(errors="replace") for name, value in record.headers}
            await self._broker.publish(record.value, topic=record.topic, key=record.key, headers=headers)

    async def stop(self) -> None:
        return None
