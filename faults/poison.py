"""Messages that no reader can take, of every kind, and who must set each of them aside."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, replace
from typing import Any

import commskit.handlers
import map_feed.handlers
import registration.handlers
from backbone.contracts import (
    EventLabelled,
    EventLocated,
    EventSubmitted,
    EventWithdrawn,
    Fact,
    dead_letters,
)
from backbone.contracts.topics import HEARD, PARTITIONS

from .log import Row

TYPES_HEARD: dict[str, frozenset[str]] = {
    service: frozenset(fact.ce_type for fact in facts)
    for service, facts in {
        "registration": registration.handlers.HEARS,
        "labelling": (EventSubmitted, EventWithdrawn),
        "geocoding": (EventSubmitted, EventWithdrawn),
        "commskit": commskit.handlers.HEARS,
        "map-feed": map_feed.handlers.HEARS,
    }.items()
}
"""The types of messages that each service takes; it passes over all others."""


@dataclass(frozen=True)
class Poison:
    """A poisonous record, where it lies now, and which services cannot but set it aside."""

    kind: str
    row: Row
    place: tuple[str, int, int]
    readers: frozenset[str]


def corpus(fact: type[Fact], chance: random.Random) -> list[tuple[str, Row, frozenset[str]]]:
    """Every kind of poison, as a record on the fact's topic, with those who must set it aside."""
    good: dict[str, bytes | None] = {"ce_type": fact.ce_type.encode(), "ce_id": b""}
    hearers = frozenset(service for service, topics in HEARD.items() if fact.topic in topics)
    knowing = frozenset(service for service in hearers if fact.ce_type in TYPES_HEARD[service])
    shaped = b'{"event_id": "not an id", "revision": 1}'
    kinds: list[tuple[str, bytes | None, dict[str, bytes | None], frozenset[str]]] = [
        ("bad JSON", b'{"event_id": ', {}, knowing),
        ("wrong schema", shaped, {}, knowing),
        ("unknown type", shaped, {"ce_type": b"fr.semaine-industrie.EventSung"}, frozenset()),
        ("header not UTF-8", shaped, {"ce_type": b"\xff\xfe\xfd"}, hearers),
        ("null header", shaped, {"ce_id": None}, hearers),
        ("null value", None, {}, knowing),
        ("empty value", b"", {}, knowing),
        ("2 MB", b'{"title": "' + b"x" * 2_000_000 + b'"}', {}, knowing),
        ("2 MB that cannot be compressed", chance.randbytes(2_000_000), {}, knowing),
    ]
    return [(kind, _row(fact, value, {**good, **headers}, chance), readers) for kind, value, headers, readers in kinds]


def forgeries(told: list[Row]) -> list[tuple[str, Row, frozenset[str]]]:
    """A fact that is right to the last byte, but for its place: on another writer's topic, or under another's key."""
    label = next(row for row in told if row.header("ce_type") == EventLabelled.ce_type)
    other = next(row for row in told if row.topic == label.topic and row.key != label.key)
    headers = [(name, b"forged" if name == "ce_id" else value) for name, value in label.headers]
    topic = EventLocated.topic
    hearers = frozenset(service for service, topics in HEARD.items() if topic in topics)
    knowing = frozenset(service for service, types in TYPES_HEARD.items() if EventLabelled.ce_type in types)
    at_home = frozenset(service for service in knowing if EventLabelled.topic in HEARD[service])
    return [
        ("a label on geocoding's topic", replace(label, topic=topic.name, headers=headers), knowing & hearers),
        (
            "a label under another's key",
            replace(label, key=other.key, partition=other.partition, headers=headers),
            at_home,
        ),
    ]


def _row(fact: type[Fact], value: bytes | None, headers: dict[str, Any], chance: random.Random) -> Row:
    if headers["ce_id"] == b"":
        headers["ce_id"] = str(uuid.UUID(int=chance.getrandbits(128))).encode()
    key = str(uuid.UUID(int=chance.getrandbits(128))).encode()
    return Row(fact.topic.name, chance.randrange(PARTITIONS), -1, key, value, list(headers.items()))


KINDS: tuple[type[Fact], ...] = (EventSubmitted, EventLabelled)
DEAD_LETTERS = {dead_letters(service).name: service for service in HEARD}
