"""What is asked of the world when somebody reads the metrics: seldom, one question at a time, and never for long."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from ..postgres.database import Tx
from ..runtime.metrics import FloorMetrics

log = logging.getLogger(__name__)

T = TypeVar("T")

KEPT_SECONDS = 15.0
SCRAPE_SECONDS = 3.0
"""A scrape waits no longer for all its answers together; Prometheus would for 10 s."""


@dataclass(frozen=True)
class Asked(Generic[T]):
    """A question to the service's database, and where its answer is shown; `show` is given None where there is none."""

    ask: Callable[[Tx], Awaitable[T]]
    show: Callable[[T | None], None]


class Question:
    """Something that is found out for whoever reads the metrics, at most every `kept_seconds`. Only one is under way,
    however often it is asked; an answer that comes too late for one reader is there for the next."""

    def __init__(
        self,
        of: str,
        find_out: Callable[[], Awaitable[None]],
        forget: Callable[[], None],
        *,
        kept_seconds: float = KEPT_SECONDS,
    ) -> None:
        """`forget` is called where no answer came: nothing is shown rather than what was true before."""
        self.of, self._find_out, self._forget, self.kept_seconds = of, find_out, forget, kept_seconds
        self._running: asyncio.Task[bool] | None = None
        self._answered_at = -float("inf")

    def begin(self) -> asyncio.Task[bool] | None:
        """The task that finds out, and whether it did; None where what is shown is new enough."""
        if self._running is not None and not self._running.done():
            return self._running
        if time.monotonic() - self._answered_at < self.kept_seconds:
            return None
        self._running = asyncio.create_task(self._try())
        return self._running

    def give_up(self) -> None:
        """For this reader."""
        self._answered_at = -float("inf")
        self._forget()

    async def _try(self) -> bool:
        try:
            await self._find_out()
        except Exception as error:  # whatever it is: the metrics say that there was no answer
            log.info("a question for the metrics had no answer", extra={"of": self.of, "error": type(error).__name__})
            self.give_up()
            return False
        self._answered_at = time.monotonic()
        return True

    async def close(self) -> None:
        """What is under way is given up; one that does not end by that is left to itself."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running], timeout=SCRAPE_SECONDS)


def of_database(engine: AsyncEngine, asked: Sequence[Asked[Any]]) -> Question:
    """All questions to the database as one, on one connection: the others are for the work."""

    async def find_out() -> None:
        async with asyncio.timeout(2 * SCRAPE_SECONDS), engine.connect() as connection:
            for one in asked:
                async with connection.begin():
                    one.show(await one.ask(connection))

    def forget() -> None:
        for one in asked:
            one.show(None)

    return Question("PostgreSQL", find_out, forget)


class Scrape:
    """Answers `/metrics`."""

    def __init__(self, metrics: FloorMetrics, questions: Sequence[Question], look: Callable[[], None]) -> None:
        """`look` shows what needs no question."""
        self._metrics, self.questions, self._look = metrics, list(questions), look

    async def answer(self) -> Response:
        running = {task: one for one in self.questions if (task := one.begin())}
        if running:
            done, late = await asyncio.wait(running, timeout=SCRAPE_SECONDS)
            for task in late:
                running[task].give_up()
            for task in [*late, *(task for task in done if not task.result())]:
                self._metrics.count_unanswered(running[task].of)
        self._look()
        return Response(self._metrics.book.read(), media_type=CONTENT_TYPE_LATEST)

    async def close(self) -> None:
        for one in self.questions:
            await one.close()
