"""`SERVICE catch-up`: a database that was put back from a backup, or made anew, is brought level with what was told
since, before anybody is let in.

A service that heard on as if nothing had happened would decide again what it has told, under numbers that others know
by now, and mail again what has left. So it first takes back its own words, which stand on its topics.

before   its own words, read before it hears: so that it knows what it has told
among    its own words among what it hears, in the order of time: so that it knows what has been done
after    what must have the last word
"""

from __future__ import annotations

import argparse
import logging
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Protocol, TypeAlias

from aiokafka.errors import KafkaError
from pydantic_core import from_json
from sqlalchemy.ext.asyncio import AsyncEngine

from ..contracts import Fact
from ..contracts.topics import HEARD, PARTITIONS
from ..kafka.envelope import Heard, Unreadable, read_fact
from ..kafka.past import AT_ONCE, GroupAtWork, Past, PastSilent, Told, open_past
from .folding import Happening, Way, fold_all
from .listener import Listener
from .settings import ServiceSettings

log = logging.getLogger(__name__)

Words: TypeAlias = Mapping[type[Fact], Way]
"""A service's own facts, and how each is folded into what it keeps. Taken back twice, one acts once."""


@dataclass(frozen=True)
class Recall:
    """How a service takes back its own words. Of people only the newest word counts: who was erased is not made anew
    to be erased again."""

    before: Sequence[Words] = ()
    among: Words = field(default_factory=dict)
    after: Sequence[Words] = ()

    @property
    def topics(self) -> set[str]:
        return {fact.topic.name for words in (*self.before, self.among, *self.after) for fact in words}


@dataclass(frozen=True)
class CaughtUp:
    """How many words of its own a service took back, by type (those among what it hears are looked at twice), and how
    many records it was told once more."""

    taken_back: Counter[str]
    heard: int
    until: datetime


async def catch_up(
    settings: ServiceSettings, engine: AsyncEngine, hearing: Listener, recall: Recall, since: datetime | None = None
) -> CaughtUp:
    """Brings the service's database level with its topics. All of it may be done twice, and begun anew after it was
    killed. Raises GroupAtWork, PastSilent, KafkaError."""
    heard = [topic.name for topic in HEARD[settings.service]]
    until = datetime.now(UTC)
    async with open_past(settings.kafka, settings.service, {*heard, *recall.topics}, since) as past:
        await past.check_group(heard)
        work = _CatchingUp(engine, hearing, past)
        for words in recall.before:
            await work.take_back(words)
        await work.hear(heard, recall.among)
        # the clocks of two writers may disagree: a word that seemed to come before what it is about comes once more
        for words in (recall.among, *recall.after):
            await work.take_back(words)
        await past.set_group(heard)
    return CaughtUp(work.taken_back, work.heard, until)


class _CatchingUp:
    def __init__(self, engine: AsyncEngine, hearing: Listener, past: Past) -> None:
        self._engine, self._hearing, self._past = engine, hearing, past
        self.taken_back: Counter[str] = Counter()
        self.heard = 0

    async def take_back(self, words: Words) -> None:
        """Its own words, each partition's in order."""
        topics = {fact.topic.name: fact.topic.personal for fact in words}
        for topic in [name for name, personal in topics.items() if not personal]:
            async for records in self._past.of([topic]):
                await self._fold(records, words)
        for topic in [name for name, personal in topics.items() if personal]:
            newest = {record.key: record async for records in self._past.of([topic]) for record in records}
            for some in _lots([*newest.values()]):
                await self._fold(some, words)

    async def hear(self, heard: Collection[str], among: Words) -> None:
        """What it hears, its own words among it. The same event is in the same partition of every topic, so that one
        number of them is in memory at once; of people it hears first: they are told under keys of their own."""
        own = {fact.topic.name for fact in among}
        of_people = {topic.name for topics in HEARD.values() for topic in topics if topic.personal}
        for topic in (name for name in heard if name in of_people):
            async for records in self._past.of([topic]):
                await self._hear(records)
        of_events = [name for name in heard if name not in of_people]
        if not own:
            async for records in self._past.of(of_events):
                await self._hear(records)
            return
        for number in range(PARTITIONS):
            told = [one async for records in self._past.of({*of_events, *own}, number) for one in records]
            told.sort(key=lambda record: record.timestamp)  # of one topic and time: as they lie
            for is_own, run in groupby(_by_revision(told, own), key=lambda record: record.topic in own):
                for some in _lots([*run]):
                    await (self._fold(some, among) if is_own else self._hear(some))

    async def _hear(self, records: Sequence[Told]) -> None:
        if records:
            await self._hearing.take(records)
            self.heard += len(records)

    async def _fold(self, records: Iterable[Told], words: Words) -> None:
        said = [one for record in records if (one := _read(record, words))]
        if not said:
            return
        async with self._engine.begin() as tx:
            told = [Happening(one.fact, one.fact.key, words[type(one.fact)], one.traceparent) for one in said]
            await fold_all(tx, told, self._hearing.desk)
        self.taken_back.update(type(one.fact).__name__ for one in said)


def _by_revision(told: Sequence[Told], own: Collection[str]) -> Sequence[Told]:
    """The records in their order, but own words before all that is heard of a later revision of the same event: a word
    is told a while after what it tells of, and others may have been quicker."""
    heard: dict[bytes | None, list[tuple[int, int]]] = defaultdict(list)
    placed: list[tuple[int, int, int]] = []
    for number, record in enumerate(told):
        revision = _revision_of(record)
        if record.topic not in own:
            heard[record.key].append((number, revision))
            placed.append((number, 1, number))
        else:
            later = [at for at, other in heard[record.key] if other > revision]
            placed.append((min(later), 0, number) if later else (number, 1, number))
    return [told[number] for *_, number in sorted(placed)]


def _revision_of(record: Told) -> int:
    try:
        return int(from_json(record.value or b"{}").get("revision", 0))
    except (ValueError, TypeError, AttributeError):  # who reads it says so
        return 0


def _lots(records: Sequence[Told]) -> Iterable[Sequence[Told]]:
    return (records[first : first + AT_ONCE] for first in range(0, len(records), AT_ONCE))


def _read(record: Told, words: Words) -> Heard | None:
    try:
        return read_fact(record, {fact.ce_type: fact for fact in words})
    except Unreadable as why:
        # an own word that this version cannot read was a later one's: who reads it says so, and goes on
        place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        log.warning("an own word cannot be taken back: %s", why, extra=place)
        return None


class CatchesUp(Protocol):
    """What is used of a service that is not started (`Service` is one)."""

    name: str
    engine: AsyncEngine
    hearing: Listener | None
    recall: Recall
    close: Callable[[], Awaitable[None]] | None


async def run_catch_up_command(settings: ServiceSettings, arguments: list[str], service: CatchesUp) -> None:
    """`SERVICE catch-up [--since INSTANT]`. Exits with 1 and a line where a replica of the service runs, or Kafka is
    away."""
    since, hearing = _since(service.name, arguments), service.hearing
    assert hearing
    try:
        await hearing.publisher.start()
        done = await catch_up(settings, service.engine, hearing, service.recall, since)
    except GroupAtWork:
        raise SystemExit(f"{service.name}: a replica is at work: stop all of them first; nothing was done") from None
    except (KafkaError, PastSilent) as error:
        why = f"Kafka is away ({type(error).__name__})"
        raise SystemExit(f"{service.name}: {why}: the same command goes on") from None
    finally:
        await hearing.publisher.stop()
        if service.close:
            await service.close()
        await service.engine.dispose()
    print(_told(service.name, done))  # noqa: T201 (the answer of a command)


def _since(service: str, arguments: Sequence[str]) -> datetime | None:
    about = "Brings a database that was put back level with the topics. Stop all replicas of the service first."
    parser = argparse.ArgumentParser(prog=f"{service} catch-up", description=about)
    parser.add_argument(
        "--since",
        type=datetime.fromisoformat,
        metavar="INSTANT",
        help="a while before the backup was begun, e.g. 2026-11-16T09:00+01:00; without it: all that was ever told",
    )
    since: datetime | None = parser.parse_args(arguments).since
    if since is not None and since.tzinfo is None:
        parser.error("--since needs its offset, e.g. +01:00")
    return since


def _told(service: str, done: CaughtUp) -> str:
    own = ", ".join(f"{number:,} {kind}" for kind, number in sorted(done.taken_back.items())) or "none"
    return (
        f"{service}: level with what was told by {done.until:%Y-%m-%d %H:%M:%S} UTC."
        f" Own words taken back: {own}. Heard once more: {done.heard:,} records."
    )
