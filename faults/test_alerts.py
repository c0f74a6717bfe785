"""Each kind of fault is told within two minutes by the alert that is meant for it, and by no page that is not about it;
and the alert ends once the fault is mended as its page says."""

from __future__ import annotations

import asyncio
import os
import random
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest

from backbone.testing.waiting import until
from local_stack.places import Places

from .breaking import FAULTS, Fault
from .history import History
from .platform import Platform
from .watch import WHAT_HAPPENED, Watch

ROOT = Path(__file__).parents[1]
EVENTS = 14  # a few of each: labelled, refused, doubtful, online, amended, taken back


async def organisers_at_work(platform: Platform, chance: random.Random, over: asyncio.Event) -> None:
    """Somebody posts something all the time, until it is over; returns once all of that is acknowledged."""
    while not over.is_set():
        await platform.load(3, chance, lasting=4.0)


@asynccontextmanager
async def watched(platform: Platform, folder: Path) -> AsyncIterator[Watch]:
    watch = Watch(platform, folder)
    await watch.start()
    try:
        yield watch
    finally:
        await watch.stop()


def commands_of(alert: str) -> list[str]:
    """What its page says to run, in its order, on one machine."""
    page = (ROOT / "docs" / "runbook" / f"{alert}.md").read_text()
    return [
        line for block in re.findall(r"```sh\n(.*?)```", page, re.S) for line in block.splitlines() if "make" in line
    ]


def run_as_operator(command: str, state: Path) -> subprocess.Popen[str]:
    unmade = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    environ = {**unmade, "LOCAL_STACK": str(state), "COLUMNS": "200"}
    return subprocess.Popen(
        command, shell=True, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


async def test_a_stopped_geocoding_is_told_and_its_page_leads_to_the_repair(
    platform: Platform, chance: random.Random, tmp_path: Path
) -> None:
    (replica,) = platform.replicas["geocoding"]
    # as the local stack keeps it for an operator's commands
    places = Places(platform.state)
    told = {
        **platform.settings_of("geocoding"),
        "HTTP_PORT": str(replica.port),
        "HEALTH_PORT": str(replica.health_port),
    }
    places.keep_settings({"geocoding": told, "operator": platform.settings_of_operator()})
    async with watched(platform, tmp_path) as watch:
        await watch.is_well()
        platform.history.fault("stopped for good", service="geocoding")
        await platform.end(replica)
        loading = asyncio.create_task(platform.load(EVENTS, chance))
        await watch.fires({"ServiceAway geocoding"})
        await loading
        assert watch.pages == {"ServiceAway geocoding"}
        assert "no new event finds its place on the map" in watch.texts["ServiceAway geocoding"]
        assert "docs/runbook/ServiceAway.md" in watch.texts["ServiceAway geocoding"]
        look, repair, look_again = (line.replace("SERVICE", "geocoding") for line in commands_of("ServiceAway"))
        assert re.search(r"^geocoding: \d+ facts? behind$", await said(look, platform.state), re.M)
        started = run_as_operator(repair, platform.state)
        try:
            await watch.is_well("ServiceAway geocoding")
            await until("nothing waits any more", lambda: has_caught_up(look_again, platform.state), 60.0, pace=1.0)
        finally:
            for child in [*find_children(started.pid)]:
                with suppress(psutil.NoSuchProcess):  # whoever is ended takes its own along
                    child.terminate()
            await asyncio.to_thread(started.communicate)
    replica.start()
    await platform.at_rest()


async def said(command: str, state: Path) -> str:
    out, _ = await asyncio.to_thread(run_as_operator(command, state).communicate)
    return out


async def has_caught_up(command: str, state: Path) -> bool:
    return "geocoding: has heard everything" in await said(command, state)


def find_children(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True) if psutil.pid_exists(pid) else []


@pytest.fixture(scope="module")
async def beside(tmp_path_factory: pytest.TempPathFactory, history: History) -> AsyncIterator[tuple[Platform, Watch]]:
    """A platform of its own, and a Prometheus that has seen it from its start."""
    platform = Platform(tmp_path_factory.mktemp("watched"), history)
    try:
        await platform.start()
        async with watched(platform, tmp_path_factory.mktemp("prometheus")) as watch:
            yield platform, watch
    finally:
        await platform.stop()


@pytest.mark.thorough
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
async def test_a_fault_is_told_in_time_by_the_alert_that_is_meant_and_by_no_other_page(
    beside: tuple[Platform, Watch], chance: random.Random, fault: Fault
) -> None:
    platform, watch = beside
    await platform.ready()
    await platform.load(EVENTS, chance)
    await watch.is_well()
    watch.note_anew()
    over, failure = asyncio.Event(), None
    async with fault.how(platform, watch, chance):
        posting = asyncio.create_task(organisers_at_work(platform, chance, over)) if not fault.silent else None
        try:
            await watch.fires(set(fault.raises))
        except AssertionError as error:
            failure = error  # first it is repaired: the next fault is to find a whole platform
        over.set()
    if posting:
        await posting  # what was not acknowledged while it was broken is now
    await platform.ready()
    await watch.is_well(*fault.raises)
    if failure:
        raise failure
    unmeant = watch.pages - fault.raises - fault.follows
    assert {name for name in unmeant if name.split()[0] not in WHAT_HAPPENED} == set()
    assert [text for text in watch.texts.values() if "error expanding" in text or "<no value>" in text] == []


@pytest.mark.thorough
async def test_where_nobody_looks_addresses_up_the_canary_is_late_and_comes_again_by_itself(
    beside: tuple[Platform, Watch],
) -> None:
    platform, watch = beside
    (registration,), (geocoding,) = platform.replicas["registration"], platform.replicas["geocoding"]
    await platform.restart(registration, CANARY_EVERY_SECONDS="2")
    await platform.ready()
    await watch.sees('sdi_canary_seconds_count{stage="on_map"} > 1')
    await watch.is_well()
    platform.history.fault("stopped for good", service="geocoding")
    await platform.end(geocoding)
    await watch.fires({"ServiceAway geocoding"})
    await watch.fires({"CanaryLate"})  # five of them in a row, and a minute
    geocoding.start()
    await platform.ready()
    await watch.is_well("ServiceAway geocoding", "CanaryLate")
    await platform.restart(registration)
    await platform.ready()
    await watch.is_well("CanaryLate")  # none is submitted any more, and none is missed


@pytest.mark.thorough
async def test_what_tells_of_something_that_has_happened_ends_by_itself(beside: tuple[Platform, Watch]) -> None:
    _, watch = beside
    await until("all is quiet", lambda: no_word(watch), 660.0, pace=5.0)


async def no_word(watch: Watch) -> bool:
    told = {name.split()[0] for name in await watch.firing()}
    return not told & WHAT_HAPPENED  # a target that was missed is so for an hour
