"""Facts on the wire: a JSON value, and CloudEvents 1.0 headers in binary mode.

Unreadable   the record breaks the contract: bad JSON, wrong shape, no id; it goes to the dead letters
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from pydantic import ValidationError

from .contracts import Fact

Headers = Sequence[tuple[str, bytes]]


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


@dataclass(frozen=True)
class Letter:
    """A fact as it was read, with its id (unique for ever) and the trace it belongs to."""

    id: str
    fact: Fact
    traceparent: str | None
    record: Record = field(compare=False)


def fact_headers(service: str, fact: Fact, traceparent: str) -> dict[str, str]:
    """The CloudEvents headers that are known when a fact is told; the relay adds id and time."""
    return {
        "ce_specversion": "1.0",
        "ce_type": fact.ce_type(),
        "ce_source": f"/services/{service}",
        "ce_subject": fact.key,
        "content-type": "application/json",
        "traceparent": traceparent,
    }


def wire_headers(stored: Mapping[str, str], message_id: UUID, occurred_at: datetime) -> list[tuple[str, bytes]]:
    """The headers as Kafka carries them."""
    headers = {**stored, "ce_id": str(message_id), "ce_time": occurred_at.isoformat()}
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


def open_letter(record: Record, known: Mapping[str, type[Fact]]) -> Letter | None:
    """The record read as one of the `known` facts (by `ce_type`); None for a type that is not known here.

    Raises Unreadable.
    """
    ce_type, message_id = header(record, "ce_type"), header(record, "ce_id")
    if ce_type is None or message_id is None:
        raise Unreadable("the header ce_type or ce_id is missing or is not UTF-8")
    if ce_type not in known:
        return None
    return Letter(message_id, _read(record, known[ce_type]), header(record, "traceparent"), record)


def _read(record: Record, fact: type[Fact]) -> Fact:
    if record.value is None:
        return _read_tombstone(record, fact)
    try:
        return fact.model_validate_json(record.value)
    except ValidationError as error:
        # where and what kind only: the content may be personal, and a reason is shown to operators
        places = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'value'}: {e['type']}" for e in error.errors()[:5])
        raise Unreadable(f"not a {fact.__name__}: {places}") from None


def _read_tombstone(record: Record, fact: type[Fact]) -> Fact:
    try:
        return fact.from_tombstone((record.key or b"").decode())
    except (ValueError, NotImplementedError):
        raise Unreadable(f"a null value where a {fact.__name__} was expected") from None
