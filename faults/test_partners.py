"""Partners lose nothing: what they read and what they are sent comes to what the map shows, whatever dies meanwhile."""

from __future__ import annotations

import asyncio
import random

import pytest

from .invariants import hold
from .partner import Partner
from .platform import Platform

ERRS = ("take", "error", "take", "close", "take", "take and close", "take")  # more in a row would be waited for longer


async def test_partners_have_what_the_map_shows_though_replicas_die_and_receivers_err(
    platform: Platform, chance: random.Random
) -> None:
    await platform.scale(2, ("map-feed",))
    async with Partner(platform).follows() as partner:
        partner.behave(chance.sample(ERRS, len(ERRS)))
        loading = asyncio.create_task(platform.load(16, chance, lasting=6.0))
        for _ in range(3):
            await asyncio.sleep(chance.uniform(0.5, 2.0))
            replica = chance.choice(platform.replicas["map-feed"])
            replica.kill()
            replica.start()
        await loading
        await platform.ready()
        await hold(platform)
        await partner.agrees()


@pytest.mark.thorough
@pytest.mark.parametrize("place", ["before-changes-commit", "after-post-before-progress", "after-commit-before-ack"])
async def test_killed_where_it_hurts_most_the_map_tells_its_partners_all_the_same(
    platform: Platform, chance: random.Random, place: str
) -> None:
    async with Partner(platform).follows() as partner:
        await platform.restart(platform.replicas["map-feed"][0], SDI_FAILPOINT=f"{place}:{chance.randint(1, 3)}")
        loading = asyncio.create_task(platform.load(16, chance, lasting=6.0))
        await platform.crashed_at(platform.replicas["map-feed"][0])
        await loading
        await hold(platform)
        await partner.agrees()


@pytest.mark.thorough
async def test_while_the_database_is_away_partners_wait_and_then_have_all_of_it(
    platform: Platform, chance: random.Random
) -> None:
    await platform.scale(2, ("map-feed",))
    async with Partner(platform).follows() as partner:
        partner.behave(["take", "hang", "take", "error"])
        loading = asyncio.create_task(platform.load(20, chance, lasting=8.0))
        for _ in range(2):
            await asyncio.sleep(chance.uniform(1.0, 3.0))
            platform.history.fault("PostgreSQL stopped")
            await asyncio.to_thread(platform.postgres.stop)
            await asyncio.sleep(chance.uniform(1.0, 4.0))
            await asyncio.to_thread(platform.postgres.start)
        await loading
        await hold(platform)
        await partner.agrees()
