"""How a kind of job is worked off, and how what came of it is folded: many in one transaction."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from sqlalchemy.ext.asyncio import AsyncEngine

from ..postgres.jobs import Claimed, Job, LeaseLost, Retry, close_jobs
from ..runtime.failpoints import failpoint
from ..runtime.waiting import is_transient
from .folding import Happening, Way, fold_all

FOLDED_AT_ONCE = 32


@dataclass(frozen=True)
class _Ended:
    claimed: Claimed

    @property
    def job(self) -> Any:
        return self.claimed.job


@dataclass(frozen=True)
class Done(_Ended):
    """A job that was done, and what came of it."""

    outcome: Any


@dataclass(frozen=True)
class Dead(_Ended):
    """A job that is given up, and why: the words of `JobRefused`, or the name of the last error."""

    reason: str


@dataclass(frozen=True)
class Work:
    """How a kind of job is worked off.

    `do(claimed, desk)` touches the world, in no transaction; its outcome is folded as `then` says, as a `Done`. `dead`
    is told of a job that is given up, as a `Dead`. `at_once` are worked on at one time in this process; so many as
    `ahead` are claimed in one statement, where they are over quickly. One that takes longer than `timeout_seconds` is
    broken off and tried again.
    """

    job: type[Job]
    do: Callable[[Claimed, Any], Awaitable[Any]]
    then: Way | None = None
    dead: Way | None = None
    retry: Retry = field(default_factory=Retry)
    at_once: int = 4
    ahead: int = 0
    timeout_seconds: float = 120.0
    mails: bool = False
    """Hands over a mail: it waits while the switch `no-mail` is on."""

    def sized(self, at_once: int) -> Self:
        """The same, with so many at one time."""
        return replace(self, at_once=at_once)


class Outcomes:
    """Folds what came of jobs: all that ends while one transaction is under way shares the next."""

    def __init__(self, engine: AsyncEngine, work: Work, desk: Any) -> None:
        self._engine, self._work, self._desk = engine, work, desk
        self._waiting: deque[tuple[Done, asyncio.Future[None]]] = deque()
        self._folding: asyncio.Task[None] | None = None

    async def fold(self, done: Done) -> None:
        """Returns when it is committed. Raises LeaseLost, and what kept it from being folded."""
        folded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((done, folded))
        if self._folding is None or self._folding.done():
            # a task of its own: whoever is cancelled while it waits takes nobody else's outcome along
            self._folding = asyncio.create_task(self._fold_waiting())
        await folded

    async def settled(self) -> None:
        """Returns when nothing is under way any more."""
        if self._folding is not None:
            await asyncio.wait([self._folding])

    async def _fold_waiting(self) -> None:
        while self._waiting:
            some = [self._waiting.popleft() for _ in range(min(FOLDED_AT_ONCE, len(self._waiting)))]
            try:
                lost = await self._fold_together([done for done, _ in some])
            except Exception as error:
                if len(some) == 1 or is_transient(error):
                    _settle(some, error)
                else:  # one of them is guilty: each alone
                    await self._fold_alone(some)
            else:
                _settle([each for each in some if each[0] in lost], LeaseLost("its lease ran out"))
                _settle([each for each in some if each[0] not in lost], None)

    async def _fold_alone(self, some: Sequence[tuple[Done, asyncio.Future[None]]]) -> None:
        for done, folded in some:
            try:
                lost = await self._fold_together([done])
            except Exception as error:
                _settle([(done, folded)], error)
            else:
                _settle([(done, folded)], LeaseLost("its lease ran out") if lost else None)

    async def _fold_together(self, some: Sequence[Done]) -> list[Done]:
        """Those of them whose lease is not ours any more: nothing came of these."""
        failpoint("before-finish")
        async with self._engine.begin() as tx:
            mine = await close_jobs(tx, [done.claimed for done in some], "done")
            if then := self._work.then:
                kept = [done for done in some if done.claimed.id in mine]
                await fold_all(tx, [happening(done, then) for done in kept], self._desk)
        return [done for done in some if done.claimed.id not in mine]


def _settle(some: Sequence[tuple[Done, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, folded in some:
        if folded.done():  # whoever waited was cancelled
            continue
        if error is None:
            folded.set_result(None)
        else:
            folded.set_exception(error)


def happening(what: Done | Dead, way: Way) -> Happening:
    """An end of a job as something that happened to what it is about."""
    return Happening(what, what.job.about, way, what.claimed.traceparent)
