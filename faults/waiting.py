"""Waiting for something to be so, with a deadline; never merely for time to pass."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable


async def until(what: str, holds: Callable[[], Awaitable[object]], seconds: float = 60.0, pace: float = 0.1) -> None:
    """Returns once `holds()` is true; fails with its last answer once the deadline has passed."""
    give_up = time.monotonic() + seconds
    while not (answer := await holds()):
        assert time.monotonic() < give_up, f"{what}: not so after {seconds:.0f} s ({answer!r})"
        await asyncio.sleep(pace)
