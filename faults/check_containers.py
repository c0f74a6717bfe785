"""`make test-compose`: docker-compose.yml on a real engine, its services scaled one by one while organisers are at
work, and nothing lost, doubled or out of order. Outside CI: it needs an engine (docs/containers.md).

`IMAGES=built` takes the images as they are."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from backbone.testing.waiting import until

from .compose import Compose, ends
from .containers import Containers
from .history import History
from .invariants import hold
from .public import due, features

EVENTS, LASTING = 500, 330.0
"""Some 1,170 revisions and withdrawals, over so many seconds."""
TOGETHER = {"geocoding": 3, "commskit": 3}
ALONE = ("registration", "labelling", "map-feed", "geocoding", "commskit")

Say = Callable[[str], None]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Tells the person who waits, at once."""
    began = time.monotonic()

    def tell(words: str) -> None:
        with capsys.disabled():
            print(f"{time.monotonic() - began:6.0f} s  {words}", flush=True)

    return tell


@pytest.fixture
async def containers(tmp_path: Path, history: History, say: Say) -> AsyncIterator[Containers]:
    compose = Compose(f"sdi-trial-{random.randrange(10**6)}")
    if os.environ.get("IMAGES") != "built":
        say("building the images")
        await asyncio.to_thread(compose.build)
    platform = Containers(compose, tmp_path, history)
    try:
        say("docker compose up --detach")
        await platform.start()
        say("every service is ready")
        yield platform
    finally:
        say("docker compose down")
        await platform.stop()


@pytest.mark.timeout(2700)
async def test_services_are_scaled_one_by_one_under_load_and_nothing_is_lost(
    containers: Containers, chance: random.Random, say: Say
) -> None:
    scaled = asyncio.Event()
    load = asyncio.create_task(organisers_at_work(containers, chance, scaled))
    try:
        await at_work(containers, 40)
        for replicas in [TOGETHER, *({service: 3} for service in ALONE)]:
            await there_and_back(containers, replicas, say)
        say(f"{acknowledged(containers)} revisions acknowledged when the last was scaled back; the load goes on")
        scaled.set()
        await load
    finally:
        load.cancel()
    say(f"{len(containers.submitted)} events, {acknowledged(containers)} revisions acknowledged; waiting for rest")
    world = await hold(containers, lag_seconds=120.0)
    types = Counter(row.header("ce_type").rsplit(".", 1)[1] for row in world.told.values())
    say(f"at rest, every invariant holds: {dict(types)}, {world.mails.total()} mails")
    say(f"the map's front shows {await shown_at_the_front(containers)} events, as it must")
    stopped = [one for one in ends(containers.ends) if one[0] in containers.replicas]
    assert [one for one in stopped if one[2] != "0"] == []
    say(f"{len(stopped)} containers were asked to stop, and each ended with 0")


async def organisers_at_work(containers: Containers, chance: random.Random, scaled: asyncio.Event) -> None:
    """All events, and more of them for as long as somebody still scales: a busy machine takes its time for that."""
    await containers.load(EVENTS, chance, lasting=LASTING)
    while not scaled.is_set():
        await containers.load(20, chance, lasting=10.0)


async def there_and_back(containers: Containers, replicas: dict[str, int], say: Say) -> None:
    """Scales up, sees each replica take messages, and scales down while there is work in hand."""
    names, before = " ".join(f"--scale {name}={number}" for name, number in replicas.items()), acknowledged(containers)
    began = time.monotonic()
    await containers.scaled(**replicas)
    up = time.monotonic() - began
    await at_work(containers, acknowledged(containers) + 20)
    heard = {one.name: await one.has_heard() for one in containers.containers(*replicas)}
    assert [name for name, messages in heard.items() if not messages] == []
    began = time.monotonic()
    async with most_in_hand(containers, set(replicas) & {"geocoding", "commskit"}) as most:
        await containers.scaled()
    down = time.monotonic() - began
    say(f"{names}: up in {up:.0f} s, back in {down:.0f} s; revisions {before} to {acknowledged(containers)}")
    say(f"    messages heard {sorted(heard.items())}" + (f"; jobs in hand meanwhile, at most {most}" if most else ""))


@asynccontextmanager
async def most_in_hand(containers: Containers, services: set[str]) -> AsyncIterator[dict[str, int]]:
    """How many jobs of each service are in somebody's hand at one moment, at most, while something else goes on."""
    most = dict.fromkeys(sorted(services), 0)

    async def look() -> None:
        while True:
            for service in most:
                most[service] = max(most[service], await containers.jobs_in_hand(service))
            await asyncio.sleep(0.05)

    looking = asyncio.create_task(look())
    try:
        yield most
    finally:
        looking.cancel()


def acknowledged(containers: Containers) -> int:
    return sum(containers.submitted.values())


async def at_work(containers: Containers, revisions: int) -> None:
    async def so_many() -> bool:
        return acknowledged(containers) >= revisions

    await until(f"{revisions} revisions are acknowledged", so_many, 120.0)


async def shown_at_the_front(containers: Containers) -> int:
    """How many events the public sees, of which each that can be known from outside is right."""
    shown = await features(containers.compose.url("MAP"))
    owed = {event: due(event, story, containers.words) for event, story in containers.stories.items()}
    assert {event for event, one in owed.items() if one.is_certain and one.shown} <= shown.keys()
    assert [event for event in shown if owed[event].is_certain and not owed[event].shown] == []
    return len(shown)
