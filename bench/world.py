"""What a benchmark stands on: a Kafka and a PostgreSQL as `make demo` runs them, facts as organisers cause them, a
stopwatch."""

from __future__ import annotations

import itertools
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from sqlalchemy.engine import make_url

from backbone.campaign.edition import load_edition
from backbone.contracts import EventSubmitted, Fact
from backbone.kafka.cluster import Cluster
from backbone.kafka.envelope import fact_headers, wire_headers, written
from backbone.kafka.publisher import KafkaPublisher, Outgoing
from backbone.postgres.database import open_database
from backbone.postgres.migrations import migrate
from backbone.runtime.trace import current_trace
from local_stack.generator import draft_of, generate
from local_stack.jars import fetch_jars, jars_folder
from local_stack.kafka import LocalKafka
from local_stack.postgres import LocalPostgres
from local_stack.topics import make_topics
from registration.domain.draft import EventDraft

EDITION_FILE = Path(__file__).parents[1] / "editions" / "2026.toml"
EDITION = load_edition(EDITION_FILE)
NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
ORGANISER = UUID(int=7)
FILLED_AT_ONCE = 1000


@dataclass
class World:
    """A Kafka and a PostgreSQL, and what is made on them. Each run takes a database and a group of its own."""

    kafka: LocalKafka
    postgres: LocalPostgres
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.kafka.bootstrap_servers)

    def group(self, name: str) -> str:
        return f"{name}-{next(self._numbers)}"

    async def database(self, service: str) -> str:
        """The address of a fresh, migrated database."""
        name = f"bench_{next(self._numbers)}"
        admin = await asyncpg.connect(self.postgres.admin_url)
        try:
            await admin.execute(f'CREATE DATABASE "{name}"')
        finally:
            await admin.close()
        url = make_url(self.postgres.admin_url).set(drivername="postgresql+asyncpg", database=name)
        address = url.render_as_string(hide_password=False)
        engine = open_database(address)
        await migrate(engine, service)
        await engine.dispose()
        return address

    async def make_topic(self, name: str) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka.bootstrap_servers)
        await admin.start()
        try:
            await admin.create_topics([NewTopic(name, 6, 1)])
        finally:
            await admin.close()

    async def fill(self, facts: Sequence[Fact]) -> None:
        """Writes the facts on their topics, as their writers' relays do."""
        publisher, records = KafkaPublisher(self.cluster, "bench"), [*map(record_of, facts)]
        try:
            for first in range(0, len(records), FILLED_AT_ONCE):
                await publisher.publish(records[first : first + FILLED_AT_ONCE])
        finally:
            await publisher.stop()


@contextmanager
def world() -> Iterator[World]:
    """Servers that end with the block."""
    with tempfile.TemporaryDirectory(prefix="sdi-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        kafka = LocalKafka(Path(folder), fetch_jars(jars_folder()), guarded=False)
        with kafka, LocalPostgres(Path(folder)) as postgres:
            make_topics(kafka)
            yield World(kafka, postgres)


def submissions(number: int) -> list[EventSubmitted]:
    """The events of the demonstration, as registration tells them."""
    told = []
    for event_id, sample in generate(number, 2026):
        draft = EventDraft.model_validate(draft_of(sample, EDITION))
        event = draft.as_event(event_id, 1, EDITION.name, ORGANISER)
        about = {"event_id": event_id, "revision": 1, "sequence": 1, "edition": EDITION.name}
        told.append(EventSubmitted(**about, event=event, submitted_at=NOW))
    return told


def record_of(fact: Fact) -> Outgoing:
    """The fact as its writer's relay writes it."""
    value = written(fact)
    headers = wire_headers(fact_headers(fact, current_trace()), uuid4(), NOW)
    return Outgoing(fact.topic.name, fact.key.encode(), value.encode() if value else None, headers)


@dataclass(frozen=True)
class Lap:
    """One timed run: how much was done, in which wall seconds and processor seconds of this process."""

    done: int
    wall: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.done / self.wall

    @property
    def rate_cpu(self) -> float:
        return self.done / self.cpu


class Stopwatch:
    """Starts when it is made, or made to anew."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        self._wall, self._cpu = time.perf_counter(), _own_cpu()

    def lap(self, done: int) -> Lap:
        return Lap(done, time.perf_counter() - self._wall, _own_cpu() - self._cpu)


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def table(laps: Mapping[str, Sequence[Lap]], peers: Sequence[str]) -> str:
    """The medians of each row, as a table of Markdown; beside it its rate over that of each peer, by the wall and by
    the processor's seconds."""
    medians = {name: _median(each) for name, each in laps.items()}
    heads = [
        "what",
        "messages a second",
        "a second of its processor",
        *(f"over {peer} (wall · processor)" for peer in peers),
    ]
    lines = [heads, ["---"] * len(heads)]
    for name, lap in medians.items():
        ratios = [f"{lap.rate / medians[p].rate:.2f} · {lap.rate_cpu / medians[p].rate_cpu:.2f}" for p in peers]
        lines.append([name, f"{lap.rate:,.0f}", f"{lap.rate_cpu:,.0f}", *ratios])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _median(laps: Sequence[Lap]) -> Lap:
    walls, cpus = [lap.wall for lap in laps], [lap.cpu for lap in laps]
    return Lap(laps[0].done, statistics.median(walls), statistics.median(cpus))
