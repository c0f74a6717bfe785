"""Waiting for something to be so, with a deadline; never merely for time to pass."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable


def stretched(seconds: float) -> float:
    """A deadline that was meant for a machine with nothing else to do, on this one as busy as it is now."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


async def until(what: str, holds: Callable[[], Awaitable[object]], seconds: float = 60.0, pace: float = 0.1) -> None:
    """Returns once `holds()` is true; fails with its last answer once the deadline, stretched, has passed."""
    began = time.monotonic()
    while not (answer := await holds()):
        waited, allowed = time.monotonic() - began, stretched(seconds)
        assert waited < allowed, f"{what}: not so after {waited:.0f} s, {seconds:.0f} on an idle machine ({answer!r})"
        await asyncio.sleep(pace)
