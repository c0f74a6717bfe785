"""Processes that die at the worst moments, and at any."""

from __future__ import annotations

import asyncio
import random

import pytest

from provision.databases import SERVICES

from .invariants import hold
from .platform import Platform

TELLERS = ("registration", "labelling", "geocoding", "commskit")
REPLICATED = ("labelling", "geocoding", "map-feed", "commskit")


async def crash_once_under_load(
    platform: Platform, chance: random.Random, services: tuple[str, ...], place: str, events: int = 20
) -> None:
    """Each of these services dies once at this place, at its first, second or third passage, while events come in."""
    replicas = [platform.replicas[service][0] for service in services]
    await asyncio.gather(
        *(platform.restart(replica, SDI_FAILPOINT=f"{place}:{chance.randint(1, 3)}") for replica in replicas)
    )
    # before it is ready a service may have died already: its readers begin before its door opens
    loading = asyncio.create_task(platform.load(events, chance, lasting=6.0))
    await asyncio.gather(*(platform.crashed_at(replica) for replica in replicas))
    await loading


@pytest.mark.thorough
async def test_without_a_fault_two_replicas_of_each_service_tell_and_take_everything_once(
    platform: Platform, chance: random.Random
) -> None:
    await platform.scale(2)
    told_before = {row.place for row in (await hold(platform)).facts}
    await platform.load(24, chance, lasting=4.0)
    world = await hold(platform)
    new = [row.header("ce_id") for row in world.facts if row.place not in told_before]
    assert len(new) == len(set(new)), "a fact was told twice though no relay died"


@pytest.mark.parametrize("place", ["before-commit", "after-commit-before-ack"])
async def test_killed_around_its_commit_a_reader_neither_loses_nor_doubles(
    platform: Platform, chance: random.Random, place: str
) -> None:
    await crash_once_under_load(platform, chance, SERVICES, place)
    await hold(platform)


async def test_killed_between_the_brokers_word_and_the_mark_a_relay_tells_again_and_readers_take_it_once(
    platform: Platform, chance: random.Random
) -> None:
    await crash_once_under_load(platform, chance, TELLERS, "after-publish-before-mark")
    world = await hold(platform)
    assert len(world.facts) > len(world.told), "nothing was told twice: the crash came too early or too late"


@pytest.mark.parametrize(
    ("place", "services"),
    [
        ("before-finish", ("geocoding", "commskit")),
        pytest.param("sending", ("commskit",), marks=pytest.mark.thorough),
    ],
)
async def test_killed_in_the_middle_a_worker_leaves_its_job_to_another(
    platform: Platform, chance: random.Random, place: str, services: tuple[str, ...]
) -> None:
    await crash_once_under_load(platform, chance, services, place)
    await hold(platform)


@pytest.mark.thorough
async def test_replicas_killed_and_stopped_at_random_lose_nothing(platform: Platform, chance: random.Random) -> None:
    await platform.scale(2, REPLICATED)
    loading = asyncio.create_task(platform.load(40, chance, lasting=15.0))
    for _ in range(8):
        await asyncio.sleep(chance.uniform(0.5, 3.0))
        replica = chance.choice([replica for service in REPLICATED for replica in platform.replicas[service]])
        if chance.random() < 0.6:
            replica.kill()
        else:
            platform.history.fault("SIGTERM", service=replica.service)
            await platform.end(replica)
        replica.start()
    await loading
    await hold(platform)


@pytest.mark.thorough
async def test_replicas_that_come_and_go_lose_nothing(platform: Platform, chance: random.Random) -> None:
    loading = asyncio.create_task(platform.load(30, chance, lasting=15.0))
    for _ in range(4):
        for service in ("labelling", "map-feed"):
            platform.history.fault("join", service=service)
            platform.add(service)
        await platform.ready()
        await asyncio.sleep(chance.uniform(0.2, 1.0))
        for service in ("labelling", "map-feed"):
            platform.history.fault("leave", service=service)
            await platform.end(platform.replicas[service].pop())
    await loading
    await hold(platform)
