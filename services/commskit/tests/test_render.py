from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from commskit.kit import make_kit
from commskit.render import RenderCrashed, RenderFailed, RenderPool, RenderTimedOut

AGES = 120  # seconds: more than any machine needs to make one kit


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch) -> Path:
    """Where the processes' private folders are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
async def pool(folders) -> AsyncIterator[RenderPool]:
    pool = RenderPool(deadline_seconds=AGES)
    yield pool
    await pool.close()


@pytest.fixture
def job(an_event, page_url, look_2026, stamp) -> tuple:
    return an_event(), page_url, look_2026, stamp


def renderers() -> list[int]:
    return [child.pid or 0 for child in multiprocessing.active_children()]


async def test_a_kit_is_the_same_bytes_from_any_process(pool, job):
    assert await pool.kit(*job) == make_kit(*job)


async def test_one_process_makes_kit_after_kit(pool, job):
    await pool.kit(*job)
    before = renderers()
    await asyncio.gather(*(pool.kit(*job) for _ in range(3)))
    assert renderers() == before
    assert len(before) == 1


async def test_nothing_runs_before_the_first_kit(pool, folders):
    assert (renderers(), list(folders.iterdir())) == ([], [])


async def test_a_render_that_hangs_is_killed_and_the_next_kit_is_made(pool, job):
    await pool.kit(*job)
    (hung,) = renderers()
    os.kill(hung, signal.SIGSTOP)
    pool.deadline_seconds = 0.2
    with pytest.raises(RenderTimedOut):
        await pool.kit(*job)
    pool.deadline_seconds = AGES
    assert await pool.kit(*job) == make_kit(*job)
    assert hung not in renderers()


async def test_a_process_that_dies_under_a_kit_is_replaced(pool, job):
    await pool.kit(*job)
    (dying,) = renderers()
    os.kill(dying, signal.SIGSTOP)
    kit = asyncio.create_task(pool.kit(*job))
    os.kill(dying, signal.SIGKILL)
    with pytest.raises(RenderCrashed):
        await kit
    assert await pool.kit(*job) == make_kit(*job)


async def test_a_kit_nobody_waits_for_holds_no_process(pool, job):
    await pool.kit(*job)
    (held,) = renderers()
    os.kill(held, signal.SIGSTOP)
    kit = asyncio.create_task(pool.kit(*job))
    await asyncio.wait([kit], timeout=0.2)  # it is at work, and will be for ever
    kit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await kit
    assert await pool.kit(*job) == make_kit(*job)


async def test_a_refused_event_is_told_in_words_and_costs_no_process(pool, job):
    event, _, look, stamp = job
    await pool.kit(*job)
    before = renderers()
    with pytest.raises(RenderFailed, match="ValueError: a poster leads to a web page"):
        await pool.kit(event, "javascript:alert(1)", look, stamp)
    await pool.kit(*job)
    assert renderers() == before


async def test_an_idle_pool_holds_no_process_and_no_folder(job, folders):
    pool = RenderPool(deadline_seconds=AGES, idle_seconds=0)
    await pool.kit(*job)
    for child in multiprocessing.active_children():
        await asyncio.to_thread(child.join)
    await pool.close()
    assert (renderers(), list(folders.iterdir())) == ([], [])


async def test_a_closed_pool_leaves_nothing_behind(pool, job, folders):
    await pool.kit(*job)
    await pool.close()
    assert (renderers(), list(folders.iterdir())) == ([], [])


async def test_two_processes_make_two_kits_at_once(job):
    pool = RenderPool(workers=2, deadline_seconds=AGES)
    one, other = await asyncio.gather(pool.kit(*job), pool.kit(*job))
    assert one == other
    assert len(renderers()) == 2
    await pool.close()


def test_the_service_itself_never_loads_the_renderer():
    program = "import commskit.render, commskit.domain, sys; print('weasyprint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
