"""A handler is a fold: a state and what happened go in, the state that follows, facts and jobs come out.

Loading, locking, saving, telling and queuing are done here, for many at once, in one transaction.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any, Generic, NamedTuple, TypeVar

from ..contracts import Fact
from ..postgres.database import Tx
from ..postgres.jobs import Job, queue_jobs
from ..postgres.kept import Keeps
from ..postgres.outbox import tell
from ..runtime.trace import current_trace, trace

S = TypeVar("S")

TURN = 32  # so many are folded before the loop turns once: health, heartbeats and visitors wait no longer


@dataclass(frozen=True)
class Later:
    """A job that is not to run before so much time has passed."""

    job: Job
    due_in: timedelta


@dataclass(frozen=True)
class Then(Generic[S]):
    """What follows. `state`: the very object that was given, if nothing is to be saved."""

    state: S
    facts: Sequence[Fact] = ()
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
        self.facts: list[tuple[Fact, str]] = []
        self.jobs: list[tuple[Job, timedelta, str]] = []

    def add(self, facts: Iterable[Fact], jobs: Iterable[Job | Later] = ()) -> None:
        mark = current_trace()
        self.facts += [(fact, mark) for fact in facts]
        for one in jobs:
            job, due_in = (one.job, one.due_in) if isinstance(one, Later) else (one, timedelta(0))
            self.jobs.append((job, due_in, mark))


async def fold_all(tx: Tx, happenings: Sequence[Happening], desk: Any) -> None:
    """Folds all that happened, in order. Raises what the handlers raise, and Untellable."""
    following = _Following()
    for needs_transaction, run in groupby(happenings, key=lambda one: isinstance(one.way, InTransaction)):
        if needs_transaction:
            for one in run:
                with trace(one.traceparent):
                    following.add(await one.way.handle(one.what, tx, desk) or ())  # type: ignore[misc]
        else:
            await _fold_run(tx, list(run), desk, following)
    await tell(tx, following.facts)
    await queue_jobs(tx, following.jobs)


async def _fold_run(tx: Tx, run: Sequence[Happening], desk: Any, following: _Following) -> None:
    states = {keeps: dict(await keeps.load(tx, keys)) for keeps, keys in _in_one_order(run)}
    changed: dict[Keeps[Any], dict[str, Any]] = defaultdict(dict)
    for number, one in enumerate(run):
        if number % TURN == TURN - 1:
            await asyncio.sleep(0)
        assert isinstance(one.way, Fold)
        known = states[one.way.into]
        with trace(one.traceparent):
            then = one.way.handle(known.get(one.key), one.what, desk)
            following.add(then.facts, then.jobs)
        if then.state is not known.get(one.key):
            known[one.key] = changed[one.way.into][one.key] = then.state
    for keeps, kept in changed.items():
        await keeps.save(tx, kept)


def _in_one_order(run: Sequence[Happening]) -> Iterable[tuple[Keeps[Any], set[str]]]:
    wanted: Mapping[Keeps[Any], set[str]] = defaultdict(set)
    for one in run:
        assert isinstance(one.way, Fold)
        wanted[one.way.into].add(one.key)
    return sorted(wanted.items(), key=lambda each: each[0].name)
