"""The topics that map-feed hears, folded in memory by map-feed's own handlers, and kept in the shadow table.

No inbox is needed: the handlers themselves do nothing with a fact that they were told before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from rich.progress import Progress

from backbone.contracts import EventFact
from backbone.kafka.envelope import read_fact
from backbone.service.folding import Fold
from map_feed.domain.standing import Standing
from map_feed.handlers import HEARS

from .errors import Refusal
from .kafka import Record, read, spans_of
from .shadow import ShadowTable

SERVICE = "map-feed"
LITTLE = 200  # records: folded in a few hundredths of a second, as while the switch holds the table
KEPT_AT_ONCE = 1000
_KNOWN = {fact.ce_type: fact for fact in HEARS}


class TopicsFold:
    """What the topics come to, event by event; the shadow table says the same after each catching up."""

    def __init__(self, shadow: ShadowTable, consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> None:
        self._shadow, self._consumer, self._partitions = shadow, consumer, partitions
        self._read: dict[TopicPartition, int] = {}
        self._standings: dict[UUID, Standing] = {}
        self._changed: set[UUID] = set()
        self.facts = 0
        self.set_aside = 0

    async def follow(self, bars: Progress) -> None:
        """Folds all but the little that is told meanwhile: on a busy day there is always something."""
        before, folded = math.inf, await self.catch_up(bars)
        while LITTLE < folded < before:
            before, folded = folded, await self.catch_up(bars)

    async def catch_up(self, bars: Progress | None = None) -> int:
        """Folds what was told up to now; how many records that were at most."""
        spans = await spans_of(self._consumer, self._partitions)
        if not self._read and (cut := [tp for tp, (begin, _) in spans.items() if begin]):
            raise Refusal(f"the beginning of {cut[0].topic} {cut[0].partition} is gone: a rebuild would lose events")
        spans = {tp: (self._read.get(tp, 0), end) for tp, (_, end) in spans.items()}
        left = sum(end - begin for begin, end in spans.values())
        bar = bars.add_task("Folding", total=left) if bars else None
        async for records in read(self._consumer, spans):
            for record in records:
                self._fold(record)
            self.facts += len(records)
            if bars and bar is not None:
                bars.advance(bar, len(records))
        await self._keep()
        self._read = {tp: end for tp, (_, end) in spans.items()}
        return left

    def _fold(self, record: Record) -> None:
        try:
            heard = read_fact(record, _KNOWN)
            if heard is None:
                return
            fact, way = heard.fact, HEARS[type(heard.fact)]
            assert isinstance(fact, EventFact)
            assert isinstance(way, Fold)
            before = self._standings.get(fact.event_id) or Standing(fact.event_id)
            after = way.handle(before, fact, None).state
        except Exception:  # Unreadable, or what a handler raises: the live service set it aside already
            self.set_aside += 1
            return
        self._standings[fact.event_id] = after
        if after is not before:
            self._changed.add(fact.event_id)

    async def _keep(self) -> None:
        """Brings the table to what was folded."""
        changed = iter(self._changed)
        while part := [self._standings[event_id] for event_id in islice(changed, KEPT_AT_ONCE)]:
            await self._shadow.keep(part)
        self._changed.clear()
