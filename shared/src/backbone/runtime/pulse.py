"""Whether a part of a service still turns: what `/health/live` answers.

A part that waits for Kafka or PostgreSQL is alive. It is stuck when it stands still though they answer:
a restart mends the second and would only add to the first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol, runtime_checkable

from .waiting import sleep_until

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
# longer than all time-outs of one turn of the relay, one after another: 40 s for each of three frozen brokers,
# 60 s for a connection to PostgreSQL, 30 s to publish
STILL_SECONDS = 300.0


class Pulse:
    """Counts the looks between two beats of a loop. Looks, and not seconds, so that a process that was
    suspended for an hour is not taken for a stuck one."""

    def __init__(self, patience_seconds: float = STILL_SECONDS) -> None:
        self._patience_seconds = patience_seconds
        self._missed: int | None = None

    def beat(self) -> None:
        """The loop turned."""
        self._missed = 0

    def examine(self, *, waits: bool = False) -> None:
        """To be called every `LOOK_SECONDS`. Before its first beat, and while it `waits`, a loop may stand still."""
        if self._missed is not None:
            self._missed = 0 if waits else self._missed + 1

    @property
    def is_still(self) -> bool:
        return (self._missed or 0) * LOOK_SECONDS > self._patience_seconds


@runtime_checkable
class Watched(Protocol):
    """A part that knows whether it is stuck, if it is looked at every `LOOK_SECONDS`."""

    name: str

    async def examine(self, *, database_answers: bool) -> None: ...

    @property
    def is_stuck(self) -> bool: ...


class Beating:
    """A part whose loop beats: it is stuck where that stands still though the database answers."""

    def __init__(self) -> None:
        self._pulse = Pulse()

    async def examine(self, *, database_answers: bool) -> None:
        """To be called every `LOOK_SECONDS`."""
        self._pulse.examine(waits=not database_answers)

    @property
    def is_stuck(self) -> bool:
        return self._pulse.is_still


class Watch:
    """Looks at those of a service's parts that are `Watched`."""

    name = "watch"

    def __init__(self, parts: Iterable[object], database_answers: Callable[[], Awaitable[bool]]) -> None:
        self._watched = [part for part in parts if isinstance(part, Watched)]
        self._database_answers = database_answers

    @property
    def stuck_part(self) -> str | None:
        return next((part.name for part in self._watched if part.is_stuck), None)

    async def run(self, stopping: asyncio.Event) -> None:
        said = None
        while not await sleep_until(stopping, LOOK_SECONDS):
            answers = await self._database_answers()
            for part in self._watched:
                await part.examine(database_answers=answers)
            stuck = self.stuck_part
            if stuck and stuck != said:
                log.critical("the %s is stuck: this service is not alive", stuck)
            said = stuck
