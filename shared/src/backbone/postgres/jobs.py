"""Work that touches the world: rows in the service's own job table, claimed with a lease, tried again, never lost.

JobRefused           the world will never accept it: dead at once
any other error      tried again with growing, jittered waits; dead after the last try
LeaseLost            another worker has the job now; this one's result is rolled back

An error may say more, in `detail`: an operator reads it beside the reason, so it holds no personal data.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from ..runtime.failpoints import failpoint
from ..runtime.pulse import Pulse
from ..runtime.trace import current_trace, trace
from ..runtime.waiting import attempts, backoff, is_transient
from .bell import Bell
from .database import Tx, jobs

log = logging.getLogger(__name__)


MOST_DETAIL = 1000  # characters
STOP_SECONDS = 10.0  # for jobs under way when the service stops; then they are handed back


class JobRefused(Exception):
    """The job can never succeed as it is. `reason` is told on, in facts too; `detail` is for the operator alone."""

    def __init__(self, reason: str, detail: str | None = None) -> None:
        super().__init__(reason)
        self.detail = detail


class LeaseLost(Exception):
    """The job was taken over by another worker while this one was at it."""


@dataclass(frozen=True)
class Job:
    """A claimed piece of work."""

    id: UUID
    kind: str
    key: str
    payload: dict[str, Any]
    attempt: int
    lease: UUID
    traceparent: str
    engine: AsyncEngine

    @asynccontextmanager
    async def finish(self) -> AsyncIterator[Tx]:
        """The transaction that ends the job: what it found out, the facts, and « done » are written together."""
        failpoint("before-finish")
        async with self.engine.begin() as tx:
            await close_job(tx, self, "done")
            yield tx


@dataclass(frozen=True)
class Retry:
    """How often a job is tried and how long it waits in between (seconds, doubling from `first` to `cap`)."""

    tries: int = 8
    first: float = 2.0
    cap: float = 600.0


Handle = Callable[[Job], Awaitable[None]]
OnDead = Callable[[Job, str, Tx], Awaitable[None]]


async def queue_job(tx: Tx, kind: str, key: str, payload: dict[str, Any], *, due_in: timedelta = timedelta(0)) -> bool:
    """Queues work once per (kind, key); False if it was queued before. It runs after `tx` is committed, and not
    before `due_in` has passed."""
    due_at = func.now() + due_in
    row = {"kind": kind, "key": key, "payload": payload, "due_at": due_at, "traceparent": current_trace()}
    result = await tx.execute(insert(jobs).values(row).on_conflict_do_nothing())
    await tx.execute(select(func.pg_notify("jobs", "")))
    return result.rowcount == 1


async def close_job(tx: Tx, job: Job, state: str, error: str | None = None) -> None:
    """Ends the job as done or dead, if its lease is still ours. Raises LeaseLost."""
    mine = (jobs.c.id == job.id) & (jobs.c.lease == job.lease)
    ended = {"state": state, "last_error": error, "finished_at": func.now(), "lease": None, "lease_until": None}
    result = await tx.execute(update(jobs).where(mine).values(ended))
    if result.rowcount != 1:
        raise LeaseLost(f"{job.kind} {job.key}")


# a CTE, not `id IN (…)`: that one the planner may run again for each row, and each run locks other rows
_CLAIM = text(
    "WITH due AS MATERIALIZED (SELECT id FROM jobs WHERE kind = :kind AND state IN ('waiting', 'running')"
    "  AND (CASE state WHEN 'waiting' THEN due_at ELSE lease_until END) <= now()"
    "  ORDER BY due_at LIMIT :most FOR UPDATE SKIP LOCKED)"
    " UPDATE jobs SET state = 'running', attempts = attempts + 1, lease = gen_random_uuid(),"
    " lease_until = now() + make_interval(secs => :lease_seconds)"
    " FROM due WHERE jobs.id = due.id"
    " RETURNING jobs.id, kind, key, payload, attempts AS attempt, lease, traceparent"
).columns(payload=jobs.c.payload.type)

_RENEW = text(
    "UPDATE jobs SET lease_until = now() + make_interval(secs => :lease_seconds)"
    " WHERE state = 'running' AND lease = ANY(CAST(:leases AS uuid[])) RETURNING lease"
)


class Worker:
    """Works off the jobs of one kind, `at_once` of them in this process; any number of processes may run."""

    def __init__(
        self,
        engine: AsyncEngine,
        bell: Bell,
        kind: str,
        handle: Handle,
        on_dead: OnDead,
        *,
        at_once: int = 4,
        lease_seconds: float = 15.0,
        timeout_seconds: float = 120.0,
        retry: Retry | None = None,
    ) -> None:
        """A lease is renewed while its job runs, so that a worker's death is noticed soon however long jobs take;
        a job that takes longer than `timeout_seconds` is broken off and tried again."""
        self.name, self.kind, self._pulse = f"worker of {kind}", kind, Pulse()
        self._engine, self._bell = engine, bell
        self._handle, self._on_dead, self._retry = handle, on_dead, retry or Retry()
        self._at_once, self._lease_seconds, self._timeout_seconds = at_once, lease_seconds, timeout_seconds
        self._running: dict[asyncio.Task[None], Job] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        renewing = asyncio.create_task(self._renew_leases())
        try:
            async for _ in attempts(stopping):
                try:
                    await self._work(stopping)
                except Exception as error:
                    if not is_transient(error):
                        raise
                    log.warning("%s lost its database: waiting", self.name, extra={"error": type(error).__name__})
        finally:
            await self._finish_or_hand_back()
            renewing.cancel()

    async def look(self, *, database_answers: bool) -> None:
        """Notes whether the loop that claims jobs turns while nothing keeps it from that."""
        self._pulse.look(waits=not database_answers)

    @property
    def is_stuck(self) -> bool:
        return self._pulse.is_still

    async def _finish_or_hand_back(self) -> None:
        if self._running:
            await asyncio.wait([*self._running], timeout=STOP_SECONDS)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _renew_leases(self) -> None:
        while True:
            await asyncio.sleep(self._lease_seconds / 3)
            try:
                await self._renew(dict(self._running))
            except Exception as error:  # whatever it is: the leases run out, and others take the jobs over
                log.warning("leases could not be renewed", extra={"error": type(error).__name__})

    async def _renew(self, running: Mapping[asyncio.Task[None], Job]) -> None:
        if not running:
            return
        mine = [job.lease for job in running.values()]
        async with self._engine.begin() as tx:
            kept = set(await tx.scalars(_RENEW, {"leases": mine, "lease_seconds": self._lease_seconds}))
        for task, job in running.items():
            if job.lease not in kept:
                task.cancel()  # it is done, or another worker has it: going on would do it twice

    async def run_due(self) -> int:
        """Works off what is due now, and returns how many jobs that were: for tests and for one-off commands."""
        claimed = await self.claim(self._at_once)
        for job in claimed:
            await self._try(job)
        return len(claimed)

    async def _work(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            self._pulse.beat()
            free = self._at_once - len(self._running)
            claimed = await self.claim(free) if free else []
            for job in claimed:
                task = asyncio.create_task(self._try(job))
                self._running[task] = job
                task.add_done_callback(self._ended)
            if len(claimed) < free:  # nothing more is due: until the bell rings, or a job ends
                await self._one_of(self._bell.rung("jobs", stopping, at_most=1.0))
            elif len(self._running) == self._at_once:
                await self._one_of()

    async def _one_of(self, *waits: Coroutine[Any, Any, None]) -> None:
        others = [asyncio.create_task(wait) for wait in waits]
        try:
            await asyncio.wait([*self._running, *others], timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for other in others:
                other.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        if not task.cancelled() and (error := task.exception()):
            log.error("a job ended in a fault of ours: it returns when its lease ends", exc_info=error)

    async def claim(self, most: int) -> list[Job]:
        """Takes up to `most` due jobs, those whose worker let its lease run out included."""
        async with self._engine.begin() as tx:
            wanted = {"kind": self.kind, "most": most, "lease_seconds": self._lease_seconds}
            rows = (await tx.execute(_CLAIM, wanted)).mappings().all()
        return [Job(**row, engine=self._engine) for row in rows]

    async def _try(self, job: Job) -> None:
        with trace(job.traceparent):
            try:
                if job.attempt > self._retry.tries:
                    raise JobRefused("its worker died at every try")
                async with asyncio.timeout(self._timeout_seconds):
                    await self._handle(job)
            except asyncio.CancelledError:
                # a stop is no fault of the job's: the try does not count
                await self._put_back(job, "handed back at a stop", wait=0.0, attempts=jobs.c.attempts - 1)
                raise
            except LeaseLost:
                log.warning("a job was taken over by another worker", extra={"job": str(job.id), "kind": job.kind})
            except Exception as error:
                await self._put_back_or_bury(job, error)

    async def _put_back_or_bury(self, job: Job, error: Exception) -> None:
        refused = isinstance(error, JobRefused)
        reason = str(error) if refused else type(error).__name__
        said = _said(reason, error)
        facts = {"job": str(job.id), "kind": job.kind, "key": job.key, "attempt": job.attempt, "reason": said}
        try:
            if refused or job.attempt >= self._retry.tries:
                await self._bury(job, reason, said)
                log.error("a job is dead", extra=facts, exc_info=None if refused else error)
            else:
                wait = backoff(job.attempt, self._retry.first, self._retry.cap)
                await self._put_back(job, said, max(wait, getattr(error, "retry_after", None) or 0.0))
                log.warning("a job will be tried again", extra=facts)
        except Exception as second:
            if not is_transient(second) and not isinstance(second, LeaseLost):
                raise
            log.warning("a job could not be put back: it returns when its lease ends", extra=facts)

    async def _bury(self, job: Job, reason: str, said: str) -> None:
        async with self._engine.begin() as tx:
            await close_job(tx, job, "dead", said)
            await self._on_dead(job, reason, tx)

    async def _put_back(self, job: Job, reason: str, wait: float, **also: Any) -> None:
        later = {
            "state": "waiting",
            "due_at": func.now() + func.make_interval(0, 0, 0, 0, 0, 0, wait),
            "last_error": reason,
            "lease": None,
            "lease_until": None,
            **also,
        }
        async with self._engine.begin() as tx:
            await tx.execute(update(jobs).where(jobs.c.id == job.id, jobs.c.lease == job.lease).values(later))


def _said(reason: str, error: Exception) -> str:
    """The reason, and what else the error says: in one line, whatever it quotes, and not a long one."""
    more = " ".join("".join(c if c.isprintable() else " " for c in getattr(error, "detail", None) or "").split())
    return f"{reason}: {more[:MOST_DETAIL]}" if more else reason


async def job_counts(tx: Tx, kinds: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many jobs of these kinds are not done, by state."""
    counts = {kind: dict.fromkeys(("waiting", "running", "dead"), 0) for kind in kinds}
    not_done = (jobs.c.state != "done") & jobs.c.kind.in_(counts)
    asked = select(jobs.c.kind, jobs.c.state, func.count()).where(not_done).group_by(jobs.c.kind, jobs.c.state)
    for kind, state, number in await tx.execute(asked):
        counts[kind][state] = number
    return counts
