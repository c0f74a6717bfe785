"""Work that touches the world: rows in the service's own job table, claimed with a lease, tried again, never lost.

JobRefused           the world will never accept it: dead at once
any other error      tried again with growing, jittered waits; dead after the last try
LeaseLost            another worker has the job now; this one's result is rolled back

An error may say more, in `detail`: an operator reads it beside the reason, so it holds no personal data.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import func, select, text

from .database import Tx, jobs


class JobRefused(Exception):
    """The job can never succeed as it is. `reason` is told on, in facts too; `detail` is for the operator alone."""

    def __init__(self, reason: str, detail: str | None = None) -> None:
        super().__init__(reason)
        self.detail = detail


class LeaseLost(Exception):
    """The job was taken over by another worker while this one was at it."""


class Job(BaseModel):
    """A piece of work, shaped like a fact: a frozen model with a `kind` of its own. It lies in the table for a while:
    whoever reads it back may be an older or a newer release, so a field that is added has a default."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: ClassVar[str]

    @property
    def key(self) -> str:
        """The same work is queued once: what tells it from other work of its kind."""
        raise NotImplementedError

    @property
    def about(self) -> str:
        """The key of the state that its outcome is folded into."""
        return self.key


@dataclass(frozen=True)
class Claimed:
    """A job that a worker has, and how often it was tried, this time included. `job` is None where its row cannot be
    read as one."""

    id: UUID
    key: str
    job: Any
    attempt: int
    lease: UUID
    traceparent: str


@dataclass(frozen=True)
class Retry:
    """How often a job is tried and how long it waits in between (seconds, doubling from `first` to `cap`)."""

    tries: int = 8
    first: float = 2.0
    cap: float = 600.0


_QUEUE = text(
    "WITH queued AS (INSERT INTO jobs (kind, key, payload, due_at, traceparent)"
    " SELECT kind, key, CAST(payload AS jsonb), now() + make_interval(secs => wait), traceparent"
    " FROM unnest(CAST(:kinds AS text[]), CAST(:keys AS text[]), CAST(:payloads AS text[]), CAST(:waits AS float8[]),"
    " CAST(:traces AS text[])) WITH ORDINALITY AS told (kind, key, payload, wait, traceparent, place)"
    " ORDER BY kind, key ON CONFLICT DO NOTHING)"
    " SELECT pg_notify('jobs', '')"
)


async def queue_jobs(tx: Tx, wanted: Iterable[tuple[Job, timedelta, str]]) -> None:
    """Queues work, each with the wait before it is due and the trace it belongs to, once per (kind, key). It runs
    after `tx` is committed."""
    rows = list(wanted)
    if not rows:
        return
    columns = {
        "kinds": [job.kind for job, _, _ in rows],
        "keys": [job.key for job, _, _ in rows],
        "payloads": [job.model_dump_json() for job, _, _ in rows],
        "waits": [wait.total_seconds() for _, wait, _ in rows],
        "traces": [trace for _, _, trace in rows],
    }
    await tx.execute(_QUEUE, columns)


_DROP = text(
    "DELETE FROM jobs WHERE kind = :kind AND key = ANY(CAST(:keys AS text[])) AND state = 'waiting' RETURNING key"
)


async def drop_jobs(tx: Tx, kind: type[Job], keys: Iterable[str]) -> set[str]:
    """Takes back work that nobody has begun; the keys of what is not done now."""
    return set(await tx.scalars(_DROP, {"kind": kind.kind, "keys": list(keys)}))


# a CTE, not `id IN (…)`: that one the planner may run again for each row, and each run locks other rows
_CLAIM = text(
    "WITH due AS MATERIALIZED (SELECT id FROM jobs WHERE kind = :kind AND state IN ('waiting', 'running')"
    "  AND (CASE state WHEN 'waiting' THEN due_at ELSE lease_until END) <= now()"
    "  ORDER BY due_at LIMIT :most FOR UPDATE SKIP LOCKED)"
    " UPDATE jobs SET state = 'running', attempts = attempts + 1, lease = gen_random_uuid(),"
    " lease_until = now() + make_interval(secs => :lease_seconds)"
    " FROM due WHERE jobs.id = due.id"
    " RETURNING jobs.id, key, CAST(payload AS text), attempts, lease, traceparent"
)


async def claim_jobs(tx: Tx, kind: type[Job], most: int, lease_seconds: float) -> list[Claimed]:
    """Takes up to `most` due jobs of a kind, those whose worker let its lease run out included."""
    wanted = {"kind": kind.kind, "most": most, "lease_seconds": lease_seconds}
    return [
        Claimed(id_, key, _read(kind, payload), attempt, lease, traceparent)
        for id_, key, payload, attempt, lease, traceparent in await tx.execute(_CLAIM, wanted)
    ]


def _read(kind: type[Job], payload: str) -> Job | None:
    try:
        return kind.model_validate_json(payload)
    except ValidationError:
        return None


# a lease is unique; the id finds its row
_STILL_OURS = (
    "SELECT id FROM jobs WHERE id = ANY(CAST(:ids AS uuid[])) AND lease = ANY(CAST(:leases AS uuid[]))"
    " ORDER BY id FOR UPDATE"
)


def _names(claimed: Collection[Claimed]) -> dict[str, list[UUID]]:
    return {"ids": [one.id for one in claimed], "leases": [one.lease for one in claimed]}


_RENEW = text(
    "UPDATE jobs SET lease_until = now() + make_interval(secs => :lease_seconds)"
    f" WHERE id IN ({_STILL_OURS}) RETURNING id"
)


async def renew_leases(tx: Tx, claimed: Collection[Claimed], lease_seconds: float) -> set[UUID]:
    """Holds the jobs for as long again; the ids of those whose lease is still ours."""
    return set(await tx.scalars(_RENEW, {**_names(claimed), "lease_seconds": lease_seconds}))


_CLOSE = text(
    "UPDATE jobs SET state = :state, last_error = :error, finished_at = now(), lease = NULL, lease_until = NULL"
    f" WHERE id IN ({_STILL_OURS}) RETURNING id"
)


async def close_jobs(tx: Tx, claimed: Sequence[Claimed], state: str, error: str | None = None) -> set[UUID]:
    """Ends jobs as done or dead; the ids of those whose lease is still ours."""
    return set(await tx.scalars(_CLOSE, {**_names(claimed), "state": state, "error": error}))


_PUT_BACK = text(
    "UPDATE jobs SET state = 'waiting', due_at = now() + make_interval(secs => :wait), last_error = :reason,"
    f" lease = NULL, lease_until = NULL, attempts = attempts - :uncounted WHERE id IN ({_STILL_OURS})"
)


async def put_back_jobs(
    tx: Tx, claimed: Sequence[Claimed], reason: str, *, wait: float = 0.0, counts: bool = True
) -> None:
    """Lets jobs wait for their next try; `counts`: whether this one was one."""
    await tx.execute(_PUT_BACK, {**_names(claimed), "reason": reason, "wait": wait, "uncounted": int(not counts)})


async def job_counts(tx: Tx, kinds: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many jobs of these kinds are not done, by state."""
    counts = {kind: dict.fromkeys(("waiting", "running", "dead"), 0) for kind in kinds}
    not_done = (jobs.c.state != "done") & jobs.c.kind.in_(counts)
    asked = select(jobs.c.kind, jobs.c.state, func.count()).where(not_done).group_by(jobs.c.kind, jobs.c.state)
    for kind, state, number in await tx.execute(asked):
        counts[kind][state] = number
    return counts


_AGES = text(
    "SELECT kind, CASE WHEN state <> 'waiting' THEN state WHEN attempts > 0 THEN 'retrying'"
    "  WHEN due_at > now() THEN 'later' ELSE 'waiting' END AS stands, count(*),"
    " extract(epoch FROM max(now() - CASE WHEN state = 'waiting' AND attempts > 0 THEN created_at ELSE due_at END))"
    " FROM jobs WHERE state IN ('waiting', 'running') GROUP BY kind, stands"
    " UNION ALL"
    " SELECT kind, state, count(*), extract(epoch FROM max(now() - finished_at))"
    " FROM jobs WHERE state = 'dead' GROUP BY kind, state"
)


async def job_ages(tx: Tx) -> dict[tuple[str, str], tuple[int, float]]:
    """How many jobs are not done, and the age of the oldest in seconds, by kind and where they stand: `later` are not
    due yet, `retrying` wait for another try. The age is since a job was due; was queued, if it was tried; died."""
    rows = await tx.execute(_AGES)
    return {(kind, stands): (number, max(0.0, float(age))) for kind, stands, number, age in rows}
