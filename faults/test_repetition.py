"""Everything delivered twice, everything read again from the beginning, and messages that nobody can read."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import replace

import httpx
import pytest
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from local_stack.health import TRUSTS_NOBODY
from provision.databases import SERVICES
from provision.kafka_client import admin_client

from .invariants import hold
from .platform import Platform
from .poison import KINDS, Poison, corpus, forgeries
from .world import World


def effects(world: World) -> dict[str, object]:
    """All that was told and mailed, all that the tables say, and who wrote it."""
    tables = {
        f"{service}.{name}": Counter(str(sorted(row.items(), key=str)) for row in rows)
        for service in SERVICES
        for name, rows in world.tables[service].items()
    }
    return {**tables, "mails": world.mails, "told": sorted(world.told)}


async def test_every_topic_delivered_twice_changes_nothing(platform: Platform, chance: random.Random) -> None:
    await platform.load(20, chance)
    before = await hold(platform)
    platform.history.fault("every topic delivered twice", records=len(before.facts))
    # mixed up between partitions, and old after new: only the order inside a partition is kept
    await asyncio.to_thread(platform.log.write, before.facts)
    after = await hold(platform)
    assert len(after.facts) == 2 * len(before.facts)
    assert effects(after) == effects(before)


@pytest.mark.thorough
async def test_every_topic_read_again_from_the_beginning_changes_nothing(
    platform: Platform, chance: random.Random
) -> None:
    await platform.load(20, chance)
    before = await hold(platform)
    await asyncio.gather(*(platform.end(replica) for replica in platform.all_replicas()))
    platform.history.fault("all groups reset")
    await asyncio.to_thread(platform.log.reset_groups)
    for replica in platform.all_replicas():
        replica.start()
    after = await hold(platform)
    assert effects(after) == effects(before)


async def test_poison_of_every_kind_is_set_aside_and_the_messages_around_it_pass(
    platform: Platform, chance: random.Random
) -> None:
    await asyncio.to_thread(take_large_records, platform)
    await platform.load(6, chance)
    await platform.at_rest()
    loading = asyncio.create_task(platform.load(20, chance, lasting=4.0))
    forged = forgeries(await asyncio.to_thread(platform.log.read))
    for kind, row, readers in [*forged, *(one for fact in KINDS for one in corpus(fact, chance))]:
        platform.history.fault("poison", of=kind, topic=row.topic)
        (place,) = await asyncio.to_thread(platform.log.write, [row])
        platform.poison.append(Poison(kind, replace(row, offset=place[2]), place, readers))
        await asyncio.sleep(chance.uniform(0.0, 0.3))
    await loading
    world = await hold(platform)
    left_out = [row for row in world.rows if row.header("dlq.left_out")]
    assert len(left_out) == sum(len(one.readers) for one in platform.poison if "compressed" in one.kind)
    assert await passed_over(platform) >= 2, "messages of an unknown type were not counted"


def take_large_records(platform: Platform) -> None:
    """The fact topics take what a topic of the defaults would refuse; the dead letters keep the defaults."""
    change = ConfigEntry("max.message.bytes", "4000000", incremental_operation=AlterConfigOpType.SET)
    topics = [ConfigResource(ResourceType.TOPIC, fact.topic.name, incremental_configs=[change]) for fact in KINDS]
    admin = admin_client(platform.kafka.cluster())  # kept until it is done: it dies with its last reference
    for done in admin.incremental_alter_configs(topics).values():
        done.result(30)


async def passed_over(platform: Platform) -> int:
    async with httpx.AsyncClient(verify=TRUSTS_NOBODY) as client:
        counts = [(await client.get(f"{r.health_url}/health/counts")).json() for r in platform.all_replicas()]
    return sum(count["passed_over"] for count in counts)
