"""Kafka stopped, frozen, and a third of it killed."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backbone.testing.waiting import until
from local_stack.jars import fetch_jars, jars_folder

from .cluster import NODES, ThreeNodes
from .history import History
from .invariants import hold
from .platform import Platform

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


@pytest.fixture
async def on_three(tmp_path: Path, history: History) -> AsyncIterator[Platform]:
    """A platform whose Kafka is three nodes."""
    platform = Platform(tmp_path, history, kafka=ThreeNodes(tmp_path, fetch_jars(jars_folder())))
    try:
        await platform.start()
        yield platform
    finally:
        await platform.stop()


@pytest.mark.thorough
async def test_one_broker_of_three_killed_under_load_costs_nothing(on_three: Platform, chance: random.Random) -> None:
    loading = asyncio.create_task(on_three.load(24, chance, lasting=8.0))
    await asyncio.sleep(chance.uniform(1.0, 3.0))
    node = chance.choice(NODES)
    on_three.history.fault("one node of three killed", node=node)
    on_three.kafka.kill(node)
    await loading
    await hold(on_three)
    await asyncio.to_thread(on_three.kafka.start_again, node)
    await on_three.load(8, chance)
    await hold(on_three)


@pytest.mark.thorough
async def test_leaders_of_three_that_freeze_until_another_leads_and_thaw_cost_nothing(
    on_three: Platform, chance: random.Random
) -> None:
    for node in chance.sample(NODES, 2):
        loading = asyncio.create_task(on_three.load(12, chance, lasting=8.0))
        await asyncio.sleep(chance.uniform(0.5, 2.0))
        on_three.history.fault("a leader of three frozen", node=node)
        on_three.kafka.freeze(node)
        try:
            await until("others lead what it led", lambda node=node: leads_nothing(on_three, node), 60.0)
        finally:
            on_three.kafka.thaw(node)  # and believes for a moment that it still leads
        await loading
    await hold(on_three, lag_seconds=120.0)


@pytest.mark.thorough
async def test_what_cannot_have_two_copies_waits_until_it_can(on_three: Platform, chance: random.Random) -> None:
    await on_three.load(4, chance)
    lost = chance.sample(NODES, 2)
    on_three.history.fault("two nodes of three killed: no write has its two copies", nodes=lost)
    for node in lost:
        on_three.kafka.kill(node)
    await on_three.load(10, chance)  # organisers notice nothing
    assert not await on_three.has_told_all(), "a fact was marked as told that can have no second copy"
    await asyncio.to_thread(on_three.kafka.start_again, *lost)
    await hold(on_three, lag_seconds=120.0)


async def leads_nothing(platform: Platform, node: int) -> bool:
    return not await asyncio.to_thread(platform.kafka.leads, node)
