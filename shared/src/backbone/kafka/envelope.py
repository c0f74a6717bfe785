"""Facts on the wire: a JSON value, and CloudEvents 1.0 headers in binary mode.

Untellable   the fact is not what its writer promises, or would not be read as it is meant: nothing is written, and its
             teller's transaction ends
Unreadable   no reader can do anything with the record: bad JSON, wrong shape, no id, on a topic or under a key that is
             not the fact's own; it goes to the dead letters
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Protocol
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from ..contracts import EventFact, Fact, Written
from ..contracts.schema import address_of, broken_promises

Headers = Sequence[tuple[str, bytes]]

_ID = re.compile(r"[!-~]+")
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # as JSON writes it; after an even number of backslashes


class Untellable(Exception):
    """The fact does not survive being told; the message says why, without quoting its content."""


class Unreadable(Exception):
    """The record can never be read as a fact; the message says why, without quoting its content."""


class Record(Protocol):
    """What is used of a Kafka record (aiokafka's ConsumerRecord is one)."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class Polled(Record, Protocol):
    """A record as a poll hands it over."""

    timestamp: int
    """When it was written, in milliseconds since the epoch."""


@dataclass(frozen=True)
class Heard:
    """A fact as it was read, with its id (unique for ever) and the trace it belongs to."""

    id: str
    fact: Fact
    traceparent: str | None
    record: Record = field(compare=False)


def written(told: Fact | Written) -> str | None:
    """A fact's value as it is told: None for a tombstone, otherwise JSON. It is held against its schema, and read
    back as every reader will: a fact that its own readers refused would be lost. Raises Untellable."""
    fact, text = told if isinstance(told, Written) else (told, None)
    kind = type(fact)
    try:
        value = None if fact.is_tombstone else text or fact.as_json()
        again = kind.from_tombstone(fact.key) if value is None else kind.model_validate_json(value)
        is_same = again == fact
    except ValidationError as error:
        raise Untellable(f"a {kind.__name__} that its readers would refuse: {_places(error)}") from None
    except (PydanticSerializationError, ValueError, ArithmeticError) as error:
        raise Untellable(f"a {kind.__name__} that cannot be written: {type(error).__name__}") from None
    if not is_same:
        raise Untellable(f"a {kind.__name__} that its readers would take for another")
    if value and (broken := [*islice(broken_promises(fact, value), 5)]):
        raise Untellable(f"a {kind.__name__} that is not what its schema promises: {'; '.join(broken)}")
    if value and "\\u0000" in value and _NUL.search(value):  # the plain search spares nearly all of the other's time
        raise Untellable(f"a {kind.__name__} with a NUL in one of its texts, which no database keeps")
    return value


def fact_headers(fact: Fact, traceparent: str) -> dict[str, str]:
    """The CloudEvents headers that are known when a fact is told; the outbox adds its id and its time."""
    return {
        "ce_specversion": "1.0",
        "ce_type": fact.ce_type,
        "ce_source": f"/services/{fact.topic.writer}",
        "ce_subject": fact.key,
        "ce_dataschema": address_of(type(fact)),
        "content-type": "application/json",
        "traceparent": traceparent,
    }


def wire_headers(stored: Mapping[str, str], message_id: UUID, occurred_at: datetime) -> list[tuple[str, bytes]]:
    """The headers as Kafka carries them; `occurred_at` is for what was stored before its time stood among them."""
    headers = {"ce_time": occurred_at.isoformat(), **stored, "ce_id": str(message_id)}
    return [(name, value.encode()) for name, value in headers.items()]


def header(record: Record, name: str) -> str | None:
    """The header's text; None where it is absent, null, or no UTF-8 (some producer's accident, not ours)."""
    for key, value in record.headers:
        if key == name and value is not None:
            try:
                return value.decode()
            except UnicodeDecodeError:
                return None
    return None


def read_fact(record: Record, known: Mapping[str, type[Fact]]) -> Heard | None:
    """The record read as one of the `known` facts (by `ce_type`); None for a type that is not known here.

    A fact is its writer's word only on its own topic, where nobody else may write, and belongs to the story that
    its key names. Raises Unreadable.
    """
    ce_type, message_id = header(record, "ce_type"), header(record, "ce_id")
    if ce_type is None or message_id is None:
        raise Unreadable("the header ce_type or ce_id is missing or is not UTF-8")
    if ce_type not in known:
        return None
    if not _ID.fullmatch(message_id):  # two messages with an empty one would be taken for one message
        raise Unreadable("the header ce_id names no message")
    kind = known[ce_type]
    if record.topic != kind.topic.name:
        raise Unreadable(f"a {kind.__name__} on a topic that is not its own, {kind.topic.name}")
    fact = _read(record, kind)
    if record.key != fact.key.encode():
        raise Unreadable(f"a {kind.__name__} under a key that is not its own")
    if isinstance(fact, EventFact) and fact.is_torn:
        raise Unreadable(f"a {kind.__name__} that carries another event than it speaks of")
    return Heard(message_id, fact, header(record, "traceparent"), record)


def _read(record: Record, kind: type[Fact]) -> Fact:
    try:
        if record.value is None:
            return kind.from_tombstone((record.key or b"").decode())
        return kind.model_validate_json(record.value)
    except ValidationError as error:
        raise Unreadable(f"not a {kind.__name__}: {_places(error)}") from None
    except (ValueError, NotImplementedError):
        raise Unreadable(f"a null value where a {kind.__name__} was expected") from None
    except ArithmeticError as error:  # a time so far away that no calculation bears it
        raise Unreadable(f"not a {kind.__name__}: {type(error).__name__}") from None


def _places(error: ValidationError) -> str:
    # where and what kind only: the content may be personal, and a reason is shown to operators
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, e['loc'])) or 'value'}: {e['type']}" for e in found[:5])
