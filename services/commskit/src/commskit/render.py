"""Kits made in other processes, which may be killed: a render that hangs or dies takes no service with it.

RenderError
├── RenderTimedOut   it used up its processor time: once more would take as long
├── RenderFailed     the renderer refused the event: a fault of ours, the same every time
└── RenderCrashed    the process died under it, could not start or stood still: worth another try
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import signal
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from shutil import rmtree
from typing import Any

import psutil

from backbone.contracts import KitPiece, PublicEvent, Slot

from .domain import Kit, Look
from .renderer import SETTING_UP_SECONDS, Order, serve

_KITS_PER_PROCESS = 2000  # then a fresh one, whatever it may have leaked
_GLANCE_SECONDS = 1.0  # how often a process that says nothing is looked at


class RenderError(Exception):
    """A kit was not made; the message says why, and quotes at most what is public."""

    @property
    def detail(self) -> str:
        return str(self)


class RenderTimedOut(RenderError):
    """A kit took more processor time than it may."""


class RenderCrashed(RenderError):
    """The process died while it made a kit, or was of no use."""


class RenderFailed(RenderError):
    """The renderer raised an error."""


class RenderPool:
    """So many processes that make kits, and never more; started at the first kit and gone again when idle."""

    def __init__(
        self,
        workers: int = 1,
        deadline_seconds: float = 20,
        idle_seconds: float = 300,
        still_seconds: float = 60,
    ) -> None:
        """`deadline_seconds` is of processor time, for one kit, in a process that is ready: on a busy machine the
        clock on the wall says little. A process that uses none at all for `still_seconds` is ended too."""
        self.deadline_seconds, self.still_seconds = deadline_seconds, still_seconds
        self._idle_seconds = idle_seconds
        self._renderers = [_Renderer() for _ in range(workers)]
        self._free: asyncio.LifoQueue[_Renderer] = asyncio.LifoQueue()  # last in, first out: the rest idle away
        for renderer in self._renderers:
            self._free.put_nowait(renderer)
        # a thread for each: a process is started, listened to and buried by one thread, one thing after the other
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="renderer")
        self._closed = False

    async def kit(
        self,
        event: PublicEvent,
        page_url: str,
        look: Look,
        stamp: datetime,
        earlier: Sequence[Sequence[Slot]] = (),
    ) -> Kit:
        """The kit of an event, as `make_kit` makes it. Waits for a free process; raises RenderError."""
        renderer, order = await self._free.get(), Order(event, page_url, look, stamp, earlier)
        if self._closed:
            self._free.put_nowait(renderer)  # for the next one who waits, to be told the same
            raise RenderCrashed("the service stops")
        renderer.is_wanted = True
        if renderer.idle:
            renderer.idle.cancel()
        run = asyncio.get_running_loop().run_in_executor
        making = run(self._threads, renderer.make, order, self.deadline_seconds, self.still_seconds)
        making.add_done_callback(lambda made: self._take_back(renderer, made))
        try:
            return await asyncio.shield(making)
        except asyncio.CancelledError:  # nobody waits for this kit any more
            renderer.dismiss()
            raise

    def _take_back(self, renderer: _Renderer, made: asyncio.Future[Kit]) -> None:
        """A renderer is free once its thread has come back, and not before: its process is at rest, or buried."""
        if not made.cancelled():
            made.exception()  # told already, unless nobody waited
        renderer.idle = asyncio.get_running_loop().call_later(self._idle_seconds, self._retire, renderer)
        self._free.put_nowait(renderer)

    def _retire(self, renderer: _Renderer) -> None:
        if not self._closed:
            self._threads.submit(renderer.end)

    async def close(self) -> None:
        """Ends all processes. A kit that is being made is lost, and its caller told `RenderCrashed`."""
        self._closed = True
        for renderer in self._renderers:
            renderer.dismiss()
        await asyncio.to_thread(self._threads.shutdown)
        await asyncio.gather(*(asyncio.to_thread(renderer.end) for renderer in self._renderers))


class _Renderer:
    """One process at a time. All but `dismiss` is called in the pool's threads, one call at a time."""

    idle: asyncio.TimerHandle | None = None
    is_wanted = True

    def __init__(self) -> None:
        self._alone = threading.RLock()  # of whoever starts the process, buries it or kills it
        self._busy = threading.Lock()
        self._process: SpawnProcess | None = None
        self._pipe: Connection
        self._folder = ""
        self._kits = 0

    def make(self, order: Order, seconds: float, still_seconds: float) -> Kit:
        """The kit. Raises RenderError; the process is gone then, unless it only refused the event."""
        with self._busy:
            try:
                if self._process and not self._process.is_alive():
                    self._end()  # killed while it was idle: no kit's fault
                if self._process is None:
                    self._start(still_seconds)
                with suppress(OSError):  # dead: what it said before is still to be heard
                    self._pipe.send((order, seconds))
                words = self._hear(still_seconds)
                kit = None if "refused" in words else _kit(words, self._pipe.recv_bytes())
            except (EOFError, OSError):
                raise self._epitaph(seconds) from None
            except BaseException:
                self._end()
                raise
            self._kits += 1
            if self._kits >= _KITS_PER_PROCESS:
                self._end()
            if kit is None:
                raise RenderFailed(words["refused"])
            return kit

    def end(self) -> None:
        """Ends the process, unless it has been given another kit meanwhile."""
        if self._busy.acquire(blocking=False):
            try:
                self._end()
            finally:
                self._busy.release()

    def dismiss(self) -> None:
        """Has the kit under way given up: its process is killed, as it holds nothing that matters."""
        with self._alone:
            self.is_wanted = False
            if self._process:
                self._process.kill()

    def _start(self, still_seconds: float) -> None:
        with self._alone:
            if not self.is_wanted:
                raise RenderCrashed("nobody waits for this kit any more")
            self._kits, self._folder = 0, tempfile.mkdtemp(prefix="commskit-")
            context = multiprocessing.get_context("spawn")  # a fork would copy our threads' locks
            self._pipe, theirs = context.Pipe()
            process = context.Process(target=serve, args=(theirs, self._folder), daemon=True)
            with theirs:
                try:
                    process.start()
                except OSError as error:
                    rmtree(self._folder, ignore_errors=True)
                    raise RenderCrashed(f"no rendering process can be started: {error.strerror}") from error
            self._process = process
        try:
            words = self._hear(still_seconds)
        except (EOFError, OSError):
            raise RenderCrashed(f"{self._epitaph(SETTING_UP_SECONDS)}, while it set itself up") from None
        if "broken" in words:
            raise RenderCrashed(f"the rendering process cannot work: {words['broken']}")

    def _hear(self, still_seconds: float) -> dict[str, Any]:
        """What the process says next. Raises EOFError if it died, RenderCrashed if it stands still."""
        assert self._process is not None
        used, since = -1.0, time.monotonic()
        while not self._pipe.poll(min(_GLANCE_SECONDS, still_seconds / 4)):
            if (uses := _processor_seconds(self._process)) > used:
                used, since = uses, time.monotonic()
            elif time.monotonic() - since > still_seconds:
                raise RenderCrashed(f"the rendering process stood still for {still_seconds:g} s")
        words: dict[str, Any] = json.loads(self._pipe.recv_bytes())
        return words

    def _epitaph(self, seconds: float) -> RenderError:
        """What a process that is dead, or is no longer heard, died of."""
        code = self._end()
        if code == -signal.SIGPROF:
            return RenderTimedOut(f"more than {seconds:g} s of processor time")
        if code < 0:
            of_memory = ", maybe for want of memory" if code == -signal.SIGKILL else ""
            return RenderCrashed(f"the rendering process was ended by {signal.Signals(-code).name}{of_memory}")
        return RenderCrashed(f"the rendering process ended with {code}")

    def _end(self) -> int:
        """Buries the process, at work or not; its exit code. Only then may another be started."""
        with self._alone:
            process, self._process = self._process, None
        if process is None:
            return 0
        process.kill()
        while (code := process.exitcode) is None:  # joined or not: a thread that starts another process collects all
            process.join()  # that have died, and may know of this one's death without having written it down yet
        process.close()
        self._pipe.close()
        rmtree(self._folder, ignore_errors=True)
        return code


def _kit(words: dict[str, Any], content: bytes) -> Kit:
    pieces = tuple(map(KitPiece.model_validate, words["pieces"]))
    return Kit(filename=words["filename"], pieces=pieces, content=content)


def _processor_seconds(process: SpawnProcess) -> float:
    try:
        times = psutil.Process(process.pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
