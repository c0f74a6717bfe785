"""PostgreSQL restored from before the last hour, by the steps of docs/reliability.md."""

from __future__ import annotations

import asyncio
import random
import shutil
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from .drafts import LABELLED, Draft
from .history import History
from .organiser import Client
from .platform import Platform
from .public import features
from .waiting import until

AMENDED = 4


@pytest.fixture
async def own_platform(tmp_path: Path, history: History) -> AsyncIterator[Platform]:
    """A platform that nobody uses afterwards: what was acknowledged on it is not so any more."""
    platform = Platform(tmp_path, history)
    try:
        await platform.start()
        yield platform
    finally:
        await platform.stop()


def copy(data: Path, place: Path) -> None:
    """Puts a copy in a place, whatever was there."""
    shutil.rmtree(place, ignore_errors=True)
    subprocess.run(["cp", "-a", str(data), str(place)], check=True)  # with its owner


async def copy_at_rest(platform: Platform, source: Path, place: Path) -> None:
    """Stops services and database, copies a folder, and starts the database."""
    await asyncio.gather(*(platform.end(replica) for replica in platform.all_replicas()))
    await asyncio.to_thread(platform.postgres.stop)
    await asyncio.to_thread(copy, source, place)
    await asyncio.to_thread(platform.postgres.start)


def start_all(platform: Platform) -> None:
    for replica in platform.all_replicas():
        replica.start()


def labelled(platform: Platform) -> list[tuple[Client, str, Draft]]:
    """The events whose newest revision has its label for certain."""
    return [
        (client, event, story[-1])
        for client in platform.clients
        for event, story in client.story.items()
        if story[-1] is not None and story[-1].outcome == LABELLED
    ]


def titled(draft: Draft, more: str) -> Draft:
    return replace(draft, body={**draft.body, "title": f"{draft.body['title'][:100]} {more}"})


@pytest.mark.thorough
async def test_a_database_restored_from_before_it_goes_on_with_numbers_that_nobody_has_heard(
    own_platform: Platform, chance: random.Random
) -> None:
    platform = own_platform
    data, backup = platform.state / "postgres" / "data", platform.state / "postgres" / "backup"
    registration = platform.replicas["registration"][0].url
    await platform.load(12, chance)
    await platform.at_rest()
    await copy_at_rest(platform, data, backup)
    start_all(platform)
    await platform.ready()

    amended = chance.sample(labelled(platform), AMENDED)
    known = {event: client.acknowledged[event] for client, event, _ in amended}
    for client, event, draft in amended:
        lost = titled(draft, "bis")
        assert await client.submit(event, lost, url=registration) == known[event] + 1
    await platform.at_rest()

    platform.history.fault("PostgreSQL restored from before", lost=len(amended))
    await copy_at_rest(platform, backup, data)
    await asyncio.to_thread(platform.log.reset_groups)
    start_all(platform)
    await platform.at_rest()
    for client, event, _ in amended:
        shown = await client.event(event)
        assert (shown["revision"], shown["is_changed"]) == (known[event] + 1, True), "a told number is free again"

    for client, event, draft in amended:
        assert await client.submit(event, titled(draft, "ter"), url=registration) == known[event] + 2
    await platform.at_rest()
    wanted = {event: titled(draft, "ter").body["title"] for _, event, draft in amended}

    async def new_texts_are_shown() -> bool:
        seen = await features(platform.replicas["map-feed"][0].url)  # what the map shows may be a second old
        return {event: seen[event]["properties"]["title"] for event in wanted} == wanted

    await until("the map shows the new texts", new_texts_are_shown, 20.0, pace=0.3)
    mailed = {name: times for name, times in platform.mail.accepted.items() if "@kit." in name}
    assert max(mailed.values()) <= 2, "a kit was mailed more than once more"
    own = {event for client in platform.clients for event in client.acknowledged}
    assert (await features(platform.replicas["map-feed"][0].url)).keys() <= own
