"""A Kafka that lets an analyst do an analyst's work and no more, with the golden samples told on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from backbone.contracts import FACT_TOPICS
from backbone.contracts.grants import ANALYST
from backbone.contracts.schema import FOLDER
from backbone.contracts.topics import PARTITIONS
from backbone.kafka.publisher import KafkaPublisher, Outgoing
from backbone.runtime.waiting import close_for_good
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
def untouched(make_state_dir: Callable[[], Path]) -> Iterator[LocalKafka]:
    """A Kafka on which nothing was told yet: for what depends on the order of times in a partition."""
    with LocalKafka(make_state_dir(), fetch_jars(jars_folder())) as node:
        make_topics(node)
        yield node


@pytest.fixture(scope="session")
def analysts_environment(guarded: LocalKafka) -> dict[str, str]:
    return environment_of(guarded)


@pytest.fixture
def as_analyst_of(sdi: Any) -> Callable[..., Awaitable[Any]]:
    """Runs the command with an analyst's rights on this Kafka."""

    async def call(node: LocalKafka, *words: object) -> Any:
        return await sdi(*words, told=environment_of(node))

    return call


def environment_of(node: LocalKafka) -> dict[str, str]:
    """What an analyst's program is told."""
    cluster = node.cluster(ANALYST)
    assert cluster.password
    return {
        "KAFKA_BOOTSTRAP_SERVERS": cluster.servers,
        "KAFKA_USERNAME": ANALYST,
        "KAFKA_PASSWORD": cluster.password.get_secret_value(),
    }


@pytest.fixture
def as_analyst(sdi: Any, analysts_environment: dict[str, str]) -> Callable[..., Awaitable[Any]]:
    """Runs the command with an analyst's rights."""

    async def call(*words: object) -> Any:
        return await sdi(*words, told=analysts_environment)

    return call


Started = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def started(analysts_environment: dict[str, str]) -> Iterator[Started]:
    """Starts the command as a process of its own, with an analyst's rights."""
    processes: list[subprocess.Popen[str]] = []

    def start(*words: object, **environment: str) -> subprocess.Popen[str]:
        command = [str(Path(sys.executable).parent / "sdi"), *map(str, words)]
        told = {**os.environ, **analysts_environment, **environment}
        processes.append(subprocess.Popen(command, env=told, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def everything(guarded: LocalKafka) -> Callable[[], Awaitable[list[tuple[str, int, int]]]]:
    """The topic, partition and offset of every record that everyone may read."""

    async def read() -> list[tuple[str, int, int]]:
        topics = [*WRITERS.values()]
        consumer = AIOKafkaConsumer(**guarded.cluster().client_options(), auto_offset_reset="earliest")
        await consumer.start()
        found: list[tuple[str, int, int]] = []
        try:
            partitions = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
            consumer.assign(partitions)
            await consumer.seek_to_beginning()
            for tp, end in (await consumer.end_offsets(partitions)).items():
                while await consumer.position(tp) < end:
                    polled = (await consumer.getmany(tp, timeout_ms=1000)).get(tp, [])
                    found += [(record.topic, record.partition, record.offset) for record in polled]
        finally:
            await close_for_good("a consumer", consumer.stop())
        return sorted(found)

    return read
