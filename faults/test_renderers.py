"""A machine that has no processor time to spare for the kits."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from .invariants import hold
from .platform import Platform

ALLOWED = 2.0  # seconds of processor time for a kit, which takes half of one
HOGS = 4  # beside which even a start (1.5 s) takes several times longer than that, on the clock on the wall


@contextmanager
def busy_core() -> Iterator[int]:
    """A processor core that others keep busy all the time."""
    core = min(os.sched_getaffinity(0))
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(HOGS)]
    try:
        for hog in hogs:
            psutil.Process(hog.pid).cpu_affinity([core])
        yield core
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


async def most_renderers(pid: int) -> int:
    """The most processes that a service had at once, until its watcher is cancelled."""
    most = 0
    try:
        while True:
            children = [" ".join(child.cmdline()) for child in psutil.Process(pid).children()]
            most = max(most, sum("spawn_main" in line for line in children))
            await asyncio.sleep(0.1)
    except asyncio.CancelledError:
        return most


async def test_a_starved_processor_makes_kits_late_and_costs_none(platform: Platform, chance: random.Random) -> None:
    (replica,) = platform.replicas["commskit"]
    await platform.restart(replica, RENDER_SECONDS=str(ALLOWED))
    await platform.ready()
    with busy_core() as core:
        psutil.Process(replica.pid).cpu_affinity([core])  # and with it the processes that it starts
        platform.history.fault("processor starved", hogs=HOGS, service="commskit")
        watching = asyncio.create_task(most_renderers(replica.pid))
        await platform.load(6, chance)
        await platform.at_rest(lag_seconds=180.0)  # what is asked of it then needs no starving
        watching.cancel()
    await hold(platform)
    assert await watching == 1
