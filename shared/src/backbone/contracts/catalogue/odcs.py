"""A data contract for each public topic, in the Open Data Contract Standard (ODCS 3): what its readers may count on.

Two ways to the same data: the topic itself, of which a program that knows no headers sees the fields that all its
messages share; and the files of `sdi export`, a table a message, with the place and headers of each beside its fields.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from .. import Fact, Topic
from ..grants import ANALYST
from ..schema import FOLDER, Schema, name_of, told
from .messages import about, about_topic, facts_of, kept, key_of, meaning_of

TERMS: dict[str, Any] = tomllib.loads((FOLDER / "catalogue" / "terms.toml").read_text())
ENVELOPE = {
    "_topic": ("string", "The topic on which it stood"),
    "_partition": ("integer", "Its partition"),
    "_offset": ("integer", "Its place on the partition"),
    "_timestamp": ("timestamp", "When Kafka took it"),
    "_key": ("string", "The key"),
    "_ce_id": ("string", "The header `ce_id`: a message that came twice has one"),
    "_ce_type": ("string", "The header `ce_type`"),
}

RESERVED = {"end"}
"""What datacontract-cli 1.2.8 cannot say to DuckDB, as it quotes no names within names: a part with such a field is
left to the JSON Schema of its message."""

Node = dict[str, Any]


def odcs(topic: Topic) -> Node:
    """The data contract of a public topic."""
    everywhere, own = TERMS["all"], TERMS[topic.name]
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": f"urn:fr:semaine-industrie:{topic.name}",
        "name": own["name"],
        "version": version("backbone"),
        "status": "active",
        "domain": topic.writer,
        "dataProduct": "La Semaine de l'industrie: facts",
        "tags": ["public"],
        "description": {
            "purpose": own["purpose"],
            "usage": everywhere["usage"],
            "limitations": everywhere["limitations"],
            "customProperties": [
                {"property": "licence", "value": everywhere["licence"]},
                {"property": "terms", "value": everywhere["terms"]},
                {"property": "personalData", "value": "none, by contract"},
                {"property": "kept", "value": kept(topic)},
            ],
        },
        "servers": [
            {
                "server": "kafka",
                "type": "kafka",
                "host": "${KAFKA_BOOTSTRAP_SERVERS}",
                "format": "json",
                "description": "The topic: SCRAM-SHA-512, in a group whose name begins with « analyst »",
            },
            {
                "server": "export",
                "type": "local",
                "path": "${EXPORT}/{model}/**/*.parquet",
                "format": "parquet",
                "description": "The files of `sdi export --format parquet --out …`",
            },
        ],
        "schema": [_topic(topic), *(_message(kind) for kind in facts_of(topic) if not kind.is_tombstone)],
        "team": {"name": topic.writer, "description": everywhere["owner"]},
        "roles": [{"role": ANALYST, "access": "read", "description": "The principal that reads all public topics"}],
        "support": [{"channel": "contact", "tool": "email", "description": everywhere["support"]}],
        "slaProperties": [{"property": name, **sla} for name, sla in everywhere["sla"].items()],
    }


def _topic(topic: Topic) -> Node:
    kinds = [kind for kind in facts_of(topic) if not kind.is_tombstone]
    schemas = {kind: told(kind) for kind in kinds}
    first = schemas[kinds[0]]
    shared = [name for name in first["properties"] if all(name in s["properties"] for s in schemas.values())]
    plain = [name for name in shared if not _is_nested(first["properties"][name])]
    return {
        "name": topic.name.replace(".", "_"),
        "physicalName": topic.name,
        "physicalType": "topic",
        "logicalType": "object",
        "description": f"{about_topic(topic)} Here: what every message on it has.",
        "properties": [_property(name_of(kinds[0]), name, first["properties"][name], first, key="") for name in plain],
    }


def _is_nested(field: Schema) -> bool:
    return any("$ref" in one or one.get("type") == "array" for one in (field, *field.get("anyOf", ())))


def _message(kind: type[Fact]) -> Node:
    schema = told(kind)
    properties = [
        _property(name_of(kind), name, field, schema, key=key_of(kind)) for name, field in schema["properties"].items()
    ]
    envelope = [
        {"name": name, "logicalType": what, "required": True, "description": words}
        for name, (what, words) in ENVELOPE.items()
    ]
    node = {
        "name": name_of(kind),
        "physicalType": "table",
        "logicalType": "object",
        "description": about(kind),
        "properties": [*properties, *envelope],
    }
    return {**node, "quality": rules} if (rules := list(_rules(kind))) else node


def _rules(kind: type[Fact]) -> Iterator[Node]:
    own = TERMS[kind.topic.name]
    mine = "{" + name_of(kind) + "}"
    for words, query in own.get("quality", {}).items():
        if mine in query:
            sql = query.replace(mine, name_of(kind))
            yield {
                "type": "sql",
                "name": words,
                "description": f"{words[0].upper()}{words[1:]}",
                "query": sql,
                "mustBe": 0,
            }
    if kind is facts_of(kind.topic)[0]:
        for words, how in own.get("promises", {}).items():
            yield {"type": "text", "name": words, "description": how}


def _property(owner: str, name: str, field: Schema, whole: Schema, *, key: str) -> Node:
    one, nullable = _one(field, whole)
    node: Node = {"name": name, "logicalType": _logical(one), "required": not nullable}
    node["description"] = meaning_of(owner, name, field)
    if name == key:
        node["customProperties"] = [{"property": "kafkaKey", "value": True}]
    if one.get("type") == "array":
        item, _ = _one(one["items"], whole)
        node["items"] = {"logicalType": _logical(item), **_inside(item, whole)}
    return {**node, **_options(field | one), **_inside(one, whole)}


def _inside(one: Schema, whole: Schema) -> Node:
    if "properties" not in one:
        return {}
    return {
        "properties": [
            _property(one["title"], name, field, whole, key="")
            for name, field in one["properties"].items()
            if not RESERVED & _part(field, whole).get("properties", {}).keys()
        ]
    }


def _part(field: Schema, whole: Schema) -> Schema:
    one, _ = _one(field, whole)
    return _one(one["items"], whole)[0] if "items" in one else one


def _one(field: Schema, whole: Schema) -> tuple[Schema, bool]:
    choices = [one for one in field.get("anyOf", [field]) if one.get("type") != "null"]
    [one] = choices  # a contract says one thing in one place, or nothing
    if ref := one.get("$ref"):
        one = whole["$defs"][ref.rpartition("/")[2]]
    return one, "anyOf" in field


def _logical(one: Schema) -> str:
    if one.get("format") == "date-time":
        return "timestamp"
    return str(one["type"])


def _options(field: Schema) -> Node:
    options = {
        name: field[name] for name in ("minimum", "maximum", "maxLength", "pattern", "minItems") if name in field
    }
    return {"logicalTypeOptions": options} if options else {}
