"""A Kafka that lets an analyst do an analyst's work and no more, with the golden samples told on it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from backbone.contracts import FACT_TOPICS
from backbone.contracts.grants import ANALYST
from backbone.contracts.schema import FOLDER
from backbone.kafka.publisher import KafkaPublisher, Outgoing
from local_stack.jars import fetch_jars, jars_folder
from local_stack.kafka import LocalKafka
from local_stack.topics import make_topics

WRITERS = {topic.writer: topic.name for topic in FACT_TOPICS if not topic.personal}


@dataclass(frozen=True)
class Sample:
    """A record of `contracts/samples`, about an event of its own."""

    name: str
    topic: str
    key: str
    value: dict[str, Any]
    headers: dict[str, str]

    def as_told(self, value: bytes | None = None, **headers: str | None) -> Outgoing:
        told = {name: text for name, text in {**self.headers, **headers}.items() if text is not None}
        text = json.dumps(self.value, ensure_ascii=False).encode() if value is None else value
        return Outgoing(self.topic, self.key.encode(), text, [(name, one.encode()) for name, one in told.items()])


def _sample(name: str) -> Sample:
    told = (FOLDER / "samples" / f"{name}.json").read_text()
    key = str(uuid4())
    told = json.loads(told.replace(json.loads(told)["key"], key))
    headers = {**told["headers"], "ce_id": str(uuid4())}
    topic = WRITERS[headers["ce_source"].rpartition("/")[2]]
    return Sample(name.rpartition(".")[0], topic, key, told["value"], headers)


@pytest.fixture(scope="session")
def a_sample() -> Callable[[str], Sample]:
    """A golden sample by its name and version (« EventLabelled.1 »), each time about another event."""
    return _sample


@pytest.fixture(scope="session")
async def guarded(make_state_dir: Callable[[], Path]) -> AsyncIterator[LocalKafka]:
    with LocalKafka(make_state_dir(), fetch_jars(jars_folder())) as node:
        make_topics(node)
        yield node


Tell = Callable[[Sequence[Outgoing]], Awaitable[None]]


@pytest.fixture(scope="session")
async def tell_all(guarded: LocalKafka) -> AsyncIterator[Tell]:
    publisher = KafkaPublisher(guarded.cluster(), "test")
    yield publisher.publish
    await publisher.stop()


@pytest.fixture
def as_analyst(sdi: Any, guarded: LocalKafka) -> Callable[..., Awaitable[Any]]:
    """Runs the command with an analyst's rights."""
    cluster = guarded.cluster(ANALYST)
    assert cluster.password
    told = {
        "KAFKA_BOOTSTRAP_SERVERS": cluster.servers,
        "KAFKA_USERNAME": cluster.username,
        "KAFKA_PASSWORD": cluster.password.get_secret_value(),
    }

    async def call(*words: object) -> Any:
        return await sdi(*words, told=told)

    return call
