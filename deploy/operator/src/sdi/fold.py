"""The topics that map-feed hears, folded into the shadow tables by map-feed's own listener and handlers."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from faststream.kafka import KafkaBroker
from rich.progress import Progress
from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.kafka.publisher import Outgoing
from backbone.service.listener import Listener
from map_feed.app import HANDLERS

from .errors import Refusal
from .kafka import Record, read, spans_of

SERVICE = "map-feed"
LITTLE = 200  # records: folded in a few tenths of a second, as while the switch holds the table


class Fold:
    """The topics, folded into the shadow tables by the very handlers, and the very listener, of the service."""

    def __init__(self, engine: AsyncEngine, consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> None:
        self._consumer, self._partitions = consumer, partitions
        # a broker that is never started: the records are handed over by us
        self._listener = Listener(SERVICE, KafkaBroker(), engine, _SetAsideAlready(), HANDLERS)
        self._folded: Mapping[TopicPartition, int] = {}
        self.facts = 0

    @property
    def set_aside(self) -> int:
        return self._listener.set_aside

    async def _take(self, records: Sequence[Record]) -> None:
        # all facts about one event have one partition's number, so these transactions never meet in a row
        by_number: defaultdict[int, list[Record]] = defaultdict(list)
        for record in records:
            by_number[record.partition].append(record)
        await asyncio.gather(*map(self._listener.take, by_number.values()))

    async def follow(self, bars: Progress) -> None:
        """Folds all but the little that is told meanwhile: on a busy day there is always something."""
        before, folded = math.inf, await self.catch_up(bars)
        while LITTLE < folded < before:
            before, folded = folded, await self.catch_up(bars)

    async def catch_up(self, bars: Progress | None = None) -> int:
        """Folds what was told up to now; how many records that were at most."""
        spans = await spans_of(self._consumer, self._partitions)
        if not self._folded and (cut := [tp for tp, (begin, _) in spans.items() if begin]):
            raise Refusal(f"the beginning of {cut[0].topic} {cut[0].partition} is gone: a rebuild would lose events")
        spans = {tp: (self._folded.get(tp, 0), end) for tp, (_, end) in spans.items()}
        left = sum(end - begin for begin, end in spans.values())
        bar = bars.add_task("Folding", total=left) if bars else None
        async for records in read(self._consumer, spans):
            await self._take(records)
            self.facts += len(records)
            if bars and bar is not None:
                bars.advance(bar, len(records))
        self._folded = {tp: end for tp, (_, end) in spans.items()}
        return left


class _SetAsideAlready:
    """Where the listener writes dead letters: the live service has written these already."""

    async def start(self) -> None: ...

    async def publish(self, records: Sequence[Outgoing]) -> None: ...

    async def stop(self) -> None: ...
