"""A handler is a fold: a state and what happened go in, the state that follows, facts and jobs come out.

Loading, locking, saving, telling and queuing are done here, for many at once, in one transaction. What a lot of them
changed is written by PostgreSQL while the next lot is folded here: two processors work on one poll.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from ..contracts import Fact, Written
from ..postgres.database import Tx
from ..postgres.jobs import Job, queue_jobs
from ..postgres.kept import Keeps
from ..postgres.outbox import tell
from ..runtime.trace import current_trace, trace

S = TypeVar("S")
_States: TypeAlias = dict[Keeps[Any], dict[str, Any]]

TURN = 8  # so many are folded before the loop turns once: health, heartbeats and visitors wait no longer
LOT = 100


@dataclass(frozen=True)
class Later:
    """A job that is not to run before so much time has passed."""

    job: Job
    due_in: timedelta


@dataclass(frozen=True)
class Then(Generic[S]):
    """What follows. `state`: the very object that was given, if nothing is to be saved."""

    state: S
    facts: Sequence[Fact | Written] = ()
    jobs: Sequence[Job | Later] = ()


@dataclass(frozen=True)
class Fold:
    """Folds what happened into what is kept of its key: `handle(state, happened, desk) -> Then`, pure."""

    handle: Callable[[Any, Any, Any], Then[Any]]
    into: Keeps[Any]


@dataclass(frozen=True)
class InTransaction:
    """For the rare handler that needs more than the state of one key: `handle(happened, tx, desk)` is given the
    transaction itself, and returns the facts that follow. All that happened before it is saved by then."""

    handle: Callable[[Any, Tx, Any], Awaitable[Iterable[Fact] | None]]


Way = Fold | InTransaction


def fold(handle: Callable[[Any, Any, Any], Then[Any]], *, into: Keeps[Any]) -> Fold:
    """`EventSubmitted: fold(judge_event, into=store.LABELS)`"""
    return Fold(handle, into)


def in_transaction(handle: Callable[[Any, Tx, Any], Awaitable[Iterable[Fact] | None]]) -> InTransaction:
    """`OrganiserErased: in_transaction(forget_organiser)`"""
    return InTransaction(handle)


class Happening(NamedTuple):
    """Something that happened, the key of the state that it is folded into, how, and the trace it belongs to."""

    what: Any
    key: str
    way: Way
    traceparent: str | None


class _Following:
    """What follows from all that happened in one transaction, in the order in which it follows."""

    def __init__(self) -> None:
        self.facts: list[tuple[Fact | Written, str]] = []
        self.jobs: list[tuple[Job, timedelta, str]] = []

    def add(self, facts: Iterable[Fact | Written], jobs: Iterable[Job | Later] = ()) -> None:
        mark = current_trace()
        self.facts += [(fact, mark) for fact in facts]
        for one in jobs:
            job, due_in = (one.job, one.due_in) if isinstance(one, Later) else (one, timedelta(0))
            self.jobs.append((job, due_in, mark))

    def untold(self) -> list[tuple[Fact | Written, str]]:
        """The facts that were not asked for yet."""
        facts, self.facts = self.facts, []
        return facts


async def fold_all(tx: Tx, happenings: Sequence[Happening], desk: Any) -> None:
    """Folds all that happened, in order. Raises what the handlers raise, and Untellable."""
    following = _Following()
    for needs_transaction, run in groupby(happenings, key=lambda one: isinstance(one.way, InTransaction)):
        if needs_transaction:
            for one in run:
                with trace(one.traceparent, one.what):
                    following.add(await one.way.handle(one.what, tx, desk) or ())  # type: ignore[misc]
        else:
            await _fold_run(tx, list(run), desk, following)
    await tell(tx, following.untold())
    await queue_jobs(tx, following.jobs)


async def _fold_run(tx: Tx, run: Sequence[Happening], desk: Any, following: _Following) -> None:
    states: _States = {keeps: dict(await keeps.load(tx, keys)) for keeps, keys in _in_one_order(run)}
    last = {(one.way.into, one.key): number for number, one in enumerate(run) if isinstance(one.way, Fold)}
    changed: _States = defaultdict(dict)
    async with _Writing() as writing:
        for first in range(0, len(run), LOT):
            for number, one in enumerate(run[first : first + LOT]):
                if number % TURN == TURN - 1:
                    await asyncio.sleep(0)
                _fold_one(one, states, desk, changed, following)
            await writing.ended()
            writing.begin(_write(tx, _settled(changed, last, first + LOT), following.untold()))


def _fold_one(one: Happening, states: _States, desk: Any, changed: _States, following: _Following) -> None:
    assert isinstance(one.way, Fold)
    known = states[one.way.into]
    with trace(one.traceparent, one.what):
        then = one.way.handle(known.get(one.key), one.what, desk)
        following.add(then.facts, then.jobs)
    if then.state is not known.get(one.key):
        known[one.key] = changed[one.way.into][one.key] = then.state


def _settled(changed: _States, last: Mapping[tuple[Keeps[Any], str], int], behind: int) -> _States:
    """Takes those that nothing more happens to from here on: each is saved once, at its last state."""
    settled: _States = {}
    for keeps, states in changed.items():
        keys = [key for key in states if last[keeps, key] < behind]
        settled[keeps] = {key: states.pop(key) for key in keys}
    return settled


async def _write(tx: Tx, changed: _States, facts: Sequence[tuple[Fact | Written, str]]) -> None:
    for keeps, states in changed.items():
        if states:
            await keeps.save(tx, states)
    await tell(tx, facts)


class _Writing:
    """What is being written while the next lot is folded: one thing at a time, since there is one connection. None is
    under way any more when the block ends, however it ends: the transaction ends behind it."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._task = asyncio.create_task(work)

    async def ended(self) -> None:
        """Raises what kept it from being written."""
        if self._task is not None:
            await self._task

    async def __aenter__(self) -> _Writing:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            await self.ended()
        elif self._task is not None:
            if issubclass(kind, asyncio.CancelledError):
                self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)  # what failed first is what is told


def _in_one_order(run: Sequence[Happening]) -> Iterable[tuple[Keeps[Any], set[str]]]:
    wanted: Mapping[Keeps[Any], set[str]] = defaultdict(set)
    for one in run:
        assert isinstance(one.way, Fold)
        wanted[one.way.into].add(one.key)
    return sorted(wanted.items(), key=lambda each: each[0].name)
