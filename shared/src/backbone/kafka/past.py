"""What was told on topics before now, read once more; and a group's place behind it.

GroupAtWork   the group has members: what they are about to commit would undo what is set here
PastSilent    Kafka has records that it does not hand over
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeAlias

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError

from ..contracts.topics import PARTITIONS
from ..runtime.waiting import close_for_good
from .cluster import Cluster

SILENCE_SECONDS = 30.0
AT_ONCE = 500
Told: TypeAlias = "ConsumerRecord[bytes, bytes]"
_OF_A_GROUP_AT_WORK = (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)


class GroupAtWork(Exception):
    """The group has members."""


class PastSilent(Exception):
    """Kafka has records that it did not hand over within `SILENCE_SECONDS`."""


class Past:
    """The records of some topics from an instant on (None: all that is left of them), up to the moment at which it was
    opened. `open_past` makes it."""

    def __init__(self, consumer: AIOKafkaConsumer, spans: Mapping[TopicPartition, tuple[int, int]]) -> None:
        self._consumer, self._spans = consumer, spans

    async def of(self, topics: Collection[str], partition: int | None = None) -> AsyncIterator[list[Told]]:
        """The records of these topics, poll by poll, each partition's in order; of one partition alone, if told so."""
        left = {
            place: span
            for place, span in self._spans.items()
            if place.topic in topics and partition in (None, place.partition) and span[0] < span[1]
        }
        self._consumer.assign(list(left))
        for place, (begin, _) in left.items():
            self._consumer.seek(place, begin)
        heard_at = time.monotonic()
        while left:
            polled = await self._consumer.getmany(timeout_ms=1000, max_records=AT_ONCE)
            if polled:
                heard_at = time.monotonic()
            elif time.monotonic() - heard_at > SILENCE_SECONDS:
                raise PastSilent
            for place, records in polled.items():
                yield [record for record in records if record.offset < self._spans[place][1]]
            # by the position and not by the last record: compaction leaves gaps, at the end too
            for place in [place for place, (_, end) in left.items() if await self._consumer.position(place) >= end]:
                del left[place]
                self._consumer.pause(place)

    async def check_group(self, topics: Collection[str]) -> None:
        """Raises GroupAtWork if the group that reads these topics has members. Its place stays as it is."""
        places = [place for place in self._spans if place.topic in topics]
        known = {place: await self._consumer.committed(place) for place in places}
        await self._commit({place: at if at is not None else self._spans[place][0] for place, at in known.items()})

    async def set_group(self, topics: Collection[str]) -> None:
        """Has the group that reads these topics go on behind what was read here. Raises GroupAtWork."""
        await self._commit({place: end for place, (_, end) in self._spans.items() if place.topic in topics})

    async def _commit(self, places: Mapping[TopicPartition, int]) -> None:
        self._consumer.assign(list(places))
        try:
            await self._consumer.commit(dict(places))
        except _OF_A_GROUP_AT_WORK:
            raise GroupAtWork from None


@asynccontextmanager
async def open_past(
    cluster: Cluster, group: str, topics: Collection[str], since: datetime | None = None
) -> AsyncIterator[Past]:
    """What was told on these topics since then, for a group whose readers are all stopped. Raises KafkaError."""
    consumer = AIOKafkaConsumer(
        **cluster.client_options(), client_id=group, group_id=group, enable_auto_commit=False, auto_offset_reset="none"
    )
    try:
        await consumer.start()
        yield Past(consumer, await _spans(consumer, topics, since))
    finally:
        await close_for_good("a reader of the past", consumer.stop())


async def _spans(
    consumer: AIOKafkaConsumer, topics: Collection[str], since: datetime | None
) -> dict[TopicPartition, tuple[int, int]]:
    places = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
    begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    if since is not None:
        instant = int(since.timestamp() * 1000)
        found = await consumer.offsets_for_times(dict.fromkeys(places, instant))
        begins = {place: at.offset if (at := found[place]) else ends[place] for place in places}
    return {place: (begins[place], ends[place]) for place in places}
