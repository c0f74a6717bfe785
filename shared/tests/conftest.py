"""A database of the floor with a table for effects, a publisher that keeps what it is given, and a group on Kafka."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.contracts import EventFact, EventWithdrawn, Topic, dead_letters
from backbone.kafka.cluster import Cluster
from backbone.kafka.publisher import KafkaPublisher, Outgoing
from backbone.postgres.database import Tx, open_database
from backbone.service.folding import in_transaction
from backbone.service.listener import Ears, Listener, open_broker
from backbone.testing.waiting import stretched

PARTITIONS = 2
EVENT = uuid.UUID(int=1)


@pytest.fixture
async def database_url(make_database: Callable[[str], Awaitable[str]]) -> str:
    return await make_database("geocoding")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_database(database_url)
    async with engine.begin() as tx:
        await tx.execute(text("CREATE TABLE effects (place serial PRIMARY KEY, what text NOT NULL)"))
    yield engine
    await engine.dispose()


@pytest.fixture
def note() -> Callable[[Tx, object], Awaitable[None]]:
    """Writes an effect down in the running transaction."""

    async def write(tx: Tx, what: object) -> None:
        await tx.execute(text("INSERT INTO effects (what) VALUES (:what)"), {"what": str(what)})

    return write


@pytest.fixture
def effects(engine: AsyncEngine) -> Callable[[], Awaitable[list[str]]]:
    """All effects that are committed, in their order."""

    async def read() -> list[str]:
        async with engine.connect() as connection:
            return list(await connection.scalars(text("SELECT what FROM effects ORDER BY place")))

    return read


@pytest.fixture
def withdrawn() -> Callable[..., EventWithdrawn]:
    """A small fact, told apart by its revision."""

    def make(revision: int, event_id: uuid.UUID | None = None) -> EventWithdrawn:
        at = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
        about = {"event_id": event_id or uuid.UUID(int=1), "revision": revision, "sequence": max(revision, 1)}
        return EventWithdrawn(**about, edition="2026", withdrawn_at=at)

    return make


@pytest.fixture
async def admin(kafka_bootstrap):
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    yield admin
    await admin.close()


@pytest.fixture
async def service(admin):
    """A name for one test's group, its topics made."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    await admin.create_topics([NewTopic(dead_letters(name).name, 1, 1)])
    return name


@pytest.fixture
def fact(service):
    """A kind of fact that is told on a topic of this test alone."""

    class Counted(EventFact):
        """Something that happened for the n-th time."""

        topic: ClassVar[Topic] = Topic(f"{service}.facts", writer="test")
        ce_type: ClassVar[str] = "fr.semaine-industrie.Counted"

    return Counted


@pytest.fixture
async def topic(admin, fact):
    limits = {"max.message.bytes": str(8 * 1024 * 1024)}
    await admin.create_topics([NewTopic(fact.topic.name, PARTITIONS, 1, topic_configs=limits)])
    return fact.topic.name


@pytest.fixture
async def kafka(kafka_bootstrap):
    publisher = KafkaPublisher(Cluster(kafka_bootstrap), "test")
    yield publisher
    await publisher.stop()


@pytest.fixture
def send(kafka, fact):
    """Writes revisions of one event, so that they share a partition and an order; or records as they are given."""

    async def write(*revisions, event=EVENT, **instead):
        records = []
        for revision in revisions:
            told = fact(event_id=event, revision=revision, sequence=revision, edition="2026")
            headers = [("ce_id", f"{event}-{revision}".encode()), ("ce_type", fact.ce_type.encode())]
            parts = {"value": told.model_dump_json().encode(), "headers": headers, **instead}
            records.append(Outgoing(fact.topic.name, told.key.encode(), **parts))
        await kafka.publish(records)

    return write


@pytest.fixture
def listening(kafka_bootstrap, engine, kafka, service, fact, note):
    async def hear(told, tx):
        await note(tx, told.revision)

    @asynccontextmanager
    async def listen(handle=hear):
        broker = open_broker(service, Cluster(kafka_bootstrap))
        heard = in_transaction(lambda told, tx, _: handle(told, tx))
        listener, stopping = Listener(Ears(service, broker, kafka), engine, {fact: heard}), asyncio.Event()
        task = asyncio.create_task(listener.run(stopping))
        try:
            yield listener
        finally:
            stopping.set()
            async with asyncio.timeout(stretched(60)):
                await task

    return listen
