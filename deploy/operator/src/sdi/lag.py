"""`sdi lag`: how far each service is behind what was told."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, GroupLoadInProgressError, NotCoordinatorForGroupError

from backbone.contracts import Topic
from backbone.contracts.topics import HEARD
from backbone.service.settings import read_settings

from .errors import run
from .kafka import asking, partitions_of, reading, spans_of
from .output import Json, counted, screen, write_json, write_line, write_table
from .settings import Settings


@dataclass(frozen=True)
class Lag:
    """How far one group is in one partition; `committed` is None where it never took anything."""

    service: str
    topic: str
    partition: int
    committed: int | None
    end: int
    lag: int


All = Annotated[bool, typer.Option("--all", help="Show the partitions too in which nothing is left to hear.")]
Watch = Annotated[bool, typer.Option("--watch", help="Look again and again, until Ctrl-C; JSON: one line a look.")]
Every = Annotated[float, typer.Option(min=0.1, help="Seconds between two looks.")]
Most = Annotated[int | None, typer.Option(min=0, help="Exit with 1 if a service is further behind than this.")]


def lag(json: Json = False, all_: All = False, watch: Watch = False, every: Every = 2.0, most: Most = None) -> None:
    """Show how many facts each service has yet to hear, by partition and in all."""
    settings = read_settings(Settings)
    behind = 0

    async def show() -> None:
        nonlocal behind
        async with aclosing(_looks(settings, every if watch else None)) as looks:
            async for lags in looks:
                behind = max(totals(lags).values())
                if json:
                    write_json({"lags": [asdict(one) for one in lags], "totals": totals(lags)})
                else:
                    _show(lags, all_)

    try:
        run(show(), settings.kafka_bootstrap_servers)
    except KeyboardInterrupt:
        if not watch:
            raise
    raise typer.Exit(1 if most is not None and behind > most else 0)


async def _looks(settings: Settings, every: float | None) -> AsyncGenerator[list[Lag], None]:
    yield await read_lags(settings)
    while every is not None:
        await asyncio.sleep(every)
        screen().clear()  # does nothing where it is no screen
        yield await read_lags(settings)


def _show(lags: Sequence[Lag], all_: bool) -> None:
    shown = [one for one in lags if all_ or one.lag]
    if shown:
        columns = ("service", "topic", "partition", "committed", "end", "lag")
        never = "never"
        rows = [
            (one.service, one.topic, one.partition, never if one.committed is None else one.committed, one.end, one.lag)
            for one in shown
        ]
        write_table(columns, rows)
    for service, total in totals(lags).items():
        write_line(f"{service}: {counted(total, 'fact')} behind" if total else f"{service}: has heard everything")


def totals(lags: Sequence[Lag]) -> dict[str, int]:
    """How many facts each service has yet to hear."""
    total = Counter({one.service: 0 for one in lags})
    for one in lags:
        total[one.service] += one.lag
    return dict(total)


async def _committed(admin: AIOKafkaAdminClient, group: str) -> Mapping[TopicPartition, Any]:
    # the first question about any group makes a broker make its topic of offsets, and it says so
    for wait in (0.1, 0.2, 0.5, 1.0, 2.0, 4.0):
        try:
            return await admin.list_consumer_group_offsets(group)  # type: ignore[no-any-return]
        except (GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError, GroupLoadInProgressError):
            await asyncio.sleep(wait)
    return await admin.list_consumer_group_offsets(group)  # type: ignore[no-any-return]


async def read_lags(settings: Settings, groups: Mapping[str, Sequence[Topic]] = HEARD) -> list[Lag]:
    """How far each group is in each partition of the topics it hears."""
    heard = {topic.name: topic for topics in groups.values() for topic in topics}
    partitions = await partitions_of(settings, heard.values())
    async with asking(settings) as admin:
        # before the ends: a group that is at work meanwhile is never ahead of them
        committed = {group: await _committed(admin, group) for group in groups}
    async with reading(settings) as consumer:
        spans = await spans_of(consumer, [tp for tps in partitions.values() for tp in tps])
    lags = []
    for group, topics in groups.items():
        for tp in [tp for topic in topics for tp in partitions[topic.name]]:
            (begin, end), known = spans[tp], committed[group].get(tp)
            at = known.offset if known is not None and known.offset >= 0 else None
            # a service that never took anything begins at the beginning; what is cut off there is not to be heard
            lags.append(Lag(group, tp.topic, tp.partition, at, end, max(0, end - max(at or 0, begin))))
    return lags
