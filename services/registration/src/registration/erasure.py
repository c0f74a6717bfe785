"""Forgetting a person.

at once        the events are withdrawn, all that was kept of the person goes, the tombstone is told: one transaction
a moment later the copies of their mails go, once none is being sent any more
again          the tombstone is told, and the mails looked for, after each of the waits in the settings

An account that nobody confirms goes the same way after some days; nothing was told of it, so nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.contracts import OrganiserErased
from backbone.mail.mailers import Mailer
from backbone.postgres.database import Tx
from backbone.postgres.jobs import Job, queue_job
from backbone.postgres.outbox import tell_now
from backbone.postgres.purge import Purge

from . import store
from .confirmation import message_id
from .withdrawal import withdraw

ERASURE = "erasure"
NOW = timedelta(0)
AT_ONCE = 50  # accounts purged in one transaction


class StillMailing(Exception):
    """A confirmation is being mailed to the person at this moment: its copy can only be removed afterwards."""


async def erase(tx: Tx, account_id: UUID, *, now: datetime, again_after: Iterable[timedelta]) -> bool:
    """Erases the account and all that is kept of the person; False if there is no such account (any more)."""
    is_confirmed = await store.lock_account(tx, account_id)
    if is_confirmed is None:
        return False
    for event_id, revision in await store.lock_submitted_events(tx, account_id):
        await withdraw(tx, event_id, revision + 1, now)
    mails = await store.forget_confirmations(tx, account_id)
    await store.forget_account(tx, account_id)
    await _queue(tx, account_id, mails, NOW)
    if is_confirmed:  # of anybody else nothing was ever told
        await tell_now(tx, "registration", OrganiserErased(organiser_id=account_id))
        for wait in again_after:
            await _queue(tx, account_id, mails, wait)
    return True


def unconfirmed_accounts(kept_days: int) -> Purge:
    """The accounts that nobody has confirmed so many days after the last mail that asked for it."""

    async def purge(tx: Tx) -> bool:
        forgotten = await store.lock_long_unconfirmed(tx, timedelta(days=kept_days), most=AT_ONCE)
        for account_id in forgotten:
            await erase(tx, account_id, now=datetime.now(UTC), again_after=())
        return len(forgotten) == AT_ONCE

    return purge


async def _queue(tx: Tx, account_id: UUID, mails: Iterable[UUID], wait: timedelta) -> None:
    about = {"organiser_id": str(account_id), "mails": [str(mail) for mail in mails], "tells": wait > NOW}
    await queue_job(tx, ERASURE, f"{account_id}:{wait}", about, due_in=wait)


async def complete_erasure(job: Job, engine: AsyncEngine, mailer: Mailer) -> None:
    """Removes the copies of a person's mails, and tells the tombstone once more where it is time to."""
    organiser_id = UUID(job.payload["organiser_id"])
    async with engine.begin() as tx:
        await store.forget_confirmations(tx, organiser_id)  # those that ended since
        if await store.is_mailed(tx, organiser_id):
            raise StillMailing
    await mailer.forget([message_id(UUID(mail)) for mail in job.payload["mails"]])
    async with job.finish() as tx:
        if job.payload["tells"]:
            await tell_now(tx, "registration", OrganiserErased(organiser_id=organiser_id))


async def give_up_erasure(job: Job, reason: str, tx: Tx) -> None:
    """A mailbox that cannot be written for hours is an operator's to mend: the dead job says so."""
