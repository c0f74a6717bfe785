"""The topics as one AsyncAPI 3 document: servers, channels, who tells and who hears, messages with their schemas."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

from .. import FACT_TOPICS, Fact, Topic, dead_letters
from ..grants import ANALYST, OPERATOR
from ..schema import Schema, name_of, told
from ..topics import HEARD, PARTITIONS, settings_of
from .messages import (
    HEADERS,
    LETTERS,
    about,
    about_topic,
    facts,
    facts_of,
    fixed_headers,
    hearers_of,
    kept,
    key_of,
    meaning_of,
    public_topics,
    sample_of,
)

Node = dict[str, Any]
LETTER, MARK = "DeadLetter", "DeadLetterSettled"
RESTRICTED = (
    "`registration.organisers` (people's names and addresses, read by commskit alone)",
    "each service's `dead-letters` (what it could not read, for operators)",
)
"""The topics that are closed to the public, in words."""
_TEXT = {"type": "string"}
_BINDING = {"bindingVersion": "0.5.0"}


def asyncapi(*, public_only: bool = False) -> Node:
    """The whole as one document without a reference out of it; `public_only`: what everybody may read, alone."""
    topics = public_topics() if public_only else FACT_TOPICS
    letters = [] if public_only else [dead_letters(service) for service in HEARD]
    kinds = [kind for kind in facts() if kind.topic in topics]
    messages = {name_of(kind): _message(kind) for kind in kinds}
    if letters:
        messages |= {LETTER: _letter(), MARK: _mark()}
    return {
        "asyncapi": "3.1.0",
        "id": "urn:fr:semaine-industrie:facts",
        "info": _info(public_only),
        "servers": _servers(),
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in (*topics, *letters)},
        "operations": dict(_operations(topics)) | dict(_letters_operations(letters)),
        "components": {
            "messages": messages,
            "schemas": schemas(kinds),
            "securitySchemes": {"scram": {"type": "scramSha512", "description": "A principal and its password"}},
        },
    }


def _info(public_only: bool) -> Node:
    closed = f" Not told of here: {', '.join(RESTRICTED)}." if public_only else ""
    services = [{"name": service, "description": f"Told by {service}"} for service in HEARD]
    return {
        "title": "La Semaine de l'industrie: facts",
        "version": version("backbone"),
        "description": "What the five services tell each other: JSON, with CloudEvents 1.0 headers in binary mode. "
        "Ignore fields, types and words that you do not know: more of them will come. The same message may come "
        "twice, under one `ce_id`. Messages with one key are read in the order told. A message without a value takes "
        f"back what its key said before.{closed}",
        "license": {"name": "EUPL-1.2", "url": "https://eupl.eu/1.2/en/"},
        "tags": [
            {"name": "public", "description": "No personal data: read by the principal `analyst`"},
            {"name": "restricted", "description": "Personal data: read by the services that it is granted to"},
            *services,
        ],
    }


def _servers() -> Node:
    secured: Node = {"security": [{"$ref": "#/components/securitySchemes/scram"}]}
    return {
        "deployment": {
            "host": "{brokers}",
            "protocol": "kafka-secure",
            "description": "A deployment's brokers: TLS, and SCRAM-SHA-512",
            "variables": {"brokers": {"description": "As whoever runs it names them, e.g. `kafka.example:9093`"}},
            **secured,
        },
        "demonstration": {
            "host": "127.0.0.1:{port}",
            "protocol": "kafka",
            "description": "`make demo` on one machine: SCRAM-SHA-512 over the loopback, without TLS",
            "variables": {"port": {"description": "`make analyst` prints it, and the password"}},
            **secured,
        },
    }


def _channel(topic: Topic) -> Node:
    names = [name_of(kind) for kind in facts_of(topic)] or [LETTER, MARK]
    kafka = {"topic": topic.name, "partitions": PARTITIONS, "topicConfiguration": dict(_configuration(topic))}
    words = about_topic(topic) if topic in FACT_TOPICS else f"What {topic.writer} can never read, as it was, and why."
    return {
        "address": topic.name,
        "title": topic.name,
        "description": f"{words} Kept: {kept(topic)}.",
        "tags": [{"name": "restricted" if topic.personal else "public"}, {"name": topic.writer}],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"kafka": {**kafka, **_BINDING}},
    }


def _configuration(topic: Topic) -> Iterator[tuple[str, Any]]:
    for name, value in settings_of(topic).items():
        yield name, value.split(",") if name == "cleanup.policy" else int(value)


def _operations(topics: Iterable[Topic]) -> Iterator[tuple[str, Node]]:
    for topic in topics:
        kinds = facts_of(topic)
        summary = f"{topic.writer} tells what happened, in the order it happened to each key"
        yield f"{topic.writer}.tells.{topic.name}", _operation("send", topic, map(name_of, kinds), summary)
        for service, heard in HEARD.items():
            if topic in heard:
                names = [name_of(kind) for kind in kinds if service in hearers_of(kind)]
                of_group = {"groupId": {"type": "string", "const": service}}
                operation = _operation("receive", topic, names, f"{service} acts on it")
                yield f"{service}.hears.{topic.name}", {**operation, "bindings": {"kafka": {**of_group, **_BINDING}}}
        if not topic.personal:
            of_group = {"groupId": {"type": "string", "pattern": f"^{ANALYST}"}}
            operation = _operation("receive", topic, map(name_of, kinds), "Analysts and partners read all of it")
            yield f"{ANALYST}.hears.{topic.name}", {**operation, "bindings": {"kafka": {**of_group, **_BINDING}}}


def _letters_operations(letters: Iterable[Topic]) -> Iterator[tuple[str, Node]]:
    for topic in letters:
        aside = f"{topic.writer} sets aside what it can never read"
        yield f"{topic.writer}.tells.{topic.name}", _operation("send", topic, [LETTER], aside)
        settled = "An operator replays it or discards it (`sdi dead-letters`)"
        yield f"{OPERATOR}.hears.{topic.name}", _operation("receive", topic, [LETTER, MARK], settled)
        yield f"{OPERATOR}.tells.{topic.name}", _operation("send", topic, [MARK], "An operator notes that it is done")


def _operation(action: str, topic: Topic, messages: Iterable[str], summary: str) -> Node:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": f"#/channels/{topic.name}"},
        "messages": [{"$ref": f"#/channels/{topic.name}/messages/{name}"} for name in messages],
    }


def _message(kind: type[Fact]) -> Node:
    sample = sample_of(kind)
    key = {"type": "string", "format": "uuid", "description": f"`{key_of(kind)}`"}
    return {
        "name": kind.ce_type,
        "title": name_of(kind),
        "summary": about(kind).partition(". ")[0].rstrip(".") + ".",
        "description": about(kind),
        "tags": [{"name": "restricted" if kind.topic.personal else "public"}],
        "contentType": "application/json",
        "headers": headers(kind),
        "payload": {"type": "null"} if kind.is_tombstone else {"$ref": f"#/components/schemas/{name_of(kind)}"},
        "bindings": {"kafka": {"key": key, **_BINDING}},
        "examples": [{"name": name_of(kind), "headers": sample["headers"], "payload": sample["value"]}],
    }


def headers(kind: type[Fact]) -> Node:
    """The schema of a message's headers."""
    own: dict[str, Node] = {name: {"type": "string", "const": text} for name, text in fixed_headers(kind).items()}
    own |= {
        "ce_id": _TEXT,
        "ce_subject": {"type": "string", "format": "uuid"},
        "ce_time": {"type": "string", "format": "date-time"},
        "traceparent": _TEXT,
    }
    described = {name: {**schema, "description": HEADERS[name]} for name, schema in own.items()}
    return {"type": "object", "properties": described, "required": sorted(own)}


def _letter() -> Node:
    own = {name: {"type": "string", "description": words} for name, words in LETTERS.items() if name != "dlq.settled"}
    sample = sample_of(next(kind for kind in facts() if name_of(kind) == "EventWithdrawn"))
    why = {"dlq.topic": "registration.events", "dlq.partition": "3", "dlq.offset": "1041", "dlq.group": "geocoding"}
    why["dlq.reason"] = "not a EventWithdrawn: withdrawn_at: missing"
    value = {name: what for name, what in sample["value"].items() if name != "withdrawn_at"}
    return {
        "name": LETTER,
        "title": "A message that was set aside",
        "summary": "A message that a service can never read: its original bytes, key and headers, and why.",
        "contentType": "application/octet-stream",
        "tags": [{"name": "restricted"}],
        "headers": {
            "type": "object",
            "description": "Those of the message as they came, and these behind them",
            "properties": own,
            "required": [name for name in own if name != "dlq.left_out"],
        },
        "payload": {"description": "The bytes of the message as they came: any, JSON or not, or none"},
        "bindings": {"kafka": {"key": {"description": "The message's own, any bytes or none"}, **_BINDING}},
        "examples": [{"name": LETTER, "headers": {**sample["headers"], **why}, "payload": value}],
    }


def _mark() -> Node:
    outcome = {"type": "string", "enum": ["replayed", "discarded"], "description": LETTERS["dlq.settled"]}
    key = {"type": "string", "pattern": "^[0-9]+:[0-9]+$", "description": "Partition and offset of the letter"}
    payload = {
        "type": "object",
        "properties": {"outcome": outcome, "at": {"type": "string", "format": "date-time"}},
        "required": ["outcome", "at"],
    }
    example = {"outcome": "replayed", "at": "2026-03-02T09:00:00+00:00"}
    return {
        "name": MARK,
        "title": "What was done about a message that was set aside",
        "summary": "An operator told the message again, or discarded it: it is open no more.",
        "tags": [{"name": "restricted"}],
        "headers": {"type": "object", "properties": {"dlq.settled": outcome}, "required": ["dlq.settled"]},
        "payload": payload,
        "bindings": {"kafka": {"key": key, **_BINDING}},
        "examples": [{"name": MARK, "headers": {"dlq.settled": "replayed"}, "payload": example}],
    }


def schemas(kinds: Iterable[type[Fact]]) -> dict[str, Schema]:
    """What is told, each part under a name of its own. A part that another writer carries on is promised less, and
    stands a second time, as « carried »."""
    made: dict[str, Schema] = {}
    for kind in kinds:
        if kind.is_tombstone:
            continue
        whole = told(kind)
        parts = whole.get("$defs", {})
        suffix = _suffix(kind)
        body = {name: part for name, part in whole.items() if not name.startswith("$")}
        made[name_of(kind)] = _lifted(name_of(kind), body, parts, suffix)
        for name, part in parts.items():
            made[_name(name, suffix)] = _lifted(name, part, parts, suffix)
    return dict(sorted(made.items()))


def _suffix(kind: type[Fact]) -> dict[str, str]:
    carried: dict[str, str] = {}
    for whose in kind.carries:
        inside = whose.model_json_schema(mode="validation").get("$defs", {})
        carried |= dict.fromkeys((whose.__name__, *inside), ".carried")
    return carried


def _name(name: str, suffix: dict[str, str]) -> str:
    return name + suffix.get(name, "")


def _lifted(owner: str, schema: Schema, parts: Schema, suffix: dict[str, str]) -> Schema:
    text = json.dumps(schema)
    for name in parts:
        text = text.replace(f'"#/$defs/{name}"', f'"#/components/schemas/{_name(name, suffix)}"')
    lifted: Schema = json.loads(text)
    for name, field in lifted.get("properties", {}).items():
        if "$ref" not in field:  # beside a reference nothing is read
            field["description"] = meaning_of(owner, name, field)
    return lifted
