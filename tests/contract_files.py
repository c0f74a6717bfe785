"""Writes the files of the contracts from the code: `make contracts`.

`backbone/contracts/schemas/told/` holds what each fact's writer promises, `…/read/` what its reader cannot do without,
a file for each version; `docs/asyncapi.json` is the whole as one AsyncAPI document. A schema that stands in a release
(`released.txt`) is never written again: a fact that says something else is the next version of it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from backbone import contracts
from backbone.contracts import FACT_TOPICS, Fact, Topic
from backbone.contracts.schema import FOLDER, Schema, address_of, name_of, read, told
from backbone.contracts.topics import HEARD, PARTITIONS, settings_of

ROOT = Path(__file__).parents[1]
SCHEMAS, SAMPLES = FOLDER / "schemas", FOLDER / "samples"
RELEASED = SCHEMAS / "released.txt"
ASYNCAPI = ROOT / "docs" / "asyncapi.json"


def facts() -> list[type[Fact]]:
    """Every fact of the contracts, by its name."""
    known = [getattr(contracts, name) for name in contracts.__all__]
    told_ones = [one for one in known if isinstance(one, type) and issubclass(one, Fact) and hasattr(one, "ce_type")]
    return sorted(told_ones, key=name_of)


def file_name(kind: type[Fact]) -> str:
    return f"{name_of(kind)}.{kind.version}.json"


def schema_files() -> dict[Path, Schema]:
    """The files of today's versions, and what must stand in them."""
    both = {"told": told, "read": read}
    return {SCHEMAS / which / file_name(kind): made(kind) for kind in facts() for which, made in both.items()}


def sample_of(kind: type[Fact]) -> dict[str, Any]:
    """The golden sample of today's version: `key`, `headers` and `value` as they lie on Kafka."""
    sample: dict[str, Any] = json.loads((SAMPLES / file_name(kind)).read_text())
    return sample


def asyncapi() -> dict[str, Any]:
    """The topics, their messages, and who tells and hears them (AsyncAPI 3.0)."""
    channels = {topic.name: _channel(topic) for topic in FACT_TOPICS}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "La Semaine de l'industrie: facts",
            "version": "1",
            "description": "What the five services tell each other: JSON, with CloudEvents 1.0 headers in binary mode.",
            "license": {"name": "EUPL-1.2", "url": "https://eupl.eu/1.2/en/"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": dict(_operations()),
        "components": {
            "messages": {name_of(kind): _message(kind) for kind in facts()},
            "schemas": {name_of(kind): _self_contained(kind) for kind in facts()},
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    own = [name_of(kind) for kind in facts() if kind.topic == topic]
    kafka = {"topic": topic.name, "partitions": PARTITIONS, "topicConfiguration": dict(_configuration(topic))}
    return {
        "address": topic.name,
        "description": "Personal data: restricted." if topic.personal else "Public: no personal data.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in own},
        "bindings": {"kafka": {**kafka, "bindingVersion": "0.5.0"}},
    }


def _configuration(topic: Topic) -> Iterator[tuple[str, Any]]:
    settings = settings_of(topic)
    yield "cleanup.policy", settings["cleanup.policy"].split(",")
    for name in ("retention.ms", "delete.retention.ms"):
        if name in settings:
            yield name, int(settings[name])


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for topic in FACT_TOPICS:
        channel = {"channel": {"$ref": f"#/channels/{topic.name}"}}
        yield f"{topic.writer} tells {topic.name}", {"action": "send", **channel}
        for service, heard in HEARD.items():
            if topic in heard:
                group = {"groupId": {"type": "string", "const": service}, "bindingVersion": "0.5.0"}
                yield f"{service} hears {topic.name}", {"action": "receive", **channel, "bindings": {"kafka": group}}


def _message(kind: type[Fact]) -> dict[str, Any]:
    sample = sample_of(kind)
    return {
        "name": kind.ce_type,
        "title": name_of(kind),
        "summary": " ".join((kind.__doc__ or "").split("\n\n")[0].split()),
        "headers": _headers(kind),
        "payload": {"type": "null"} if kind.is_tombstone else {"$ref": f"#/components/schemas/{name_of(kind)}"},
        "bindings": {"kafka": {"key": {"type": "string", "format": "uuid"}, "bindingVersion": "0.5.0"}},
        "examples": [{"headers": sample["headers"], "payload": sample["value"]}],
    }


def _headers(kind: type[Fact]) -> dict[str, Any]:
    fixed = {name: {"type": "string", "const": text} for name, text in _fixed_headers(kind).items()}
    others = {
        "ce_id": {"type": "string", "description": "Unique for ever: a message delivered twice has one id"},
        "ce_subject": {"type": "string", "format": "uuid", "description": "The key"},
        "ce_time": {"type": "string", "format": "date-time", "description": "When it was written, in real time"},
        "traceparent": {"type": "string", "description": "W3C Trace Context, from the request on"},
    }
    return {"type": "object", "properties": {**fixed, **others}, "required": [*fixed, "ce_id", "ce_subject", "ce_time"]}


def _fixed_headers(kind: type[Fact]) -> Mapping[str, str]:
    return {
        "ce_specversion": "1.0",
        "ce_type": kind.ce_type,
        "ce_source": f"/services/{kind.topic.writer}",
        "ce_dataschema": address_of(kind),
        "content-type": "application/json",
    }


def _self_contained(kind: type[Fact]) -> Schema:
    """The schema with its definitions under names that a whole document may have once each."""
    text = json.dumps(told(kind))
    return json.loads(text.replace("#/$defs/", f"#/components/schemas/{name_of(kind)}/$defs/"))  # type: ignore[no-any-return]


def _written(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Writes what has changed; refuses to write a released schema anew."""
    released = set(RELEASED.read_text().split())
    for path, schema in schema_files().items():
        text = _written(schema)
        if path.exists() and path.stem in released and path.read_text() != text:
            sys.exit(f"{path.stem} is released: give its class the next `version`, and a sample under {SAMPLES.name}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    ASYNCAPI.write_text(_written(asyncapi()))


if __name__ == "__main__":
    main()
