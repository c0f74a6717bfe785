"""Kafka as an operator sees it: read from anywhere up to the end of now, in no group, nothing committed."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.partitioner import DefaultPartitioner

from backbone.contracts import Topic
from backbone.kafka import envelope
from backbone.kafka.publisher import MAX_RECORD_BYTES
from backbone.runtime.waiting import close_for_good

from .errors import KafkaSilent, Refusal
from .settings import Settings


class Record(envelope.Record, Protocol):
    """What is used of a record (aiokafka's ConsumerRecord is one)."""

    timestamp: int


Span = tuple[int, int]
"""From this offset on, up to (and without) that one."""

SILENCE_SECONDS = 30.0
C = TypeVar("C")


def client_options(settings: Settings) -> dict[str, Any]:
    """What every client of ours is told: where Kafka is, and who we are."""
    return {**settings.kafka.client_options(), "client_id": "sdi"}


@asynccontextmanager
async def _opened(
    client: C, start: Callable[[], Awaitable[None]], stop: Callable[[], Coroutine[Any, Any, None]]
) -> AsyncIterator[C]:
    try:
        await start()
        yield client
    finally:
        await close_for_good("a client", stop())


@asynccontextmanager
async def asking(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """For questions about topics and groups."""
    admin = AIOKafkaAdminClient(**client_options(settings))
    async with _opened(admin, admin.start, admin.close):
        yield admin


@asynccontextmanager
async def reading(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    """For reading partitions; belongs to no group."""
    consumer = AIOKafkaConsumer(
        **client_options(settings), group_id=None, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    async with _opened(consumer, consumer.start, consumer.stop):
        yield consumer


@asynccontextmanager
async def writing(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    """For writing to a partition of our choice, as safely as the services write (backbone.kafka.publisher)."""
    producer = AIOKafkaProducer(
        **client_options(settings),
        acks="all",
        enable_idempotence=True,
        compression_type="zstd",
        linger_ms=0,
        max_request_size=MAX_RECORD_BYTES,
    )
    async with _opened(producer, producer.start, producer.stop):
        yield producer


async def partitions_of(
    settings: Settings, topics: Iterable[Topic], *, all_of_them: bool = True
) -> dict[str, list[TopicPartition]]:
    """The partitions of each topic. Raises Refusal where one is missing: to pass over it would be to say that
    nothing is in it."""
    topics = list(topics)
    async with asking(settings) as admin:
        # of all topics, as to ask for one by its name could make it
        found = {topic["topic"]: topic["partitions"] for topic in await admin.describe_topics()}
    missing = [topic.name for topic in topics if topic.name not in found]
    if missing and all_of_them:
        raise Refusal(f"Kafka shows us no {', '.join(missing)}: is it the right Kafka, may we read there?")
    return {
        topic.name: [TopicPartition(topic.name, number) for number in sorted(p["partition"] for p in found[topic.name])]
        for topic in topics
        if topic.name in found
    }


def partition_of(key: bytes, partitions: list[TopicPartition]) -> TopicPartition:
    """Where all records with this key are: the services write with aiokafka's own partitioner."""
    chosen: TopicPartition = DefaultPartitioner()(key, partitions, partitions)
    return chosen


async def spans_of(consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, Span]:
    """What each partition holds now."""
    partitions = list(partitions)
    if not partitions:
        return {}
    begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
    return {tp: (begins[tp], ends[tp]) for tp in partitions}


async def read(consumer: AIOKafkaConsumer, spans: Mapping[TopicPartition, Span]) -> AsyncIterator[list[Record]]:
    """The records of the spans, poll by poll, each partition's in order. Raises KafkaSilent."""
    left = {tp: span for tp, span in spans.items() if span[0] < span[1]}
    consumer.assign(list(left))
    for tp, (begin, _) in left.items():
        consumer.seek(tp, begin)
    heard_at = time.monotonic()
    while left:
        polled = await consumer.getmany(timeout_ms=1000, max_records=3000)
        if polled:
            heard_at = time.monotonic()
        elif time.monotonic() - heard_at > SILENCE_SECONDS:
            raise KafkaSilent
        yield [record for tp, records in polled.items() for record in records if record.offset < spans[tp][1]]
        # by the position and not by the last record: compaction leaves gaps, at the end too
        for tp in [tp for tp, (_, end) in left.items() if await consumer.position(tp) >= end]:
            del left[tp]
            consumer.pause(tp)
