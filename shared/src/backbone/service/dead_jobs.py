"""The command `SERVICE jobs`: dead jobs are listed, and queued again once their cause is mended."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from ..postgres.database import Tx, jobs, open_database
from .settings import ServiceSettings

# no payload: it may hold personal data
_SHOWN = (jobs.c.id, jobs.c.kind, jobs.c.key, jobs.c.attempts, jobs.c.last_error, jobs.c.finished_at)


async def dead_jobs(tx: Tx) -> Sequence[Any]:
    """What there is to say about each dead job, the one that died last at the end."""
    is_dead = jobs.c.state == "dead"
    return (await tx.execute(select(*_SHOWN).where(is_dead).order_by(jobs.c.finished_at))).all()


OnRetry = Callable[[str, str, Tx], Awaitable[None]]
"""Told the kind and the key of a dead job that is queued again, in the transaction that does it."""


async def nothing_more(_: str, __: str, ___: Tx) -> None:
    """Of most jobs the row in the table is all there is to set right."""


async def retry_jobs(tx: Tx, job_id: UUID | None = None, on_retry: OnRetry = nothing_more) -> Sequence[Any]:
    """Queues a dead job again, or all of them, with all its tries before it; which ones."""
    chosen = jobs.c.state == "dead"
    if job_id is not None:
        chosen &= jobs.c.id == job_id
    afresh = {"state": "waiting", "attempts": 0, "due_at": func.now(), "finished_at": None}
    queued = (await tx.execute(update(jobs).where(chosen).values(afresh).returning(*_SHOWN))).all()
    for job in queued:
        await on_retry(job.kind, job.key, tx)
    await tx.execute(select(func.pg_notify("jobs", "")))
    return queued


async def run_jobs_command(settings: ServiceSettings, arguments: list[str], on_retry: OnRetry = nothing_more) -> None:
    """`SERVICE jobs` lists the dead jobs; `SERVICE jobs retry ID|--all` queues them again, or exits with 1."""
    asked = _read(settings.service, arguments)
    engine = open_database(settings.database_url.get_secret_value())
    async with engine.begin() as tx:
        found = await (retry_jobs(tx, asked.id, on_retry) if asked.verb else dead_jobs(tx))
    await engine.dispose()
    for job in found:
        print(_told_again(job) if asked.verb else _told(job))  # noqa: T201 (the answer of a command)
    if not found:
        answer = f"{settings.service}: no {'such job' if asked.id else 'job'} is dead"
        if asked.verb:
            raise SystemExit(answer)
        print(answer)  # noqa: T201


def _read(service: str, arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"{service} jobs", description="Lists the dead jobs.")
    parser.set_defaults(id=None)
    retry = parser.add_subparsers(dest="verb").add_parser("retry", help="queue dead jobs again")
    which = retry.add_mutually_exclusive_group(required=True)
    which.add_argument("id", nargs="?", type=UUID)
    which.add_argument("--all", action="store_true")
    return parser.parse_args(arguments)


def _told(job: Any) -> str:
    return f"{job.id}  {job.kind} {job.key}  {job.finished_at:%Y-%m-%d %H:%M}  {job.attempts} tries  {job.last_error}"


def _told_again(job: Any) -> str:
    return f"{job.id}  {job.kind} {job.key}  is waiting again"
