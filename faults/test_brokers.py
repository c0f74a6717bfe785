"""Kafka stopped, frozen, and a third of it killed."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from pathlib import Path

import pytest

from local_stack.jars import fetch_jars, jars_folder

from .cluster import NODES, ThreeNodes
from .history import History
from .invariants import hold
from .platform import Platform
from .waiting import until

GAVE_UP = "the relay lost its database or broker"


async def none_is_ready(platform: Platform) -> bool:
    return not any([await replica.is_ready() for replica in platform.all_replicas()])


async def test_a_broker_stopped_under_load_and_started_again_costs_nothing(
    platform: Platform, chance: random.Random
) -> None:
    loading = asyncio.create_task(platform.load(24, chance, lasting=8.0))
    await asyncio.sleep(chance.uniform(1.0, 3.0))
    platform.history.fault("Kafka stopped")
    await asyncio.to_thread(platform.kafka.stop)
    await loading  # organisers notice nothing: what they post waits in the outbox
    await until("every service says that it is not ready", lambda: none_is_ready(platform), 60.0)
    await asyncio.to_thread(platform.kafka.start)
    await hold(platform)


@pytest.mark.thorough
async def test_a_broker_away_for_longer_than_its_clients_are_patient_ends_no_service(
    platform: Platform, chance: random.Random
) -> None:
    platform.history.fault("Kafka stopped for long")
    await asyncio.to_thread(platform.kafka.stop)
    before = platform.times_logged(GAVE_UP)
    await platform.load(12, chance)  # facts to be told, with nobody there to hear them
    # once for what was handed to the client, once or more for a client that cannot even begin
    await until("the relay has given up again and again", lambda: gave_up(platform, before + 3), 120.0)
    await asyncio.to_thread(platform.kafka.start)
    await hold(platform)


async def gave_up(platform: Platform, times: int) -> bool:
    assert all(replica.runs for replica in platform.all_replicas()), "a service has ended"
    return platform.times_logged(GAVE_UP) >= times


@pytest.mark.thorough
async def test_a_broker_frozen_under_load_costs_nothing(platform: Platform, chance: random.Random) -> None:
    loading = asyncio.create_task(platform.load(24, chance, lasting=12.0))
    for _ in range(2):
        await asyncio.sleep(chance.uniform(0.5, 2.0))
        platform.history.fault("Kafka frozen")
        os.kill(platform.kafka.pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(chance.uniform(3.0, 8.0))  # about as long as a reader's session
        finally:
            os.kill(platform.kafka.pid, signal.SIGCONT)
    await loading
    await hold(platform)


@pytest.mark.thorough
async def test_one_broker_of_three_killed_under_load_costs_nothing(
    tmp_path: Path, history: History, chance: random.Random
) -> None:
    cluster = ThreeNodes(tmp_path, fetch_jars(jars_folder()))
    platform = Platform(tmp_path, history, kafka=cluster)
    try:
        await platform.start()
        loading = asyncio.create_task(platform.load(24, chance, lasting=8.0))
        await asyncio.sleep(chance.uniform(1.0, 3.0))
        node = chance.choice(NODES)
        history.fault("one node of three killed", node=node)
        cluster.kill(node)
        await loading
        await hold(platform)
        await asyncio.to_thread(cluster.start_again, node)
        await platform.load(8, chance)
        await hold(platform)
    finally:
        await platform.stop()
