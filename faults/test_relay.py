"""Two relays that both believe to lead."""

from __future__ import annotations

import asyncio
import random

import pytest

from backbone.postgres.outbox import RELAY_LOCK
from backbone.testing.waiting import until

from .invariants import hold
from .platform import Platform
from .replica import Replica

LEADERS = (
    "SELECT a.pid, a.client_port FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.objid = $1 AND a.datname = current_database()"
)


async def leaders(platform: Platform, service: str) -> list[tuple[int, Replica]]:
    """The backends that hold the relay's lock, and the replicas that they belong to."""
    async with platform.admin(service) as connection:
        rows = await connection.fetch(LEADERS, RELAY_LOCK)
    return [
        (row["pid"], replica)
        for row in rows
        for replica in platform.replicas[service]
        if replica.runs and replica.holds_port(row["client_port"])
    ]


async def one_leader(platform: Platform, service: str) -> tuple[int, Replica]:
    found: list[tuple[int, Replica]] = []

    async def is_one() -> bool:
        found[:] = await leaders(platform, service)
        return len(found) == 1

    await until(f"one relay of {service} leads", is_one, 30.0)
    return found[0]


@pytest.mark.parametrize(
    "place", [pytest.param("before-publish", marks=pytest.mark.thorough), "after-publish-before-mark"]
)
async def test_a_relay_frozen_past_its_lock_tells_again_and_never_out_of_order(
    platform: Platform, chance: random.Random, place: str
) -> None:
    services = ("registration", "labelling")
    for service in services:
        await platform.restart(platform.replicas[service][0], SDI_FAILPOINT=f"{place}:{chance.randint(1, 3)}:pause")
    await platform.ready()
    firsts = {service: await one_leader(platform, service) for service in services}
    await platform.scale(2, services)  # the second ones stand by: the lock is taken
    standing_by = [platform.replicas[service].pop(0) for service in services]
    # organisers talk to those that will not freeze
    loading = asyncio.create_task(platform.load(24, chance, lasting=8.0))
    for service, (backend, replica) in firsts.items():
        assert replica in standing_by
        await until(f"{service} has frozen", lambda replica=replica: is_frozen(replica), 60.0)
        platform.history.fault("frozen past its lock", service=service, **replica.extra)
        async with platform.admin("postgres") as connection:
            await connection.execute("SELECT pg_terminate_backend($1)", backend)
        _, second = await one_leader(platform, service)
        assert second is not replica
    await loading
    await until("the other relays have told all", platform.has_told_all, 60.0)
    for service, (_, replica) in firsts.items():
        replica.thaw()
        platform.replicas[service].append(replica)
    world = await hold(platform)
    await until("the frozen ones have noticed", lambda: lead_once(platform, services), 60.0)
    assert len(world.facts) > len(world.told), "nothing was told twice: the relay froze too early or too late"


async def is_frozen(replica: Replica) -> bool:
    return replica.is_frozen()


async def lead_once(platform: Platform, services: tuple[str, ...]) -> bool:
    return all([len(await leaders(platform, service)) == 1 for service in services])
