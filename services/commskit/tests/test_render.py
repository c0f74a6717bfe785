from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from commskit.kit import make_kit
from commskit.render import RenderCrashed, RenderFailed, RenderPool, RenderTimedOut

AGES = 120  # seconds: more than any machine needs to make one kit


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("renderers")


@pytest.fixture(autouse=True)
def _folders(folders, monkeypatch) -> None:
    """Where the processes' private folders are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(folders))


@pytest.fixture(scope="module")
async def shared_pool() -> AsyncIterator[RenderPool]:
    """One for all tests that leave a whole one behind: starting a process takes longer than making a kit."""
    pool = RenderPool(deadline_seconds=AGES)
    yield pool
    await pool.close()


@pytest.fixture
async def pool(shared_pool, job, monkeypatch) -> RenderPool:
    """One process, ready; what a test changes of its patience is put back."""
    monkeypatch.setattr(shared_pool, "deadline_seconds", AGES)
    monkeypatch.setattr(shared_pool, "still_seconds", AGES)
    await shared_pool.kit(*job)
    return shared_pool


@pytest.fixture
async def no_others(shared_pool) -> AsyncIterator[None]:
    """The shared pool rests, so that a test can count what its own starts and leaves."""
    for child in multiprocessing.active_children():
        child.kill()
        await asyncio.to_thread(child.join)
    before = folders_left()  # of those just killed: their pool clears them away later
    yield
    assert renderers() == []
    assert folders_left() <= before


@pytest.fixture
def job(an_event, page_url, look_2026, stamp) -> tuple:
    return an_event(), page_url, look_2026, stamp


def renderers() -> list[int]:
    return [child.pid or 0 for child in multiprocessing.active_children()]


def folders_left() -> set[Path]:
    return set(Path(tempfile.gettempdir()).iterdir())


async def test_one_process_makes_kit_after_kit_the_same_bytes_as_any(pool, job):
    before = renderers()
    made = await asyncio.gather(*(pool.kit(*job) for _ in range(3)))
    assert made == [make_kit(*job)] * 3
    assert renderers() == before
    assert len(before) == 1


async def test_a_refused_event_is_told_in_words_and_costs_no_process(pool, job):
    event, _, look, stamp = job
    before = renderers()
    with pytest.raises(RenderFailed, match=r"ValueError: a poster leads to a web page \(kit\.py:\d+ in make\)"):
        await pool.kit(event, "javascript:alert(1)", look, stamp)
    await pool.kit(*job)
    assert renderers() == before


async def test_a_machine_that_gives_no_time_costs_no_kit(pool, job):
    (starved,) = renderers()
    os.kill(starved, signal.SIGSTOP)
    pool.deadline_seconds = 2.0
    kit = asyncio.create_task(pool.kit(*job))
    done, _ = await asyncio.wait([kit], timeout=2.5)  # longer than the deadline, on the clock on the wall
    assert not done
    os.kill(starved, signal.SIGCONT)
    assert await kit == make_kit(*job)
    assert renderers() == [starved]


async def test_a_process_that_stands_still_is_killed_and_the_next_kit_is_made(pool, job):
    (hung,) = renderers()
    os.kill(hung, signal.SIGSTOP)
    pool.still_seconds = 0.2
    with pytest.raises(RenderCrashed, match=r"stood still for 0\.2 s"):
        await pool.kit(*job)
    pool.still_seconds = AGES
    assert await pool.kit(*job) == make_kit(*job)
    assert hung not in renderers()


@pytest.mark.usefixtures("no_others")
async def test_a_process_that_dies_under_a_kit_is_told_of_and_replaced(job, monkeypatch):
    monkeypatch.setenv("SDI_FAILPOINT", "rendering:2:spin")
    pool = RenderPool(deadline_seconds=AGES)
    await pool.kit(*job)
    (dying,) = map(psutil.Process, renderers())
    idle = dying.cpu_times().user
    kit = asyncio.create_task(pool.kit(*job))
    async with asyncio.timeout(AGES):
        while dying.cpu_times().user < idle + 0.1:  # until it is at work on this kit: killed before, it would be
            await asyncio.sleep(0.01)  # a process that died idle
    dying.kill()
    with pytest.raises(RenderCrashed, match="ended by SIGKILL, maybe for want of memory"):
        await kit
    assert await pool.kit(*job) == make_kit(*job)
    await pool.close()


async def test_a_process_that_dies_idle_is_replaced_unnoticed(pool, job):
    (dying,) = multiprocessing.active_children()
    dying.kill()
    await asyncio.to_thread(dying.join)
    assert await pool.kit(*job) == make_kit(*job)


async def test_a_kit_nobody_waits_for_holds_no_process(pool, job):
    (held,) = renderers()
    os.kill(held, signal.SIGSTOP)
    kit = asyncio.create_task(pool.kit(*job))
    await asyncio.wait([kit], timeout=0.2)  # it is at work, and will be for ever
    kit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await kit
    assert await pool.kit(*job) == make_kit(*job)
    assert held not in renderers()


@pytest.mark.usefixtures("no_others")
async def test_a_render_without_end_is_killed_and_the_next_kit_is_made(job, monkeypatch):
    monkeypatch.setenv("SDI_FAILPOINT", "rendering:2:spin")
    pool = RenderPool(deadline_seconds=AGES)
    await pool.kit(*job)
    pool.deadline_seconds = 0.3
    with pytest.raises(RenderTimedOut, match=r"more than 0\.3 s of processor time"):
        await pool.kit(*job)
    assert renderers() == []
    pool.deadline_seconds = AGES
    assert await pool.kit(*job) == make_kit(*job)
    await pool.close()


@pytest.mark.usefixtures("no_others")
async def test_a_deadline_shorter_than_a_start_leaves_no_process_behind(job):
    pool = RenderPool(deadline_seconds=0.01)
    for _ in range(2):
        with pytest.raises(RenderTimedOut):
            await pool.kit(*job)
        assert renderers() == []
    await pool.close()


@pytest.mark.usefixtures("no_others")
async def test_there_are_never_more_processes_than_renderers_whoever_gives_up(job):
    pool = RenderPool(workers=2, deadline_seconds=AGES)
    for _ in range(5):
        asked = [asyncio.create_task(pool.kit(*job)) for _ in range(4)]
        await asyncio.wait(asked, timeout=0.1)  # some processes are on their way, none is ready
        assert len(renderers()) <= 2
        for kit in asked:
            kit.cancel()
        await asyncio.wait(asked)
    one, other = await asyncio.gather(pool.kit(*job), pool.kit(*job))
    assert one == other == make_kit(*job)
    assert len(renderers()) == 2
    await pool.close()


@pytest.mark.usefixtures("no_others")
async def test_a_process_that_cannot_start_says_so(job, monkeypatch):
    monkeypatch.setattr(sys, "path", [])  # spawned processes are told it: they find nothing of ours
    pool = RenderPool()
    with pytest.raises(RenderCrashed, match="the rendering process ended with 1, while it set itself up"):
        await pool.kit(*job)
    await pool.close()


@pytest.mark.usefixtures("no_others")
async def test_an_idle_pool_holds_no_process_and_no_folder(job):
    pool = RenderPool(deadline_seconds=AGES, idle_seconds=0)
    await pool.kit(*job)
    async with asyncio.timeout(AGES):
        while multiprocessing.active_children():  # counted, never touched: the pool's thread buries it meanwhile
            await asyncio.sleep(0.01)
    await pool.close()


@pytest.mark.usefixtures("no_others")
async def test_a_death_that_another_thread_learns_of_first_is_told_of_as_any(job):
    pool, over = RenderPool(deadline_seconds=0.01), threading.Event()

    def start_others() -> None:
        while not over.is_set():
            multiprocessing.active_children()  # collects the dead, as each start of a process does

    others = asyncio.create_task(asyncio.to_thread(start_others))
    try:
        for _ in range(3):
            with pytest.raises(RenderTimedOut):
                await pool.kit(*job)
    finally:
        over.set()
        await others
        await pool.close()


@pytest.mark.usefixtures("no_others")
async def test_a_closed_pool_leaves_nothing_behind_and_starts_nothing_more(job):
    pool = RenderPool(deadline_seconds=AGES)
    await pool.kit(*job)
    under_way = [asyncio.create_task(pool.kit(*job)) for _ in range(2)]
    await asyncio.wait(under_way, timeout=0.01)
    await pool.close()
    ends = await asyncio.gather(*under_way, pool.kit(*job), return_exceptions=True)
    assert [type(end) for end in ends] == [RenderCrashed] * 3


@pytest.mark.usefixtures("no_others")
async def test_nothing_runs_before_the_first_kit():
    pool = RenderPool()
    assert renderers() == []
    await pool.close()


def test_the_service_itself_never_loads_the_renderer():
    program = "import commskit.render, commskit.domain, sys; print('weasyprint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
