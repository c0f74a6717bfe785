"""Fixtures for the tests of a service, as a pytest plugin that is there wherever the floor is installed."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import pytest
from aiokafka import ConsumerRecord
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from ..contracts import Fact
from ..postgres.database import outbox
from ..service.service import Service
from .publisher import RecordingPublisher

Record: TypeAlias = Any
"""An aiokafka ConsumerRecord, which is no type at run time with its parameters."""
Told = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def publisher() -> RecordingPublisher:
    """A publisher that keeps what it is given."""
    return RecordingPublisher()


@pytest.fixture
def make_record() -> Callable[..., Record]:
    """A record as aiokafka hands it over; of a fact, or with any of its parts replaced by something bad."""

    def make(fact: Fact, offset: int = 0, **instead: Any) -> Record:
        parts: dict[str, Any] = {
            "topic": fact.topic.name,
            "key": fact.key.encode(),
            "value": None if fact.is_tombstone else fact.model_dump_json().encode(),
            "message_id": f"id-{offset}",
            "headers": None,
            **instead,
        }
        if (headers := parts["headers"]) is None:
            headers = [("ce_id", parts["message_id"].encode()), ("ce_type", fact.ce_type.encode())]
        return ConsumerRecord(
            topic=parts["topic"],
            partition=0,
            offset=offset,
            timestamp=0,
            timestamp_type=0,
            key=parts["key"],
            value=parts["value"],
            checksum=None,
            serialized_key_size=0,
            serialized_value_size=0,
            headers=tuple(headers),
        )

    return make


@pytest.fixture
def told_by() -> Callable[[AsyncEngine], Awaitable[Told]]:
    """What stands in a service's outbox, in order: the last word of each fact's type, and its payload."""

    async def read(engine: AsyncEngine) -> Told:
        async with engine.connect() as tx:
            rows = await tx.execute(select(outbox.c.type, outbox.c.payload).order_by(outbox.c.seq))
            return [(row.type.rsplit(".", 1)[1], row.payload) for row in rows]

    return read


@pytest.fixture
def has_heard(
    make_record: Callable[..., Record], told_by: Callable[[AsyncEngine], Awaitable[Told]]
) -> Callable[..., Awaitable[Told]]:
    """Has a service hear facts, each in a poll of its own, and all of them taken; what it tells because of the last."""
    numbers = itertools.count()

    async def hear(service: Service, *facts: Fact) -> Told:
        before: Told = []
        for fact in facts:
            before = await told_by(service.engine)
            assert service.listener
            await service.listener.take([make_record(fact, next(numbers), message_id=str(uuid.uuid4()))])
            assert service.listener.set_aside == 0, "a message was set aside: its log line says why"
        return (await told_by(service.engine))[len(before) :]

    return hear
