"""An export from its beginning, or from where the last one stopped, to its end; or without one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition

from ..errors import AWAY, Refusal
from ..kafka import Record, asking, partitions_of, reading, spans_of
from ..public import CANARY, PUBLIC
from ..settings import Settings
from .bounds import parts_of
from .bucket import bucket_of
from .kept import Asked, Kept, Part
from .loop import Chunk, Gathering, Pace, gather
from .places import Folder, Place
from .progress import Said

AT_ONCE = 10_000
"""Records that are sorted together."""
AWAY_SECONDS = 2.0
"""Until one who follows asks again for a Kafka that is away."""


def place_of(out: str) -> Place:
    """A bucket, by its address, or a folder, by its path. Raises Refusal."""
    return bucket_of(out) if out.startswith("s3://") else Folder(Path(out))


@dataclass(frozen=True)
class Work:
    """What is to be done, and with what."""

    settings: Settings
    place: Place
    asked: Asked
    pace: Pace
    said: Said
    stopping: asyncio.Event


async def export(work: Work) -> Kept:
    """Writes what was asked for, as far as it is not written yet. Raises Refusal, KafkaError."""
    return await _run(work, for_ever=False)


async def follow(work: Work) -> Kept:
    """The same, and what is told then, until it is told to stop; waits where Kafka is away at the beginning too."""
    while True:
        try:
            return await _run(work, for_ever=True)
        except AWAY:
            work.said.heard(False)
            with suppress(TimeoutError):
                async with asyncio.timeout(AWAY_SECONDS):
                    await work.stopping.wait()
            if work.stopping.is_set():
                raise


async def _run(work: Work, *, for_ever: bool) -> Kept:
    async with _opened(work.settings, work.place, work.asked) as (kept, consumer, parts):
        gathering = Gathering(work.place, kept, work.pace)
        work.said.begins(kept, sum(part.end - part.next for part in parts.values()))
        chunks = _chunks(consumer, parts, work, for_ever=for_ever)
        async with aclosing(gather(chunks, gathering)) as taken:
            async for records, _ in taken:
                work.said.taken(kept, len(records))
        await asyncio.to_thread(gathering.write)
        return kept


@asynccontextmanager
async def _opened(
    settings: Settings, place: Place, asked: Asked
) -> AsyncIterator[tuple[Kept, AIOKafkaConsumer, dict[TopicPartition, Part]]]:
    topics = [topic for topic in PUBLIC if topic.name in asked.topics]
    partitions = [tp for tps in (await partitions_of(settings, topics)).values() for tp in tps]
    async with asking(settings) as admin:
        cluster = str((await admin.describe_cluster())["cluster_id"])
    try:
        kept = place.open() or Kept(asked, cluster)
        _insist(place, kept, asked, cluster)
        async with reading(settings) as consumer:
            parts = await _parts(consumer, partitions, kept)
            kept.parts = {_name(tp): part for tp, part in parts.items()}
            yield kept, consumer, parts
    finally:
        place.close()


def _insist(place: Place, kept: Kept, asked: Asked, cluster: str) -> None:
    if kept.asked != asked:
        raise Refusal(f"{place} holds another export ({_words(kept.asked)}): ask for the same, or name another folder")
    if kept.cluster != cluster:
        raise Refusal(f"{place} was filled from another Kafka ({kept.cluster}, this is {cluster}): name another folder")


def _words(asked: Asked) -> str:
    types = f", messages {', '.join(asked.types)}" if asked.types else ""
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
    consumer: AIOKafkaConsumer, parts: Mapping[TopicPartition, Part], work: Work, *, for_ever: bool
) -> AsyncIterator[Chunk]:
    left = {tp: part.end for tp, part in parts.items() if for_ever or part.next < part.end}
    consumer.assign(list(left))
    for tp in left:
        consumer.seek(tp, parts[tp].next)
    is_asked = _filter(work.asked)
    while left and not work.stopping.is_set():
        polled = await consumer.getmany(timeout_ms=1000, max_records=AT_ONCE)
        work.said.heard(bool(polled) or for_ever)
        positions = {tp: await consumer.position(tp) for tp in left}
        # by the position and not by the last record: compaction leaves gaps, at the end too
        over = [] if for_ever else [tp for tp, position in positions.items() if position >= left[tp]]
        records = [r for tp, some in polled.items() for r in some if is_asked(r) and (for_ever or r.offset < left[tp])]
        positions |= {tp: left[tp] for tp in over}
        for tp in over:
            del left[tp]
            consumer.pause(tp)
        yield records, {_name(tp): position for tp, position in positions.items()}


def _filter(asked: Asked) -> Callable[[Record], bool]:
    since, until = map(_moment, (asked.since, asked.until))
    low = int(since.timestamp() * 1000) if since else -(2**63)
    high = int(until.timestamp() * 1000) if until else 2**63
    return lambda record: low <= record.timestamp < high and record.key != CANARY
