"""Messages that no service can read, set aside by a service's own listener."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import ConsumerRecord
from faststream.kafka import KafkaBroker

from backbone.contracts import REGISTRATION_EVENTS
from backbone.kafka.cluster import Cluster
from backbone.kafka.publisher import KafkaPublisher
from backbone.service.listener import Ears, Listener
from map_feed.handlers import HEARS

SetAside = Callable[[str, ConsumerRecord[Any, Any]], Awaitable[tuple[int, int]]]


@pytest.fixture
async def set_aside(kafka_bootstrap: str, read_from: Any) -> AsyncIterator[SetAside]:
    """Has a service's listener set a message aside; partition and offset of the letter."""
    publisher = KafkaPublisher(Cluster(kafka_bootstrap), "tests")
    written: list[Any] = []

    class Noting:
        async def publish(self, records: Any) -> None:
            await publisher.publish(records)
            written.extend(records)

    async def set_aside(service: str, record: ConsumerRecord[Any, Any]) -> tuple[int, int]:
        engine: Any = None  # what cannot be read never reaches the database
        noting: Any = Noting()
        await Listener(Ears(service, KafkaBroker(), noting), engine, HEARS).take([record])
        [letter] = written[-1:]
        for partition in range(6):
            for found in reversed(await read_from(letter.topic, partition, 0)):
                if (found.key, found.value) == (letter.key, letter.value):
                    return partition, found.offset
        raise AssertionError("the letter was not written")

    yield set_aside
    await publisher.stop()


@pytest.fixture
def poison(write):
    """A message that no service can read, under a key of its own."""

    async def poison(topic=REGISTRATION_EVENTS.name, key=None, value=b"{", **headers):
        key = key or str(uuid4())
        return await write(topic, key, value, {name: text.encode() for name, text in headers.items()})

    return poison


@pytest.fixture
def listed(sdi):
    """The places of the open letters of a service."""

    async def listed(service):
        answer = await sdi("dead-letters", "list", "--service", service, "--json")
        return [(letter["partition"], letter["offset"]) for letter in answer.json]

    return listed
