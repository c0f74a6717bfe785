"""The process that reads a file, from the side of the service."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ..domain.sheet_columns import COLUMNS, Columns
from ..domain.sheet_headings import Layout, find_headings
from .bounds import BROKEN, MOST_MEMORY, NO_HEADINGS, TOO_HEAVY, SheetRefused

LONGEST_LINE = 4 * 1024 * 1024
"""Bytes: of a row whose every cell is as long as is kept. Twice as much waits here at the most."""
WITHIN_SECONDS = 300.0


class Reading:
    """A file as it is being read."""

    def __init__(
        self, process: asyncio.subprocess.Process, layout: Layout, first: dict[str, Any], lines: AsyncIterator[Any]
    ) -> None:
        self.process, self.layout, self._lines = process, layout, lines
        self.sheet: str | None = first["sheet"]
        self.notices: list[str] = first["notices"]

    async def rows(self) -> AsyncIterator[tuple[int, list[str]]]:
        """The rows, as they come. Raises SheetRefused."""
        async for line in self._lines:
            if isinstance(line, dict):
                if "refused" in line:
                    raise SheetRefused(line["refused"])
                return
            yield line[0], line[1]
        raise SheetRefused(await _why_it_died(self.process))


@asynccontextmanager
async def reading(path: Path, columns: Columns = COLUMNS, *, mebibytes: int = MOST_MEMORY) -> AsyncIterator[Reading]:
    """Reads the file in a process of its own, of so much memory, which ends with the context; its rows are read by
    these columns. Raises SheetRefused."""
    command = (sys.executable, "-m", "registration.sheets", str(path), str(mebibytes))
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, limit=LONGEST_LINE
    )
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            lines = _lines(process)
            first = await anext(lines, None)
            if first is None:
                raise SheetRefused(await _why_it_died(process))
            if "refused" in first:
                raise SheetRefused(first["refused"])
            layout = find_headings([(first["row"], first["headings"])], columns)
            if layout is None:
                raise SheetRefused(NO_HEADINGS)
            yield Reading(process, layout, first, lines)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _why_it_died(process: asyncio.subprocess.Process) -> str:
    # without memory the library aborts; over its time, or the machine's memory, the process is killed
    return TOO_HEAVY if await process.wait() in (-signal.SIGABRT, -signal.SIGKILL) else BROKEN


async def _lines(process: asyncio.subprocess.Process) -> AsyncIterator[Any]:
    assert process.stdout
    while line := await process.stdout.readline():
        yield json.loads(line)
