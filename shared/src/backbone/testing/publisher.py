"""Kafka's half that is written to, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from ..kafka.publisher import Outgoing


class RecordingPublisher:
    """Keeps in memory what it is given; raises first what it is told to, once each."""

    def __init__(self) -> None:
        self.records: list[Outgoing] = []
        self.failures: list[Exception] = []
        self.is_started = False

    async def start(self) -> None:
        self.is_started = True

    async def publish(self, records: Sequence[Outgoing]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.records += records

    async def stop(self) -> None:
        self.is_started = False
