"""The command, run as an operator would; facts told on a real Kafka; a live map to rebuild."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from typer.testing import CliRunner

from backbone.contracts import EventLabelled, EventLocated, Fact, Location, PublicEvent
from backbone.postgres.database import open_database
from backbone.runtime.waiting import close_for_good
from backbone.service.folding import Happening, fold_all
from map_feed.handlers import HEARS
from sdi.cli import app
from sdi.settings import Settings


@dataclass(frozen=True)
class Answer:
    """What the command wrote, and how it ended."""

    exit_code: int
    text: str
    errors: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


Sdi = Callable[..., Awaitable[Answer]]


@pytest.fixture
def sdi(kafka_bootstrap: str) -> Sdi:
    """Runs the command; `told` adds to its environment."""

    async def call(*words: object, told: Mapping[str, str | None] | None = None, typed: str = "") -> Answer:
        environment = {"KAFKA_BOOTSTRAP_SERVERS": kafka_bootstrap, "DATABASE_URL": None, **(told or {})}
        arguments = [str(word) for word in words]
        done = await asyncio.to_thread(CliRunner().invoke, app, arguments, env=environment, input=typed)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Answer(done.exit_code, done.stdout, done.stderr)

    return call


@pytest.fixture
def settings(kafka_bootstrap: str) -> Settings:
    return Settings(kafka_bootstrap_servers=kafka_bootstrap)


@pytest.fixture
async def producer(kafka_bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap)
    await producer.start()
    yield producer
    await close_for_good("a producer", producer.stop())


Record = ConsumerRecord[Any, Any]
Write = Callable[..., Awaitable[Record]]


@pytest.fixture
def read_from(kafka_bootstrap: str) -> Callable[[str, int, int], Awaitable[list[Record]]]:
    """All records of a partition from that offset on."""

    async def read(topic: str, partition: int, offset: int) -> list[Record]:
        tp, found = TopicPartition(topic, partition), []
        consumer = AIOKafkaConsumer(bootstrap_servers=kafka_bootstrap)
        await consumer.start()
        try:
            consumer.assign([tp])
            consumer.seek(tp, offset)
            end = (await consumer.end_offsets([tp]))[tp]
            while await consumer.position(tp) < end:
                found += (await consumer.getmany(tp, timeout_ms=1000)).get(tp, [])
        finally:
            await close_for_good("a consumer", consumer.stop())
        return found

    return read


@pytest.fixture
def write(producer: AIOKafkaProducer, read_from: Callable[[str, int, int], Awaitable[list[Record]]]) -> Write:
    """Writes a record and gives it back as a reader gets it."""

    async def write(topic: str, key: str, value: bytes | None, headers: Mapping[str, bytes] | None = None) -> Record:
        told = list((headers or {}).items())
        done = await producer.send_and_wait(topic, value, key.encode(), headers=told)
        return (await read_from(topic, done.partition, done.offset))[0]

    return write


Tell = Callable[..., Awaitable[Record]]


@pytest.fixture
def tell(write: Write) -> Tell:
    """Tells a fact, as a relay would."""

    async def tell(fact: Fact, at: datetime | None = None, ce_id: str | None = None) -> Record:
        headers = {
            "ce_type": fact.ce_type,
            "ce_id": ce_id or str(uuid4()),
            "ce_time": (at or datetime.now(UTC)).isoformat(),
            "traceparent": f"00-{uuid4().hex}-00f067aa0ba902b7-01",
        }
        value = None if fact.is_tombstone else fact.model_dump_json().encode()
        return await write(fact.topic.name, fact.key, value, {n: v.encode() for n, v in headers.items()})

    return tell


@pytest.fixture
def an_event() -> Callable[..., PublicEvent]:
    """Makes an event: a visit in Villeurbanne, unless told otherwise."""

    def make(**changes: Any) -> PublicEvent:
        told: dict[str, Any] = {
            "event_id": uuid4(),
            "revision": 1,
            "edition": "2026",
            "organiser_id": UUID(int=7),
            "organisation": "Fonderie de l’Est lyonnais",
            "title": "La coulée, côté pont roulant",
            "description": "On visite l’atelier.",
            "kind": "company_visit",
            "audiences": ("pupils",),
            "admission": "everyone",
            "is_free": True,
            "slots": [{"starts_at": "2026-11-17T09:00:00+01:00", "ends_at": "2026-11-17T12:30:00+01:00"}],
            "timezone": "Europe/Paris",
            "venue": {"address": {"street": "12 rue de l’Industrie", "postcode": "69100", "city": "Villeurbanne"}},
        }
        return PublicEvent.model_validate(told | changes)

    return make


@pytest.fixture
def labelled() -> Callable[[PublicEvent], EventLabelled]:
    def make(event: PublicEvent) -> EventLabelled:
        about = {"event_id": event.event_id, "revision": event.revision, "sequence": 1, "edition": event.edition}
        decided = {"decision_id": UUID(int=1), "label": "granted", "decided_by": "rules", "ruleset": "5d1f00d"}
        at = datetime(2026, 3, 2, tzinfo=UTC)
        return EventLabelled.model_validate({**about, **decided, "decided_at": at, "event": event, "verdicts": []})

    return make


@pytest.fixture
def located() -> Callable[[PublicEvent], EventLocated]:
    def make(event: PublicEvent) -> EventLocated:
        point = {"longitude": 4.8869, "latitude": 45.7719, "precision": "street", "provider": "gazetteer"}
        codes = {"commune_code": "69266", "department_code": "69", "region_code": "84", "vintage": "2026"}
        told = {**point, **codes, "commune_name": "Villeurbanne", "timezone": "Europe/Paris"}
        about: dict[str, Any] = {"event_id": event.event_id, "revision": event.revision, "sequence": 1}
        at = datetime(2026, 3, 2, tzinfo=UTC)
        return EventLocated(**about, location=Location.model_validate(told), located_at=at)

    return make


@pytest.fixture
async def database_url(make_database: Callable[[str], Awaitable[str]]) -> str:
    """The address of a fresh database of map-feed's."""
    return await make_database("map-feed")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[Any]:
    engine = open_database(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture
def take_live(engine: Any) -> Callable[[Fact], Awaitable[None]]:
    """Has the live map-feed hear a fact."""

    async def take(fact: Fact) -> None:
        async with engine.begin() as tx:
            await fold_all(tx, [Happening(fact, fact.key, HEARS[type(fact)], None)], None)

    return take
