"""How far a listener is behind its topics, also while it cannot read: a lag that vanished because the listener stands
still would hide the very thing that it is for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.memory_records import MemoryRecords

from .reading import Reading, position_of

ANSWER_SECONDS = 2.0
_READ_UNCOMMITTED = 0  # as the listener reads


@dataclass(frozen=True)
class Behind:
    """Where a partition is read next, where it ends, and when the record there was written (seconds since the epoch;
    None: there is none)."""

    at: int
    end: int
    since: float | None

    @property
    def messages(self) -> int:
        return max(0, self.end - self.at)

    @property
    def seconds(self) -> float:
        """The age of the oldest record that is not taken; the clocks of two machines differ, but nobody waits less than
        no time."""
        return max(0.0, time.time() - self.since) if self.messages and self.since is not None else 0.0


class Lag:
    """Of the partitions that one listener reads."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.behind: Mapping[TopicPartition, Behind] = {}

    async def look(self) -> None:
        """Asks Kafka. What it does not answer stays as it was known: a lag does not shrink by that."""
        consumer = self._reading.consumer
        if consumer is None:
            return
        ends = await self._ends(consumer)
        # while partitions are dealt out anew, those from before; what is in hand is ours, whatever is said meanwhile
        partitions = consumer.assignment() | self._reading.in_hand.keys()
        found = await asyncio.gather(*(self._look_at(consumer, one, ends.get(one)) for one in partitions))
        self.behind = {partition: one for partition, one in zip(partitions, found, strict=True) if one is not None}

    async def _ends(self, consumer: AIOKafkaConsumer) -> Mapping[TopicPartition, int]:
        if not consumer.assignment():
            return {}
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                ends: Mapping[TopicPartition, int] = await consumer.end_offsets(consumer.assignment())
                return ends
        except (KafkaError, TimeoutError):
            return {}

    async def _look_at(self, consumer: AIOKafkaConsumer, partition: TopicPartition, end: int | None) -> Behind | None:
        before, position = self.behind.get(partition), await position_of(consumer, partition)
        in_hand = self._reading.in_hand.get(partition)  # only now: a poll may have come meanwhile
        at = in_hand[0] if in_hand else position
        if at is None:
            return before
        if end is None:
            end = before.end if before else at
        if in_hand:
            end = max(end, at + 1)
        if end <= at:
            return Behind(at, end, None)
        if in_hand:
            return Behind(at, end, in_hand[1])
        if before and before.at == at and before.since is not None:
            return Behind(at, end, before.since)
        since = await _written_at(consumer, partition, at)
        # nobody answers: it is at least as old as our knowing of it
        return Behind(at, end, since or (before and before.since) or time.time())


async def _written_at(consumer: AIOKafkaConsumer, partition: TopicPartition, at: int) -> float | None:
    """When the first record from there on was written; None where nobody answers.

    aiokafka has no way to look at a record without taking it. This asks the partition's leader for one byte from there,
    which it answers with the first batch, whole.
    """
    client = consumer._client
    leader = client.cluster.leader_for_partition(partition)
    if leader is None or leader < 0:
        return None
    place = [(partition.topic, [(partition.partition, at, 1)])]
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            answer = await client.send(leader, FetchRequest(0, 1, 1, _READ_UNCOMMITTED, place))
        records = MemoryRecords(answer.topics[0][1][0][-1] or b"")
        while records.has_next():
            for record in records.next_batch():
                if record.offset >= at:
                    return float(record.timestamp) / 1000
    except (KafkaError, TimeoutError):
        pass
    return None
