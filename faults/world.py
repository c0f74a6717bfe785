"""Everything that can be seen of a platform at rest: its topics, its tables, its mails."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backbone.contracts import FACT_TOPICS
from backbone.contracts.topics import HEARD
from provision.databases import SERVICES

from .log import FACTS, Row
from .platform import Platform
from .poison import TYPES_HEARD

Table = list[dict[str, Any]]
WRITTEN_BY = "written_by"
"""The transaction that wrote a row last: it shows what was written again with the same values."""
_TABLES = {
    "registration": ("events", "timeline"),
    "labelling": ("cases", "decisions"),
    "geocoding": ("venues",),
    "commskit": ("organisers", "kits", "kit_moves", "notices"),
    "map-feed": ("events",),
}
_WRITER = {topic.name: topic.writer for topic in FACT_TOPICS}


@dataclass(frozen=True)
class World:
    """What was there at one moment. `poisonous`: where the records lie that the tests put there."""

    rows: list[Row]
    tables: Mapping[str, Mapping[str, Table]]
    mails: Counter[str]
    texts: Mapping[str, str]
    refused: frozenset[str]
    poisonous: frozenset[tuple[str, int, int]]

    @cached_property
    def facts(self) -> list[Row]:
        """The records of the fact topics, the poisonous ones left out."""
        return [row for row in self.rows if row.topic in FACTS and row.place not in self.poisonous]

    @cached_property
    def told(self) -> dict[str, Row]:
        """Each fact as it was told first, by its id; in the order of its partition."""
        first: dict[str, Row] = {}
        for row in self.facts:
            first.setdefault(row.header("ce_id"), row)
        return first

    def told_as(self, *types: str) -> list[Row]:
        """The facts of these types, each once."""
        return [row for row in self.told.values() if row.header("ce_type").rsplit(".", 1)[1] in types]

    def heard_by(self, service: str) -> set[str]:
        """The ids of all facts that a service must have taken."""
        topics = {topic.name for topic in HEARD[service]}
        known = TYPES_HEARD[service]
        return {id_ for id_, row in self.told.items() if row.topic in topics and row.header("ce_type") in known}

    def outbox(self) -> Table:
        """Every fact that was committed, of all services."""
        return [row for service in SERVICES for row in self.tables[service]["outbox"]]


def by_key(rows: Iterable[Row]) -> dict[tuple[str, bytes | None], list[Row]]:
    """The rows of each topic and key, in their order."""
    groups: dict[tuple[str, bytes | None], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.topic, row.key].append(row)
    return groups


def writer_of(row: Row) -> str:
    return _WRITER[row.topic]


async def see(platform: Platform) -> World:
    """Looks at a platform that is at rest."""
    rows = await asyncio.to_thread(platform.log.read)
    tables = {}
    for service in SERVICES:
        async with platform.admin(service) as connection, connection.transaction(isolation="repeatable_read"):
            tables[service] = {
                name: [dict(row) for row in await connection.fetch(f"SELECT xmin::text AS {WRITTEN_BY}, * FROM {name}")]
                for name in ("outbox", "inbox", "jobs", *_TABLES[service])
            }
    poisonous = frozenset(poison.place for poison in platform.poison)
    mail = platform.mail
    return World(rows, tables, Counter(mail.accepted), dict(mail.texts), frozenset(mail.refused), poisonous)
