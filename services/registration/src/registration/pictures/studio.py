"""The process that reads a picture, from the side of the service."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import NamedTuple

from ..passwords import Crowded
from .bounds import BROKEN, MOST_BYTES, TOO_HEAVY, PictureRefused

WITHIN_SECONDS = 60.0
MOST_WAITING = 16  # of 8 MB each


class Developed(NamedTuple):
    """A picture as it is shown: `width` and `height` of the large one, both as JPEG."""

    width: int
    height: int
    large: bytes
    small: bytes


class Studio:
    """Develops pictures, so many at one time: each takes a core for a moment, and up to `MOST_MEMORY`."""

    def __init__(self, at_once: int = 1) -> None:
        self._free, self._waiting = asyncio.Semaphore(at_once), 0

    async def develop(self, given: bytes) -> Developed:
        """The picture, made anew in two sizes. Raises PictureRefused or Crowded."""
        if len(given) > MOST_BYTES:
            raise PictureRefused(TOO_HEAVY)
        if self._waiting >= MOST_WAITING:
            raise Crowded
        self._waiting += 1
        try:
            async with self._free:
                said, _, prints = (await _by_a_process(given)).partition(b"\n")
        finally:
            self._waiting -= 1
        try:
            told = json.loads(said)
        except ValueError:
            raise PictureRefused(BROKEN) from None  # it took more than it may, and was ended
        if "refused" in told:
            raise PictureRefused(told["refused"])
        (width, height, size), _ = told["prints"]
        return Developed(width, height, prints[:size], prints[size:])


async def _by_a_process(given: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "registration.pictures"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            out, _ = await process.communicate(given)
    except TimeoutError:
        raise PictureRefused(BROKEN) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return out
