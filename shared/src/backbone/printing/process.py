"""One document in a process of its own, which has an end: for who prints one now and then. (commskit, which prints
kits by the thousand, keeps its processes.)

NotPrinted   the process died, took too long, or refused the document; or too many wait: worth another try
"""

from __future__ import annotations

import asyncio
import json
import os
import sys

AT_ONCE, WAITING = 2, 16
PROCESSOR_SECONDS = 20  # to load all and print a page takes one or two
WALL_SECONDS = 90.0  # on a machine that is busy with other things
KEPT = ("PATH", "LANG", "LD_LIBRARY_PATH", "TMPDIR")
"""Of this process's environment: no secret is handed on."""


class NotPrinted(Exception):
    """A document was not printed; the message says why, for operators."""


class Printer:
    """Prints documents, a few at a time."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._free, self._places = asyncio.Semaphore(at_once), at_once + waiting
        self._taken = 0

    async def pdf(self, html: str, css: str) -> bytes:
        """An accessible PDF of a page of HTML and its style sheet: the same bytes of the same words. Raises
        NotPrinted."""
        if self._taken >= self._places:
            raise NotPrinted("too many documents wait to be printed")
        self._taken += 1
        try:
            async with self._free:
                return await _printed(json.dumps({"html": html, "css": css}).encode())
        finally:
            self._taken -= 1


async def _printed(order: bytes) -> bytes:
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-I", "-m", "backbone.printing.printed")
    env = {name: os.environ[name] for name in KEPT if name in os.environ}
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe, env=env)
    try:
        async with asyncio.timeout(WALL_SECONDS):
            content, said = await process.communicate(order)
    except TimeoutError:
        raise NotPrinted(f"the printing process stood still for {WALL_SECONDS:g} s") from None
    finally:
        if process.returncode is None:  # nobody waits for it any more
            process.kill()
            await process.wait()
    if process.returncode or not content.startswith(b"%PDF"):
        last = said.decode(errors="replace").strip().rpartition("\n")[2]
        raise NotPrinted(f"the printing process ended with {process.returncode}: {last[:200]}")
    return content
