"""What a person who looks on is shown, on the standard error."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.progress import TaskID

from ..output import aside, counted, progress
from .kept import Kept

SILENCE_SECONDS = 5.0


class Said:
    """A bar, if a person looks on; and a line when Kafka is silent and when it answers again."""

    def __init__(self, what: str) -> None:
        self._what, self._bar = what, progress()
        self._task: TaskID | None = None
        self._heard_at = time.monotonic()
        self._is_silent = False

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bar.stop()

    def begins(self, kept: Kept, total: int) -> None:
        """So many offsets are before us."""
        if kept.writes and aside.is_terminal:
            aside.print(f"sdi: going on: {counted(sum(kept.rows.values()), 'record')} are written already")
        self._task = self._bar.add_task(self._what, total=total)

    def taken(self, kept: Kept, records: int) -> None:
        """So many more records are sorted."""
        if self._task is not None:
            self._bar.update(self._task, advance=records)

    def heard(self, something: bool) -> None:
        """Whether the last poll brought anything."""
        now = time.monotonic()
        if something:
            self._heard_at = now
            if self._is_silent:
                self._is_silent = False
                aside.print("sdi: Kafka answers again")
        elif now - self._heard_at > SILENCE_SECONDS and not self._is_silent:
            self._is_silent = True
            aside.print("sdi: Kafka does not answer: waiting. Nothing is lost; Ctrl-C stops, the same command goes on")
