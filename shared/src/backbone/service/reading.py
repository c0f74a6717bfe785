"""Whether the loop that reads from Kafka still does; neither aiokafka nor FastStream tells (aiokafka's issue 1154)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka.subscriber.usecase import LogicSubscriber

from ..kafka.envelope import Polled
from ..runtime.pulse import Pulse

MAX_POLL_SECONDS = 600.0  # with a poll in hand for longer, Kafka gives our partitions to others
# longer than a healthy consumer needs to find back once Kafka answers: a commit on a dead connection (40 s),
# a rebalance (30 s, the session), FastStream's rest after an error (5 s)
STILL_SECONDS = 120.0
ANSWER_SECONDS = 5.0

Mark = tuple[int | None, int | None]
"""How far a partition is read, and when it was last fetched from."""


class Reading:
    """Watches one subscriber of FastStream."""

    def __init__(self, subscriber: LogicSubscriber[Any]) -> None:
        self._subscriber = subscriber
        self._taking, self._turning = Pulse(MAX_POLL_SECONDS), Pulse(STILL_SECONDS)
        self.in_hand: Mapping[TopicPartition, tuple[int, float]] = {}
        """The first record of each partition in the poll in hand: its offset, and when it was written (epoch)."""
        self._turning.beat()
        self._marks: dict[TopicPartition, Mark] = {}

    @property
    def consumer(self) -> AIOKafkaConsumer | None:
        """It reads with this; None before it has begun to, and after its end."""
        return self._subscriber.consumer

    @contextmanager
    def poll_in_hand(self, records: Sequence[Polled]) -> Iterator[None]:
        """Around all that is done with the records of one poll."""
        # they come in order, partition by partition
        first = {(record.topic, record.partition): record for record in reversed(records)}
        self.in_hand = {TopicPartition(*place): (one.offset, one.timestamp / 1000) for place, one in first.items()}
        self._taking.beat()
        try:
            yield
        finally:
            self.in_hand = {}
            self._taking.beat()
            self._turning.beat()

    async def examine(self, *, database_answers: bool) -> None:
        """To be called every `LOOK_SECONDS`."""
        consumer = self.consumer
        if self.in_hand:
            self._taking.examine(waits=not database_answers)
        elif consumer is not None and not self._has_ended():
            self._turning.examine(waits=not await self._stands_still(consumer))

    @property
    def is_stuck(self) -> bool:
        return self._has_ended() or self._taking.is_still or self._turning.is_still

    def _has_ended(self) -> bool:
        tasks, consumer = self._subscriber.tasks, self._subscriber.consumer
        if tasks and all(task.done() for task in tasks):
            return True
        # private, but the only word on it: without this task aiokafka rejoins no group and commits nothing, and
        # FastStream logs the error of each poll and goes on
        return consumer is not None and bool(consumer._coordinator._coordination_task.done())

    async def _stands_still(self, consumer: AIOKafkaConsumer) -> bool:
        """Whether there is more to read, its brokers answer, and yet nothing was fetched or read since last time."""
        before, self._marks = self._marks, {}
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                # from the partitions' own leaders: that some broker answers says nothing about them
                ends = await consumer.end_offsets(consumer.assignment())
        except (KafkaError, TimeoutError):
            return False
        for partition, end in ends.items():
            position = await position_of(consumer, partition)
            if partition in consumer.assignment() and (position is None or position < end):
                self._marks[partition] = position, consumer.last_poll_timestamp(partition)
        return any(before.get(partition) == mark for partition, mark in self._marks.items())


async def position_of(consumer: AIOKafkaConsumer, partition: TopicPartition) -> int | None:
    """Where it reads next; None where it does not know."""
    # it waits for as long as there is none: a moment after a rebalance, for ever if the consumer is stuck there
    try:
        async with asyncio.timeout(1.0):
            return int(await consumer.position(partition))
    except (KafkaError, TimeoutError):
        return None
