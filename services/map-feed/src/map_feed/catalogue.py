"""What the public topics hold, as the page of the catalogue shows it: made of the contracts themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from backbone.contracts import Fact, Topic
from backbone.contracts.catalogue.asyncapi import RESTRICTED, asyncapi
from backbone.contracts.catalogue.messages import (
    HEADERS,
    Row,
    about,
    about_topic,
    facts,
    facts_of,
    hearers_of,
    kept,
    key_of,
    public_topics,
    rows_of,
    sample_of,
    shapes_of,
)
from backbone.contracts.schema import FOLDER, name_of
from backbone.contracts.topics import HEARD, PARTITIONS


@dataclass(frozen=True)
class Message:
    """A message as it is shown."""

    name: str
    version: int
    about: str
    hearers: Sequence[str]
    rows: Sequence[Row]
    sample: str


@dataclass(frozen=True)
class Shown:
    """A public topic as it is shown."""

    name: str
    about: str
    writer: str
    hearers: Sequence[str]
    key: str
    partitions: int
    kept: str
    messages: Sequence[Message]


@cache
def contents() -> dict[str, Any]:
    """What the page is made of."""
    topics = public_topics()
    public = [kind for kind in facts() if kind.topic in topics]
    return {
        "topics": [_topic(topic) for topic in topics],
        "shapes": shapes_of(public),
        "headers": HEADERS,
        "restricted": RESTRICTED,
    }


@cache
def document() -> str:
    """The public topics as an AsyncAPI document."""
    return json.dumps(asyncapi(public_only=True), ensure_ascii=False)


def schemas() -> dict[str, str]:
    """The schema of every version of every public message, by the name that `ce_dataschema` ends with."""
    topics = public_topics()
    versions = [
        f"{name_of(kind)}.{n + 1}.json" for kind in facts() if kind.topic in topics for n in range(kind.version)
    ]
    return {version: (FOLDER / "schemas" / "told" / version).read_text() for version in versions}


def ticked(text: str, shape: str | None = None) -> Markup:
    """Words in `backticks` as code, and a part of messages as a link to it."""
    html = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text)))
    return Markup(re.sub(rf"\b{shape}\b", f'<a href="#{shape}">{shape}</a>', html) if shape else html)  # noqa: S704 (escaped above)


def _topic(topic: Topic) -> Shown:
    kinds = facts_of(topic)
    hearers = [service for service, heard in HEARD.items() if topic in heard]
    messages = [_message(kind) for kind in kinds]
    key = key_of(kinds[0])
    return Shown(topic.name, about_topic(topic), topic.writer, hearers, key, PARTITIONS, kept(topic), messages)


def _message(kind: type[Fact]) -> Message:
    sample = json.dumps(sample_of(kind), ensure_ascii=False, indent=2)
    return Message(name_of(kind), kind.version, about(kind), hearers_of(kind), rows_of(kind), sample)
