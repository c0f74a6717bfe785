"""The outbox under Debezium, tried on the real thing: Apache Kafka Connect, its connector, PostgreSQL's log.

Run by `make test-debezium`: what it needs is not installed for `make test`. The tests share their servers: what
each looks at is what was told by then, by all of them.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Protocol

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer
from confluent_kafka import KafkaException, Producer
from deploy.debezium.check.stage import (
    TELLERS,
    Stage,
    about,
    by_key,
    kinds_of,
    new_key,
    number_in,
    read_all,
    take_back,
    tell_one,
    until,
)
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.contracts import EventLocated, EventSubmitted
from backbone.kafka.cluster import Cluster
from backbone.kafka.publisher import KafkaPublisher
from backbone.postgres.bell import Bell
from backbone.postgres.database import inbox, open_database, outbox
from backbone.postgres.outbox import RELAY_LOCK, Relay
from backbone.postgres.witness import Witness
from local_stack.jars import fetch_jars, jars_folder
from local_stack.kafka import LocalKafka
from local_stack.ports import free_port
from local_stack.stack import command_of, principal_of
from provision.kafka_client import client_options
from provision.topics import make_topics

EDITION = Path(__file__).parents[3] / "editions" / "2026.toml"
LOT = 20  # events of each service
WRITERS = 8  # at one time
MEASURED = 300

pytestmark = pytest.mark.timeout(900)  # a busy machine is slow to bring a worker up again, four times


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, make_state_dir: Callable[[], Path]) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("stage"), make_state_dir).standing() as stage:
        yield stage


@pytest.fixture(scope="module")
def of_the_relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    """A Kafka for what the relay tells, so that the two can be compared place by place."""
    with LocalKafka(tmp_path_factory.mktemp("relay"), fetch_jars(jars_folder())) as kafka:
        make_topics(kafka.cluster(), 1)
        yield kafka


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """A figure, for whoever runs this."""

    def line(words: str) -> None:
        with capsys.disabled():
            print(f"\n    {words}", end="", flush=True)

    return line


Say = Callable[[str], None]


class Part(Protocol):
    async def run(self, stopping: asyncio.Event) -> None: ...


@asynccontextmanager
async def running(*parts: Part) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    tasks = [asyncio.create_task(part.run(stopping)) for part in parts]
    try:
        yield
    finally:
        stopping.set()
        await asyncio.gather(*tasks)


def relay(engine: AsyncEngine, cluster: Cluster) -> tuple[Bell, Relay]:
    bell = Bell(engine)
    return bell, Relay(engine, KafkaPublisher(cluster, "trial"), bell)


async def unmarked(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int(await connection.scalar(select(func.count()).where(outbox.c.published_at.is_(None))) or 0)


async def all_marked(engine: AsyncEngine) -> bool:
    return await unmarked(engine) == 0


async def rows_of(engine: AsyncEngine) -> list[Any]:
    async with engine.connect() as connection:
        return list((await connection.execute(select(outbox).order_by(outbox.c.seq))).all())


async def written(stage: Stage) -> int:
    return sum([len(await rows_of(stage.engine(service))) for service in TELLERS])


async def tell_a_lot(stage: Stage) -> None:
    """Every message there is, many times over; then the same by several writers at once, some of whom give up."""
    for service in TELLERS:
        engine, kinds = stage.engine(service), kinds_of(service)
        for _ in range(LOT):
            key = new_key()
            for kind in kinds:
                await tell_one(engine, about(kind, key))
        async with asyncio.TaskGroup() as writers:
            for number in range(WRITERS):
                writers.create_task(_write_and_give_up(engine, kinds, random.Random(number)))  # noqa: S311


async def _write_and_give_up(engine: AsyncEngine, kinds: list[Any], chance: random.Random) -> None:
    key = new_key()
    for revision in range(1, LOT):
        story = [about(kind, key, revision) for kind in chance.choices(kinds, k=chance.randint(1, 4))]
        await (take_back if chance.random() < 0.3 else tell_one)(engine, *story)


# --- the same facts, keys, headers, order --------------------------------------------------------


async def test_a_connector_tells_what_the_relay_tells_byte_by_byte_and_in_the_same_order(
    stage: Stage, of_the_relay: LocalKafka, say: Say
) -> None:
    await tell_a_lot(stage)
    before = await written(stage)
    await stage.begin()  # which find these in the table, and later ones in the log
    await until("the connectors have told what was there before them", lambda: _has(stage.kafka, before))
    await tell_a_lot(stage)
    async with AsyncExitStack() as relays:
        for service in TELLERS:
            await relays.enter_async_context(running(*relay(stage.engine(service), of_the_relay.cluster(service))))
        for engine in map(stage.engine, TELLERS):
            await until("the relay has told all", lambda engine=engine: all_marked(engine))
    all_of_it = await written(stage)
    await until("the connectors have told all", lambda: _has(stage.kafka, all_of_it))
    relayed, tapped = await read_all(of_the_relay.cluster()), await read_all(stage.kafka.cluster())
    for topic, told in relayed.items():
        ours, theirs = by_key(told), by_key(tapped[topic])
        assert theirs.keys() == ours.keys(), topic
        for key, story in ours.items():
            assert theirs[key] == story, topic
    tombstones = [told for told in tapped["registration.organisers"] if told.value is None]
    assert tombstones
    say(f"{all_of_it} facts of {len(relayed)} topics compared, {len(tombstones)} of them tombstones, {before} found")


async def _has(kafka: LocalKafka, number: int) -> bool:
    return await number_in(kafka.cluster()) >= number


async def test_how_late_a_fact_is_heard_under_each_of_them(
    stage: Stage, of_the_relay: LocalKafka, tmp_path: Path, say: Say
) -> None:
    await stage.begin()
    engine, clusters = stage.engine("geocoding"), [of_the_relay.cluster(), stage.kafka.cluster()]
    with geocoding(stage, tmp_path / "geocoding.log", of_the_relay) as health:  # whose relay has a process of its own
        await until("the service is up", lambda: asyncio.to_thread(_is_up, health))
        async with AsyncExitStack() as readers:
            hearing = [await readers.enter_async_context(_hearing(cluster)) for cluster in clusters]
            for told in ({}, committed := {}):  # the first ones are for those who have not worked yet
                for _ in range(MEASURED):
                    await tell_one(engine, about(EventLocated, key := new_key()))
                    told[key.encode()] = time.perf_counter()
                    await asyncio.sleep(0.02)
            for heard in hearing:
                await until("all were heard", lambda heard=heard: _knows(heard, committed))
    delays = [[(heard[key] - at) * 1000 for key, at in committed.items()] for heard in hearing]
    (relayed, tapped), worker = delays, psutil.Process(stage.connect.pid)
    for name, pick in {"p50": median, "p99": lambda all_of: quantiles(all_of, n=100)[98]}.items():
        ours, theirs = pick(relayed), pick(tapped)
        say(f"{name}: relay {ours:.1f} ms, connector {theirs:.1f} ms: {theirs / ours:.1f} times as late")
    say(f"the worker with {len(TELLERS)} connectors: {worker.memory_info().rss / 2**20:.0f} MB")


def _is_up(health: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{health}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@asynccontextmanager
async def _hearing(cluster: Cluster) -> AsyncIterator[dict[bytes, float]]:
    """When each key was first heard, from now on."""
    consumer = AIOKafkaConsumer("geocoding.locations", **cluster.client_options(), auto_offset_reset="latest")
    heard: dict[bytes, float] = {}

    async def hear() -> None:
        async for record in consumer:
            heard.setdefault(record.key, time.perf_counter())

    await consumer.start()
    await consumer.seek_to_end()
    task = asyncio.create_task(hear())
    try:
        yield heard
    finally:
        task.cancel()
        await consumer.stop()


async def _knows(heard: dict[bytes, float], wanted: dict[bytes, float]) -> bool:
    return wanted.keys() <= heard.keys()


# --- the least rights ----------------------------------------------------------------------------


async def test_the_role_reads_the_outbox_alone_and_the_principal_writes_what_its_services_write(stage: Stage) -> None:
    role = await asyncpg.connect(stage.as_debezium("registration"))
    try:
        assert await role.fetchval("SELECT count(*) FROM outbox") >= 0
        for refused in ("SELECT * FROM accounts", "DELETE FROM outbox", "CREATE TABLE mine ()"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await role.execute(refused)
    finally:
        await role.close()
    with pytest.raises(asyncpg.PostgresError, match=r"permission denied for database"):
        await asyncpg.connect(stage.as_debezium("map-feed"))
    with pytest.raises(KafkaException, match="TOPIC_AUTHORIZATION_FAILED"):
        await asyncio.to_thread(_write, stage.principal, "registration.dead-letters")


def _write(cluster: Cluster, topic: str) -> None:
    refused: list[Any] = []
    producer = Producer(client_options(cluster))
    producer.produce(topic, b"{}", on_delivery=lambda error, _: refused.append(error))
    producer.flush(30)
    if refused[0]:
        raise KafkaException(refused[0])


# --- faults --------------------------------------------------------------------------------------


@contextmanager
def geocoding(stage: Stage, log: Path, kafka: LocalKafka, **otherwise: str) -> Iterator[int]:
    """The service as it is, on this Kafka, `otherwise` set; gives its health port."""
    health = free_port()
    settings = {
        **principal_of(kafka, "geocoding"),
        "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "DATABASE_URL": stage.postgres.url("geocoding"),
        "EDITION": str(EDITION),
        "HTTP_PORT": str(free_port()),
        "HEALTH_PORT": str(health),
        **otherwise,
    }
    with log.open("wb") as said:
        process = subprocess.Popen([command_of("geocoding")], env=os.environ | settings, stdout=said, stderr=said)
    try:
        yield health
    finally:
        process.terminate()
        assert process.wait(60) == 0


def heard_by(health: int) -> Counter[str]:
    """How many messages a service has heard, by what became of them."""
    with urllib.request.urlopen(f"http://127.0.0.1:{health}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.findall(r'^sdi_messages_heard_total\{outcome="(\w+)",.*\} ([\d.e+]+)$', text, re.MULTILINE)
    return sum((Counter({outcome: int(float(number))}) for outcome, number in found), Counter())


async def test_nothing_is_lost_when_the_worker_is_killed_and_postgresql_and_kafka_start_anew(
    stage: Stage, tmp_path: Path, say: Say
) -> None:
    await stage.begin()
    own, taken = open_database(stage.postgres.url("registration")), await _taken(stage.engine("geocoding"))
    told_by = {"OUTBOX_SLOT": "outbox_geocoding"}
    with geocoding(stage, tmp_path / "geocoding.log", stage.kafka, **told_by) as health:
        async with running(Witness(own, "outbox_registration", RELAY_LOCK)):
            began = time.monotonic()
            await tell_one(stage.engine("registration"), about(EventSubmitted, new_key()))
            await until("the witness has marked it", lambda: all_marked(stage.engine("registration")))
            say(f"a fact is known as told {time.monotonic() - began:.1f} s after it was written")
            ended, events = asyncio.Event(), [new_key() for _ in range(5)]
            writing = asyncio.create_task(_write_until(ended, stage, events))
            for fault in (stage.kill_connect, stage.restart_postgres, stage.restart_kafka, stage.kill_connect):
                began = time.monotonic()
                await fault()
                stood = time.monotonic() - began
                rows = await rows_of(stage.engine("registration"))
                await until("what was written meanwhile is told", lambda rows=rows: _are_told(stage, rows), 120)
                say(f"{fault.__name__}: up after {stood:.1f} s, all told after {time.monotonic() - began:.1f} s")
            ended.set()
            await writing
            await until("all is told", lambda: _all_told(stage, "registration"))
            await until("the witness has marked all", lambda: all_marked(stage.engine("registration")))
        await until("geocoding has told of all", lambda: _located(stage, events))
        await until("its own witness has marked all", lambda: all_marked(stage.engine("geocoding")))
        heard = await asyncio.to_thread(heard_by, health)
    await own.dispose()
    told = await read_all(stage.kafka.cluster())
    again = 0
    for service in ("registration", "geocoding"):
        for topic in (name for name in told if name.startswith(service)):
            wanted = {}
            for row in await rows_of(stage.engine(service)):
                if row.aggregatetype == topic:
                    wanted.setdefault(row.aggregateid.encode(), []).append(str(row.id).encode())
            for key, story in by_key(told[topic]).items():
                # the first time that each was told, in the order in which they were written
                assert list(dict.fromkeys(one.id for one in story)) == wanted.pop(key), f"{topic}: {key!r}"
                again += len(story) - len({one.id for one in story})
            assert not wanted, f"{topic}: never told"
    events_told = told["registration.events"]
    assert heard["known"] == len(events_told) - len({one.id for one in events_told} - taken)
    say(f"{again} facts told twice; geocoding heard {heard.total()} messages and knew {heard['known']} of them already")


async def _taken(engine: AsyncEngine) -> set[bytes]:
    """What a service has heard, under the relay perhaps: it knows that when it comes again."""
    async with engine.connect() as connection:
        return {message_id.encode() for message_id in await connection.scalars(select(inbox.c.message_id))}


async def _write_until(ended: asyncio.Event, stage: Stage, keys: list[str]) -> None:
    revision = 0
    while not ended.is_set():
        revision += 1
        for key in keys:
            try:
                await tell_one(stage.engine("registration"), about(EventSubmitted, key, revision))
            except (DBAPIError, OSError, RuntimeError):  # PostgreSQL is away: nothing was written, or nobody knows
                await asyncio.sleep(0.2)
        await asyncio.sleep(0.02)


async def _all_told(stage: Stage, service: str) -> bool:
    return await _are_told(stage, await rows_of(stage.engine(service)))


async def _are_told(stage: Stage, rows: list[Any]) -> bool:
    told = await read_all(stage.kafka.cluster())
    return {str(row.id).encode() for row in rows} <= {one.id for records in told.values() for one in records}


async def _located(stage: Stage, events: list[str]) -> bool:
    told = await read_all(stage.kafka.cluster())
    return {key.encode() for key in events} <= {one.key for one in told["geocoding.locations"]}


# --- the log that PostgreSQL keeps for a connector -----------------------------------------------


async def test_what_a_lost_slot_never_told_is_found_by_the_one_that_is_made_anew(stage: Stage, say: Say) -> None:
    await stage.begin()
    service, engine = "registration", stage.engine("registration")
    await asyncio.to_thread(stage.connect.stop)
    for _ in range(10):
        await tell_one(engine, about(EventSubmitted, new_key()))
    own = open_database(stage.postgres.url(service))
    async with running(Witness(own, "outbox_registration", RELAY_LOCK)):
        await until("PostgreSQL gives the slot up", lambda: _lost(stage, service))
        await asyncio.to_thread(stage.connect.start)
        await stage.runs(service)  # so it says, and tells nothing
        assert await unmarked(engine) == 10
        await asyncio.to_thread(stage.as_the_page_says, "A slot is lost")
        await until("all is told", lambda: _all_told(stage, service))
        await until("the witness has marked all", lambda: all_marked(engine))
    await own.dispose()


async def _lost(stage: Stage, service: str) -> bool:
    await stage.as_master(service, "CREATE TABLE IF NOT EXISTS much AS SELECT ''::text AS line")
    await stage.as_master(service, "INSERT INTO much SELECT repeat(md5(n::text), 30) FROM generate_series(1, 20000) n")
    await stage.as_master(service, "CHECKPOINT")
    return (await stage.slot(service))["wal_status"] == "lost"
