"""An export from its beginning, or from where the last one stopped, to its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import datetime
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition

from ..errors import Refusal
from ..kafka import Record, asking, partitions_of, reading, spans_of
from ..settings import Settings
from .bounds import parts_of
from .kept import Asked, Kept, Part
from .loop import Chunk, Gathering, Place, gather
from .places import Folder
from .progress import Said
from .shapes import PUBLIC

AT_ONCE = 5000
"""Records that are sorted together."""


def place_of(out: str) -> Place:
    """A folder, by its path."""
    return Folder(Path(out))


async def export(settings: Settings, place: Place, asked: Asked, said: Said) -> Kept:
    """Writes what was asked for, as far as it is not written yet. Raises Refusal, KafkaError."""
    async with _gathering(settings, place, asked, said) as (gathering, consumer, parts):
        chunks = _chunks(consumer, parts, asked, said)
        async with aclosing(gather(chunks, gathering)) as taken:
            async for records, _ in taken:
                said.taken(gathering.kept, len(records))
        await asyncio.to_thread(gathering.write)
        return gathering.kept


@asynccontextmanager
async def _gathering(
    settings: Settings, place: Place, asked: Asked, said: Said
) -> AsyncIterator[tuple[Gathering, AIOKafkaConsumer, dict[TopicPartition, Part]]]:
    topics = [topic for topic in PUBLIC if topic.name in asked.topics]
    partitions = [tp for tps in (await partitions_of(settings, topics)).values() for tp in tps]
    async with asking(settings) as admin:
        cluster = str((await admin.describe_cluster())["cluster_id"])
    kept = place.open() or Kept(asked, cluster)
    try:
        _insist(place, kept, asked, cluster)
        async with reading(settings) as consumer:
            parts = await _parts(consumer, partitions, kept)
            kept.parts = {_name(tp): part for tp, part in parts.items()}
            said.begins(sum(part.end - part.next for part in parts.values()))
            yield Gathering(place, kept), consumer, parts
    finally:
        place.close()


def _insist(place: Place, kept: Kept, asked: Asked, cluster: str) -> None:
    if kept.asked != asked:
        raise Refusal(f"{place} holds another export ({_words(kept.asked)}): ask for the same, or name another folder")
    if kept.cluster != cluster:
        raise Refusal(f"{place} was filled from another Kafka ({kept.cluster}, this is {cluster}): name another folder")


def _words(asked: Asked) -> str:
    types = f", of {', '.join(asked.types)}" if asked.types else ""
    since, until = asked.since or "beginning", asked.until or "now"
    return f"--format {asked.format} --from {since} --to {until}, topics {', '.join(asked.topics)}{types}"


async def _parts(
    consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition], kept: Kept
) -> dict[TopicPartition, Part]:
    """Where to go on, and up to where."""
    since, until = map(_moment, (kept.asked.since, kept.asked.until))
    parts = await parts_of(consumer, partitions, since, until)
    spans = await spans_of(consumer, partitions)
    for tp, part in parts.items():
        before = kept.parts.get(_name(tp))
        if before is None:
            continue
        begin, end = spans[tp]
        if before.next > end:
            raise Refusal(
                f"{_name(tp)} holds fewer records than were taken from it: it was made anew. Name another folder"
            )
        kept.gone += max(0, begin - before.next)
        part.next = max(begin, before.next)
        part.end = max(part.next, part.end)
    return parts


def _moment(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)


def _name(tp: TopicPartition) -> str:
    return f"{tp.topic}-{tp.partition}"


async def _chunks(
    consumer: AIOKafkaConsumer, parts: Mapping[TopicPartition, Part], asked: Asked, said: Said
) -> AsyncIterator[Chunk]:
    left = {tp: part.end for tp, part in parts.items() if part.next < part.end}
    consumer.assign(list(left))
    for tp in left:
        consumer.seek(tp, parts[tp].next)
    is_asked = _time_filter(asked)
    while left:
        polled = await consumer.getmany(timeout_ms=1000, max_records=AT_ONCE)
        said.heard(bool(polled))
        positions = {tp: min(await consumer.position(tp), left[tp]) for tp in left}
        records = [r for tp, some in polled.items() for r in some if r.offset < left[tp] and is_asked(r)]
        # by the position and not by the last record: compaction leaves gaps, at the end too
        for tp in [tp for tp, position in positions.items() if position >= left[tp]]:
            del left[tp]
            consumer.pause(tp)
        yield records, {_name(tp): position for tp, position in positions.items()}


def _time_filter(asked: Asked) -> Callable[[Record], bool]:
    since, until = map(_moment, (asked.since, asked.until))
    low = int(since.timestamp() * 1000) if since else -(2**63)
    high = int(until.timestamp() * 1000) if until else 2**63
    return lambda record: low <= record.timestamp < high
