"""PostgreSQL stopped, its connections cut, its disk full."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from backbone.testing.waiting import until
from local_stack.ports import HOST
from local_stack.postgres import LocalPostgres
from provision.databases import SERVICES

from .history import History
from .invariants import hold
from .platform import Platform

CUT_ALL = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename <> 'postgres'"


async def test_a_database_stopped_under_load_and_started_again_costs_nothing(
    platform: Platform, chance: random.Random
) -> None:
    loading = asyncio.create_task(platform.load(24, chance, lasting=8.0))
    for _ in range(2):
        await asyncio.sleep(chance.uniform(1.0, 3.0))
        platform.history.fault("PostgreSQL stopped")
        await asyncio.to_thread(platform.postgres.stop)
        await asyncio.sleep(chance.uniform(1.0, 4.0))
        await asyncio.to_thread(platform.postgres.start)
    await loading
    await hold(platform)


@pytest.mark.thorough
async def test_connections_cut_again_and_again_under_load_cost_nothing(
    platform: Platform, chance: random.Random
) -> None:
    loading = asyncio.create_task(platform.load(30, chance, lasting=12.0))
    for _ in range(10):
        await asyncio.sleep(chance.uniform(0.2, 1.5))
        async with platform.admin("postgres") as connection:
            cut = await connection.fetchval(CUT_ALL)
        platform.history.fault("connections cut", number=cut)
    await loading
    await hold(platform)


async def test_a_database_whose_connections_lead_nowhere_any_more_costs_nothing(
    platform: Platform, chance: random.Random, road: Any
) -> None:
    """A router that forgot them, a host that was switched off: no end of a connection arrives, and no answer."""
    server = make_url(platform.postgres.admin_url)
    async with road.to(server.host, server.port) as port:
        detours = {service: make_url(platform.postgres.url(service)).set(host=HOST, port=port) for service in SERVICES}
        await asyncio.gather(
            *(
                platform.restart(
                    platform.replicas[service][0], DATABASE_URL=detour.render_as_string(hide_password=False)
                )
                for service, detour in detours.items()
            )
        )
        await platform.ready()
        loading = asyncio.create_task(platform.load(20, chance, lasting=8.0))
        for _ in range(2):
            await asyncio.sleep(chance.uniform(1.0, 3.0))
            platform.history.fault("connections forgotten")
            road.forget_all()
        await loading
        await hold(platform, lag_seconds=150.0)  # a statement's patience twice, and the time of a restart
        await asyncio.gather(*(platform.end(replica) for replica in platform.all_replicas()))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 700 MB: what a PostgreSQL with five databases needs, and some."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=700m", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"a disk cannot be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(folder: Path) -> Path:
    """Fills a disk to the last byte; gives the file that does."""
    ballast = folder / "ballast"
    with ballast.open("wb") as file:
        for size in (2**20, 2**12):
            try:
                while True:
                    os.write(file.fileno(), bytes(size))
            except OSError:
                continue
    return ballast


@pytest.mark.thorough
async def test_a_database_whose_disk_is_full_says_so_and_goes_on_once_there_is_room(
    small_disk: Path, tmp_path: Path, history: History, chance: random.Random
) -> None:
    postgres = LocalPostgres(small_disk, fast=True)
    platform = Platform(tmp_path, history, postgres=postgres)
    try:
        await platform.start()
        await platform.load(6, chance)
        history.fault("disk full")
        ballast = fill(small_disk)
        # far more than fits into the pages and segments that are there already
        loading = asyncio.create_task(platform.load(45, chance, lasting=6.0))

        async def is_refused() -> bool:
            lines = history.file.read_text().splitlines()
            return any('"not acknowledged"' in line for line in lines[lines_before:])

        lines_before = len(history.file.read_text().splitlines())
        await force_growth(platform)
        await until("an organiser is told that something is not well", is_refused, 60.0)
        ballast.unlink()
        history.note("room made")
        if postgres.pid is None:  # a full disk may end the server itself: whoever made room starts it again
            await asyncio.to_thread(postgres.start)
        await loading
        await hold(platform)
    finally:
        await platform.stop()


async def force_growth(platform: Platform) -> None:
    """Ends the free space inside the files that the database has already: a new segment of its log is due."""
    async with platform.admin("postgres") as connection:
        try:
            for _ in range(20):
                await connection.execute(
                    "SELECT pg_switch_wal(), pg_logical_emit_message(true, 'faults', repeat('x', 999))"
                )
        except Exception as error:  # what it says is what is asked for
            platform.history.note("PostgreSQL says", error=str(error))
