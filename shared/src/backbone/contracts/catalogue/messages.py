"""What is told, message by message: the words, headers, key, fields and sample of each, as the contracts have them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ... import contracts
from .. import FACT_TOPICS, Fact, Topic
from ..schema import FOLDER, Schema, address_of, name_of, told
from ..topics import DAY, HEARD, PASSED_OVER, settings_of

SAMPLES = FOLDER / "samples"
WORDS = tomllib.loads((FOLDER / "catalogue" / "words.toml").read_text())
HEADERS: Mapping[str, str] = WORDS["headers"]
LETTERS: Mapping[str, str] = WORDS["dead_letters"]


@cache
def facts() -> tuple[type[Fact], ...]:
    """Every fact of the contracts, by its name."""
    known = [getattr(contracts, name) for name in contracts.__all__]
    told_ones = [one for one in known if isinstance(one, type) and issubclass(one, Fact) and hasattr(one, "ce_type")]
    return tuple(sorted(told_ones, key=name_of))


def facts_of(topic: Topic) -> list[type[Fact]]:
    """What is told on a topic."""
    return [kind for kind in facts() if kind.topic == topic]


def public_topics() -> list[Topic]:
    """The topics that everybody with the password of `analyst` may read."""
    return [topic for topic in FACT_TOPICS if not topic.personal]


def hearers_of(kind: type[Fact]) -> list[str]:
    """The services that act on a fact; others that hear its topic pass it over."""
    return [name for name, heard in HEARD.items() if kind.topic in heard and kind not in PASSED_OVER.get(name, ())]


def about(kind: type[Fact]) -> str:
    """What a fact means, in plain words."""
    return _flat(kind.__doc__ or "")


def about_topic(topic: Topic) -> str:
    """What a topic is for."""
    return str(WORDS["topics"][topic.name])


def sample_of(kind: type[Fact]) -> dict[str, Any]:
    """The golden sample of today's version: `key`, `headers` and `value` as they lie on Kafka."""
    sample: dict[str, Any] = json.loads((SAMPLES / f"{name_of(kind)}.{kind.version}.json").read_text())
    return sample


def key_of(kind: type[Fact]) -> str:
    """The field whose text is the key."""
    sample = sample_of(kind)
    if sample["value"] is None:
        return next(iter(kind.model_fields))  # a tombstone says nothing but its key
    return next(name for name in kind.model_fields if sample["value"][name] == sample["key"])


def fixed_headers(kind: type[Fact]) -> dict[str, str]:
    """The headers that are the same in every message of a kind."""
    return {
        "ce_specversion": "1.0",
        "ce_type": kind.ce_type,
        "ce_source": f"/services/{kind.topic.writer}",
        "ce_dataschema": address_of(kind),
        "content-type": "application/json",
    }


def kept(topic: Topic) -> str:
    """How long a topic keeps what was told, in words."""
    settings = {name: int(value) // DAY for name, value in settings_of(topic).items() if value.isdecimal()}
    if not topic.compacted:
        return f"{settings['retention.ms']} days, then deleted"
    if topic.personal:
        return (
            "the newest message of each key for ever; what it replaced, or what a tombstone took back, is gone within "
            f"{settings['max.compaction.lag.ms']} days"
        )
    return (
        f"every message for at least {settings['min.compaction.lag.ms']} days, and the newest of each key for ever; "
        f"a tombstone {settings['delete.retention.ms']} days"
    )


@dataclass(frozen=True)
class Row:
    """A field: its name, what it may hold, and what it means. `shape`: the one it holds, which has rows of its own."""

    name: str
    type: str
    meaning: str
    shape: str | None = None


@dataclass(frozen=True)
class Shape:
    """A part of messages that has fields of its own."""

    name: str
    about: str
    rows: tuple[Row, ...]


def rows_of(kind: type[Fact]) -> tuple[Row, ...]:
    """The fields of a message."""
    return () if kind.is_tombstone else tuple(_rows(name_of(kind), told(kind)))


def shapes_of(kinds: list[type[Fact]]) -> list[Shape]:
    """The shapes that messages are made of, as who first tells them promises them, in alphabetical order."""
    found: dict[str, Schema] = {}
    for kind in sorted(kinds, key=lambda kind: bool(kind.carries)):
        for name, schema in told(kind).get("$defs", {}).items():
            if "properties" in schema:
                found.setdefault(name, schema)
    return [Shape(name, _flat(found[name]["description"]), tuple(_rows(name, found[name]))) for name in sorted(found)]


def meaning_of(owner: str, field: str, schema: Schema) -> str:
    """What a field means: as its contract says, or the words of the catalogue. Raises KeyError where nobody says it."""
    fields = WORDS["fields"]
    words = fields.get(f"{owner}.{field}") or schema.get("description") or fields[field]
    return _flat(words)


def _rows(owner: str, schema: Schema) -> Iterator[Row]:
    for name, field in schema["properties"].items():
        yield Row(name, ", or ".join(_types(field)), meaning_of(owner, name, field), _shape(field))


def _types(field: Schema) -> Iterator[str]:
    if "anyOf" in field:
        said = {name: value for name, value in field.items() if name in (*_BOUNDS, "enum")}
        for one in field["anyOf"]:
            yield from _types({**one, **said})
    elif field.get("type") == "null":
        yield "null"
    elif field.get("type") == "array":
        yield f"list of {' or '.join(_types(field['items']))}"
    elif "$ref" in field:
        yield str(field["$ref"].rpartition("/")[2])
    elif "enum" in field:
        yield "one of " + ", ".join(f"`{word}`" for word in field["enum"] if word is not None)
    else:
        bounds = [words.format(field[name]) for name, words in _BOUNDS.items() if name in field]
        kind = str(field.get("format", field.get("type", "")))
        yield ", ".join([_NAMES.get(kind, kind), *filter(None, bounds)])


_NAMES = {"date-time": "time with UTC offset", "uuid": "UUID", "string": "text", "boolean": "true or false"}
_BOUNDS = {"minimum": "from {}", "maximum": "to {}", "maxLength": "up to {} characters", "pattern": "like `{}`"}


def _shape(field: Schema) -> str | None:
    for one in (field, field.get("items", {}), *field.get("anyOf", ())):
        if "$ref" in one:
            return str(one["$ref"].rpartition("/")[2])
    return None


def _flat(text: str) -> str:
    return " ".join(text.split())
