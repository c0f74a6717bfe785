"""The last resort of a process that was told to stop: it ends, whatever hangs in it."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import traceback
from collections.abc import Iterator
from types import FrameType
from typing import Any

log = logging.getLogger(__name__)


def end_within(seconds: float, name: str, loop: asyncio.AbstractEventLoop) -> None:
    """From now on the process has that long to end by itself; then it says what it still waits for, and ends with 1.

    From a thread, since a loop that is blocked, or a task that swallows every cancellation (asyncio itself waits for
    those, without a limit, before it closes), could not do it. Nothing is lost by it: a process may be killed at any
    moment.
    """

    def end() -> None:
        try:
            log.critical("%s has not stopped within %g s: ending.\n%s", name, seconds, what_goes_on(loop))
        finally:
            os._exit(1)

    timer = threading.Timer(seconds, end)
    timer.daemon = True  # a process that ends by itself does not wait for it
    timer.start()


def what_goes_on(loop: asyncio.AbstractEventLoop) -> str:
    """Every task of the loop that has not ended, with the lines of code in which it waits, the innermost last."""
    told = []
    for task in asyncio.all_tasks(loop):
        lines = traceback.StackSummary.extract((frame, frame.f_lineno) for frame in _frames(task.get_coro()))
        told.append(f"{task.get_name()}\n{''.join(lines.format())}")
    return "\n".join(told)


def _frames(awaited: Any) -> Iterator[FrameType]:
    # asyncio's own `print_stack` shows the outermost of them only
    while awaited is not None:
        if frame := getattr(awaited, "cr_frame", None) or getattr(awaited, "ag_frame", None):
            yield frame
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "ag_await", None)
