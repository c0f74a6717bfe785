"""A mail server that is away, says later, says never, closes the door, or falls silent."""

from __future__ import annotations

import asyncio
import random

import pytest

from backbone.testing.waiting import until

from .invariants import hold
from .mail_server import CLOSE_AND_DROP, CLOSE_AND_KEEP, HANG_AND_KEEP, LATER, REFUSE
from .platform import Platform
from .world import World, see


def states(world: World) -> list[str]:
    return [row["state"] for row in world.tables["commskit"]["kits"]]


@pytest.mark.thorough
async def test_a_mail_server_that_is_down_delays_kits_and_loses_none(platform: Platform, chance: random.Random) -> None:
    platform.history.fault("mail server down")
    await asyncio.to_thread(platform.mail.stop)
    failed_before = states(await hold_without_kits(platform, chance)).count("failed")
    await asyncio.to_thread(platform.mail.start)
    assert states(await hold(platform)).count("failed") == failed_before


async def hold_without_kits(platform: Platform, chance: random.Random) -> World:
    """Posts events and waits until the first kits have been tried in vain."""
    await platform.load(12, chance)

    async def were_tried() -> bool:
        async with platform.admin("commskit") as connection:
            tried = "SELECT count(*) FROM jobs WHERE state = 'waiting' AND attempts > 0 AND last_error = 'MailDelayed'"
            return int(await connection.fetchval(tried)) >= 2

    await until("kits were tried in vain", were_tried, 60.0)
    return await see(platform)


@pytest.mark.parametrize(
    ("behaviours", "may_fail"),
    [
        pytest.param([LATER], False, marks=pytest.mark.thorough),
        pytest.param([REFUSE], True, marks=pytest.mark.thorough),
        ([CLOSE_AND_KEEP, CLOSE_AND_DROP], True),
        pytest.param([HANG_AND_KEEP], True, marks=pytest.mark.thorough),
    ],
    ids=["says later", "says never", "closes after the text", "falls silent after the text"],
)
async def test_a_mail_server_that_misbehaves_brings_no_kit_twice_unless_nobody_could_know(
    platform: Platform, chance: random.Random, behaviours: list[int], may_fail: bool
) -> None:
    failed_before = states(await hold(platform)).count("failed")
    seen_before, number = platform.mail.seen, 4
    platform.mail.misbehave(iter([chance.choice(behaviours) for _ in range(number)]))
    for behaviour in range(number):
        platform.history.fault("mail server misbehaves", how=behaviours, number=behaviour)
    await platform.load(12, chance)
    world = await hold(platform)
    assert platform.mail.seen - seen_before >= number, "too few kits were sent for the server to misbehave"
    assert may_fail or states(world).count("failed") == failed_before
