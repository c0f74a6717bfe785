"""What is kept for a time only: the oldest rows go, some at a time, on the connection of the relay that leads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, select, tuple_

from .database import Tx, inbox, jobs, outbox

BATCH = 1000  # each in a transaction of its own, of some milliseconds

Purge = Callable[[Tx], Awaitable[bool]]
"""Deletes some of what was kept long enough, the oldest first; whether there may be more."""


def published_facts(kept: timedelta) -> Purge:
    """Of the outbox, what the topics have had for so long."""
    return older(outbox, outbox.c.published_at, kept)


def taken_messages(kept: timedelta) -> Purge:
    """Of the inbox, the ids of messages taken so long ago that Kafka delivers them no more."""
    return older(inbox, inbox.c.taken_at, kept)


def ended_jobs(kept: timedelta, dead_kept: timedelta, *, but: Collection[str] = ()) -> Purge:
    """The jobs that were done, and those that have been dead, for so long; `but` of these kinds, whose rows somebody
    else has a use for."""
    age, others = jobs.c.finished_at, jobs.c.kind.not_in(but)
    done = (jobs.c.state == "done") & (age < func.now() - kept)
    dead = (jobs.c.state == "dead") & (age < func.now() - dead_kept)
    return _oldest(jobs, age, (done | dead) & others)


def older(table: Table, age: ColumnElement[Any], kept: timedelta) -> Purge:
    """Of a service's own table, the rows whose `age` is so long ago."""
    return _oldest(table, age, age < func.now() - kept)


def _oldest(table: Table, age: ColumnElement[object], which: ColumnElement[bool]) -> Purge:
    key = tuple_(*table.primary_key.columns)
    batch = BATCH
    old = select(*table.primary_key.columns).where(which).order_by(age).limit(batch)

    async def purge(tx: Tx) -> bool:
        return (await tx.execute(delete(table).where(key.in_(old)))).rowcount == batch

    return purge
