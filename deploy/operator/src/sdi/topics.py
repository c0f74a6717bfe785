"""`sdi topics`: are the topics there, and are they as their promises need?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import typer
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from backbone.contracts.topics import PARTITIONS, all_topics, settings_of
from backbone.service.settings import read_settings

from .errors import run
from .kafka import asking, partitions_of, reading, spans_of
from .output import Json, counted, write_json, write_line, write_table
from .settings import Settings


@dataclass(frozen=True)
class Difference:
    """A setting that is not as the contracts ask."""

    setting: str
    wanted: str
    found: str | None


@dataclass(frozen=True)
class TopicState:
    """A topic as it is on the broker; no partitions where it is missing."""

    topic: str
    partitions: int
    records: int
    differences: tuple[Difference, ...]


def topics(json: Json = False) -> None:
    """Show each topic: its records, and what differs from what the contracts ask for. 1 if anything differs."""
    settings = read_settings(Settings)
    states = run(look_at_topics(settings), settings.kafka_bootstrap_servers)
    amiss = [state.topic for state in states if state.differences]
    if json:
        write_json([asdict(state) for state in states])
    else:
        rows = [(s.topic, s.partitions, s.records, _said(s)) for s in states]
        write_table(("topic", "partitions", "records", "differs"), rows)
        if amiss:
            write_line(f"{counted(len(amiss), 'topic')} not as the contracts ask: the deployment's topics mend them.")
    raise typer.Exit(1 if amiss else 0)


def _said(state: TopicState) -> str:
    if not state.partitions:
        return "is missing"
    return "\n".join(f"{d.setting} is {d.found}, not {d.wanted}" for d in state.differences)


async def look_at_topics(settings: Settings) -> list[TopicState]:
    """The state of every topic of the contracts."""
    partitions = await partitions_of(settings, all_topics(), all_of_them=False)
    async with reading(settings) as consumer:
        spans = await spans_of(consumer, [tp for tps in partitions.values() for tp in tps])
    found = await _configs(settings, list(partitions))
    states = []
    for topic in all_topics():
        tps = partitions.get(topic.name, [])
        wanted = {"partitions": str(PARTITIONS), **settings_of(topic)}
        there = {"partitions": str(len(tps)), **found.get(topic.name, {})}
        differences = tuple(Difference(n, w, there.get(n)) for n, w in wanted.items() if there.get(n) != w)
        records = sum(end - begin for begin, end in map(spans.__getitem__, tps))
        states.append(TopicState(topic.name, len(tps), records, differences))
    return states


async def _configs(settings: Settings, topics: list[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics]
    async with asking(settings) as admin:
        answers: list[Any] = await admin.describe_configs(resources) if resources else []
    return {
        name: {entry[0]: entry[1] for entry in entries}
        for answer in answers
        for _, _, _, name, entries in answer.resources
    }
