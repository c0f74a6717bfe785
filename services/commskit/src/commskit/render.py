"""Kits made in other processes, which may be killed: a render that hangs or dies takes no service with it.

RenderError
├── RenderTimedOut   the deadline passed, the process was killed: once more would take as long
├── RenderCrashed    the process died under it: worth one more try, and no second
└── RenderFailed     the renderer refused the event: a fault of ours, the same every time
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import signal
import tempfile
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from traceback import extract_tb

from backbone.contracts.event import PublicEvent

from .domain import Kit, Look

# The renderer itself (`.kit`, and WeasyPrint behind it) is imported by the functions that run in the other
# process, and never here: an idle service stays small.

_MEMORY_LIMIT = 1024**3  # of a render's address space; a kit needs a third of it
_KITS_PER_PROCESS = 2000  # then a fresh one, whatever it may have leaked


class RenderError(Exception):
    """A kit was not made; the message says why, and quotes at most what is public."""

    @property
    def detail(self) -> str:
        return str(self)


class RenderTimedOut(RenderError):
    """A kit took longer than the deadline."""


class RenderCrashed(RenderError):
    """The process died while it made a kit."""


class RenderFailed(RenderError):
    """The renderer raised an error."""


class RenderPool:
    """So many processes that make kits, started at the first kit and gone again when idle."""

    def __init__(self, workers: int = 1, deadline_seconds: float = 20, idle_seconds: float = 300) -> None:
        self.deadline_seconds = deadline_seconds
        self._workers = [_Worker(idle_seconds) for _ in range(workers)]
        self._free: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()  # last in, first out: the rest idle away
        for worker in self._workers:
            self._free.put_nowait(worker)

    async def kit(self, event: PublicEvent, page_url: str, look: Look, stamp: datetime) -> Kit:
        """The kit of an event, as `make_kit` makes it. Waits for a free process; raises RenderError."""
        worker = await self._free.get()
        try:
            async with asyncio.timeout(self.deadline_seconds):
                return await worker.make(event, page_url, look, stamp)
        except TimeoutError as error:
            raise RenderTimedOut(f"no kit after {self.deadline_seconds} s") from error
        finally:
            self._free.put_nowait(worker)

    async def close(self) -> None:
        """Ends all processes. A kit that is being made is lost, and its caller told `RenderCrashed`."""
        await asyncio.gather(*(worker.close() for worker in self._workers))


class _Worker:
    """One process at a time, in an executor of its own: the process of a late kit is known, and killing it
    hits no other kit."""

    def __init__(self, idle_seconds: float) -> None:
        self._idle_seconds = idle_seconds
        self._executor: ProcessPoolExecutor | None = None
        self._folder = ""
        self._pid: int | None = None
        self._kits = 0
        self._idle: asyncio.TimerHandle | None = None
        self._endings: set[asyncio.Future[None]] = set()

    async def make(self, event: PublicEvent, page_url: str, look: Look, stamp: datetime) -> Kit:
        if self._idle:
            self._idle.cancel()
        try:
            executor = self._executor or self._start()
            self._pid = self._pid or await asyncio.wrap_future(executor.submit(os.getpid))
            kit = await asyncio.wrap_future(executor.submit(_make, event, page_url, look, stamp))
        except RenderFailed:
            self._rest()
            raise
        except BrokenProcessPool as error:
            self._end()
            raise RenderCrashed("the rendering process died") from error
        except BaseException:  # the deadline, or a caller that gave up: nobody waits for this kit any more
            self._end()
            raise
        self._rest()
        return kit

    async def close(self) -> None:
        if self._idle:
            self._idle.cancel()
        self._end()
        await asyncio.gather(*self._endings)

    def _start(self) -> ProcessPoolExecutor:
        self._folder, self._kits = tempfile.mkdtemp(prefix="commskit-"), 0
        self._executor = ProcessPoolExecutor(
            max_workers=1,
            mp_context=multiprocessing.get_context("spawn"),  # a fork would copy our threads' locks
            initializer=_set_up,
            initargs=(self._folder,),
        )
        return self._executor

    def _rest(self) -> None:
        self._kits += 1
        if self._kits >= _KITS_PER_PROCESS:
            self._end()
        else:
            self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self._end)

    def _end(self) -> None:
        """Kills the process, at work or not: it holds nothing that matters."""
        executor, pid, self._executor, self._pid = self._executor, self._pid, None, None
        if executor is None:
            return
        if pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        ending = asyncio.ensure_future(asyncio.to_thread(_clear_away, executor, self._folder))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)


def _clear_away(executor: ProcessPoolExecutor, folder: str) -> None:
    executor.shutdown(cancel_futures=True)
    rmtree(folder, ignore_errors=True)


# What follows runs in the other process.


def _set_up(folder: str) -> None:
    """Once per process: bounds, a place for the font files that WeasyPrint leaves behind, the studio."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service: it stops us when it is ready
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    limit = _MEMORY_LIMIT if most == resource.RLIM_INFINITY else min(_MEMORY_LIMIT, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, most))
    tempfile.tempdir = folder
    threading.Thread(target=_leave_with_parent, args=(folder,), daemon=True).start()
    from .kit import studio  # here only: see the top

    studio()


def _leave_with_parent(folder: str) -> None:
    """Were the service killed outright, its executor's processes would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        rmtree(folder, ignore_errors=True)
        os._exit(1)


def _make(event: PublicEvent, page_url: str, look: Look, stamp: datetime) -> Kit:
    from .kit import make_kit  # here only: see the top

    try:
        return make_kit(event, page_url, look, stamp)
    except Exception as error:
        # In words: to unpickle an error of WeasyPrint's, the service would have to import it.
        raise RenderFailed(f"{type(error).__name__}: {error} ({_where(error)})") from error


def _where(error: Exception) -> str:
    """The innermost line of ours that it came from, e.g. « fit.py:88 in lines »."""
    ours = [frame for frame in extract_tb(error.__traceback__) if Path(frame.filename).parent == Path(__file__).parent]
    frame = ours[-1]  # there is one: we called
    return f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}"
