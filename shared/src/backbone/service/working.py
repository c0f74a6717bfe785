"""Workers: they claim jobs, touch the world, and fold what came of it, many in one transaction."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from ..postgres.bell import Bell
from ..postgres.jobs import (
    Claimed,
    JobRefused,
    LeaseLost,
    claim_jobs,
    close_jobs,
    put_back_jobs,
    renew_leases,
)
from ..postgres.switches import Pace
from ..runtime.metrics import FloorMetrics
from ..runtime.pulse import Beating
from ..runtime.spans import OFF, Tracing, note_failure
from ..runtime.waiting import attempts, backoff, is_transient, what_failed
from .folding import fold_all
from .outcomes import FOLDED_AT_ONCE, Dead, Done, Outcomes, Work, happening
from .trying import trying

log = logging.getLogger(__name__)

MOST_DETAIL = 1000  # characters
STOP_SECONDS = 10.0  # for jobs under way when the service stops; then they are handed back
LEASE_SECONDS = 15.0


class Unreadable(Exception):
    """A row that this release cannot read. A newer one may have queued it, which runs beside us or comes back."""


class Worker(Beating):
    """Works off the jobs of one kind; any number of processes may run. A lease is renewed while its job is held, so
    that a worker's death is noticed soon however long jobs take."""

    def __init__(
        self,
        engine: AsyncEngine,
        bell: Bell,
        work: Work,
        desk: Any,
        *,
        lease_seconds: float = LEASE_SECONDS,
        metrics: FloorMetrics | None = None,
        tracing: Tracing = OFF,
        pace: Pace | None = None,
    ) -> None:
        super().__init__()
        self.name, self.kind = f"worker of {work.job.kind}", work.job.kind
        self._engine, self._bell, self._work, self._desk = engine, bell, work, desk
        self._lease_seconds, self._metrics, self._tracing = lease_seconds, metrics or FloorMetrics(), tracing
        self._pace = pace
        self._running: dict[asyncio.Task[None], Claimed] = {}
        self._claimed: deque[Claimed] = deque()
        self._worked_on: set[UUID] = set()  # the others that run were done, and are being folded
        self._moved = asyncio.Event()
        self._outcomes = Outcomes(engine, work, desk)
        self._metrics.expect_jobs(self.kind)

    async def run(self, stopping: asyncio.Event) -> None:
        renewing = asyncio.create_task(self._renew_leases())
        try:
            async for _ in attempts(stopping):
                try:
                    await self._work_off(stopping)
                except Exception as error:
                    if not is_transient(error):
                        raise
                    log.warning("%s lost its database: waiting", self.name, extra={"error": what_failed(error)})
        finally:
            await self._finish_or_hand_back()
            renewing.cancel()

    @property
    def mails(self) -> bool:
        """Whether its jobs hand over mails."""
        return self._work.mails

    async def run_due(self) -> int:
        """Works off what is due now, and returns how many jobs that were: for tests and for one-off commands."""
        claimed = await self.claim(max(self._work.at_once, self._work.ahead))
        for one in claimed:
            await self._try(one)
        return len(claimed)

    async def claim(self, most: int) -> list[Claimed]:
        """Takes up to `most` due jobs."""
        async with self._engine.begin() as tx:
            return await claim_jobs(tx, self._work.job, most, self._lease_seconds)

    # --- the loop --------------------------------------------------------------------------------

    async def _work_off(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            self._pulse.beat()
            self._moved.clear()
            free = self._free()
            may_begin = self._may_begin(max(free, self._work.ahead)) if free and not self._claimed else 0
            if may_begin:
                self._take(await self.claim(may_begin))
            is_less = free > len(self._claimed)
            while self._claimed and self._free():
                self._begin(self._claimed.popleft())
            await self._something(stopping, may_ring=is_less)

    def _may_begin(self, wanted: int) -> int:
        return self._pace.most(wanted) if self._pace else wanted

    def _take(self, claimed: Sequence[Claimed]) -> None:
        self._claimed += claimed
        if self._pace:
            self._pace.took(len(claimed))

    def _free(self) -> int:
        """How many more may be begun. One that was done makes room before it is folded, so that many share the next
        transaction; but no more wait for that than it takes."""
        at_once = self._work.at_once
        return min(at_once - len(self._worked_on), at_once + FOLDED_AT_ONCE - len(self._running))

    def _begin(self, claimed: Claimed) -> None:
        self._worked_on.add(claimed.id)
        task = asyncio.create_task(self._try(claimed))
        self._running[task] = claimed
        task.add_done_callback(self._ended)

    async def _something(self, stopping: asyncio.Event, *, may_ring: bool) -> None:
        """Returns when a job was done or has ended, or after a second; where nothing more was due, at the bell too."""
        waits: list[asyncio.Task[Any]] = [asyncio.create_task(self._moved.wait())]
        if may_ring:
            waits.append(asyncio.create_task(self._bell.rung("jobs", stopping, at_most=1.0)))
        try:
            await asyncio.wait(waits, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _makes_room(self, claimed: Claimed) -> None:
        self._worked_on.discard(claimed.id)
        self._moved.set()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._makes_room(self._running.pop(task))
        if not task.cancelled() and (error := task.exception()):
            log.error("a job ended in a fault of ours: it returns when its lease ends", exc_info=error)

    async def _finish_or_hand_back(self) -> None:
        if self._claimed:
            await self._put_back([*self._claimed], "handed back at a stop", counts=False)
            self._claimed.clear()
        if self._running:
            await asyncio.wait([*self._running], timeout=STOP_SECONDS)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._outcomes.settled()

    async def _renew_leases(self) -> None:
        while True:
            await asyncio.sleep(self._lease_seconds / 3)
            try:
                await self._renew(dict(self._running), list(self._claimed))
            except Exception as error:  # whatever it is: the leases run out, and others take the jobs over
                log.warning("leases could not be renewed", extra={"error": type(error).__name__})

    async def _renew(self, running: Mapping[asyncio.Task[None], Claimed], waiting: Sequence[Claimed]) -> None:
        if not running and not waiting:
            return
        async with self._engine.begin() as tx:
            kept = await renew_leases(tx, [*running.values(), *waiting], self._lease_seconds)
        for task, one in running.items():
            if one.id not in kept:
                task.cancel()  # it is done, or another worker has it: going on would do it twice
        for one in waiting:
            if one.id not in kept and one in self._claimed:
                self._claimed.remove(one)

    # --- one job ---------------------------------------------------------------------------------

    async def _try(self, claimed: Claimed) -> None:
        began, outcome = time.monotonic(), None
        with trying(self._tracing, claimed, self.kind) as claimed:
            try:
                await self._outcomes.fold(Done(claimed, await self._do(claimed)))
                outcome = "done"
            except asyncio.CancelledError:
                # a stop is no fault of the job's: the try does not count
                await self._put_back([claimed], "handed back at a stop", counts=False)
                raise
            except LeaseLost:
                about = {"job": str(claimed.id), "kind": self.kind}
                log.warning("a job was taken over by another worker", extra=about)
            except Exception as error:
                outcome = await self._put_back_or_bury(claimed, error)
        if outcome:
            self._metrics.job_seconds.labels(self.kind, outcome).observe(time.monotonic() - began)

    async def _do(self, claimed: Claimed) -> Any:
        try:
            if claimed.job is None:
                raise Unreadable
            if claimed.attempt > self._work.retry.tries:
                raise JobRefused("its worker died at every try")
            async with asyncio.timeout(self._work.timeout_seconds):
                return await self._work.do(claimed, self._desk)
        finally:
            self._makes_room(claimed)

    async def _put_back_or_bury(self, claimed: Claimed, error: Exception) -> Literal["retried", "dead"] | None:
        """What became of it; None where nobody could write that down."""
        refused, retry = isinstance(error, JobRefused), self._work.retry
        reason = str(error) if refused else type(error).__name__
        said = _said(reason, error)
        note_failure(reason if refused else type(error).__name__)
        about = {"job": str(claimed.id), "kind": self.kind, "key": claimed.key, "attempt": claimed.attempt}
        try:
            if refused or claimed.attempt >= retry.tries:
                await self._bury(Dead(claimed, reason), said)
                told = None if refused else error
                log.error("a job is dead", extra={**about, "reason": said}, exc_info=told)
                return "dead"
            wait = backoff(claimed.attempt, retry.first, retry.cap)
            await self._put_back([claimed], said, wait=max(wait, getattr(error, "retry_after", None) or 0.0))
            log.warning("a job will be tried again", extra={**about, "reason": said})
        except Exception as second:
            if not is_transient(second) and not isinstance(second, LeaseLost):
                raise
            log.warning("a job could not be put back: it returns when its lease ends", extra=about)
            return None
        self._metrics.job_retries.labels(self.kind, type(error).__name__).inc()
        return "retried"

    async def _bury(self, dead: Dead, said: str) -> None:
        async with self._engine.begin() as tx:
            if not await close_jobs(tx, [dead.claimed], "dead", said):
                raise LeaseLost(dead.claimed.key)
            if self._work.dead and dead.job is not None:
                await fold_all(tx, [happening(dead, self._work.dead)], self._desk)

    async def _put_back(self, claimed: Sequence[Claimed], reason: str, **how: Any) -> None:
        async with self._engine.begin() as tx:
            await put_back_jobs(tx, claimed, reason, **how)


def _said(reason: str, error: Exception) -> str:
    """The reason, and what else the error says: in one line, whatever it quotes, and not a long one."""
    more = " ".join("".join(c if c.isprintable() else " " for c in getattr(error, "detail", None) or "").split())
    return f"{reason}: {more[:MOST_DETAIL]}" if more else reason
