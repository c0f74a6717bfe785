"""Forgetting a person.

at once        the events are withdrawn (or are a colleague's from now on, where there is one), all that was kept of the
               person goes, the tombstone is told: one transaction
a moment later the copies of their mails go, once none is being sent any more
again          the tombstone is told, and the mails looked for, after each of the waits in the settings

An account that nobody confirms goes the same way after some days; nothing was told of it, so nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from backbone.contracts import Fact, OrganiserErased
from backbone.postgres.database import Tx
from backbone.postgres.jobs import Claimed, Job, queue_jobs
from backbone.postgres.outbox import tell_now
from backbone.postgres.purge import Purge
from backbone.runtime.trace import current_trace
from backbone.service.outcomes import Done

from .. import store
from ..confirmation import message_id
from ..desk import Desk
from ..domain.privacy import Author, names
from ..domain.rights import Role
from ..store import StoredEvent
from .events import author_of, take_back
from .handing_over import pass_on

NOW = timedelta(0)
AT_ONCE = 50  # accounts purged in one transaction


class Erasure(Job):
    """What is left to do of an erasure once `wait` has passed: the copies of these mails, and the tombstone anew."""

    kind: ClassVar[str] = "erasure"
    organiser_id: UUID
    mails: tuple[UUID, ...]
    wait: timedelta

    @property
    def key(self) -> str:
        return f"{self.organiser_id}:{self.wait}"


class StillMailing(Exception):
    """A mail is being sent to the person at this moment: its copy can only be removed afterwards."""


async def erase(tx: Tx, account_id: UUID, *, now: datetime, again_after: Iterable[timedelta]) -> bool:
    """Erases the account and all that is kept of the person; False if there is no such account (any more)."""
    organisations = await store.lock_organisations_of(tx, account_id)
    is_confirmed = await store.lock_account(tx, account_id)
    account = await store.account_by_id(tx, account_id)
    if is_confirmed is None or account is None:
        return False
    heirs = await _heirs(tx, organisations, account_id)
    for event in await store.lock_events_of(tx, account_id):
        heir = heirs.get(event.organisation_id) if event.organisation_id else None
        if heir and await _names_no_more(tx, event, author_of(account)):
            await pass_on(tx, event, heir, event.organisation_id, now)
        elif event.is_submitted:
            await take_back(tx, event, now)
    mails = tuple(await store.forget_mails(tx, account_id))
    for invitation_id in await store.invitations_to(tx, account.email):
        mails += tuple(await store.forget_mails(tx, invitation_id))
        await store.end_invitation(tx, invitation_id)
    await store.forget_account(tx, account_id)
    # of somebody unconfirmed nothing was ever told
    if is_confirmed:
        await tell_now(tx, OrganiserErased(organiser_id=account_id))
    waits = [NOW, *(again_after if is_confirmed else ())]
    work = [Erasure(organiser_id=account_id, mails=mails, wait=wait) for wait in waits]
    await queue_jobs(tx, [(job, job.wait, current_trace()) for job in work])
    return True


async def _heirs(tx: Tx, organisations: Iterable[UUID], account_id: UUID) -> dict[UUID, UUID]:
    """Who keeps the events of each organisation from now on: whoever has managed it for longest, else whoever is of it
    for longest, and manages it then. None of them is erased at the same time: the organisations are locked."""
    heirs = {}
    for organisation_id in organisations:
        others = [one for one in await store.members_of(tx, organisation_id) if one.account_id != account_id]
        if others:
            heirs[organisation_id] = others[0].account_id
            if others[0].role != Role.MANAGER:
                await store.set_role(tx, organisation_id, others[0].account_id, Role.MANAGER)
    for heir in sorted(heirs.values()):
        await store.account_by_id(tx, heir, hold=True)
    return heirs


async def _names_no_more(tx: Tx, event: StoredEvent, author: Author) -> bool:
    """Whether the text of the event names its author nowhere, or no longer: what was submitted does not."""
    if not names(event.draft, author):
        return True
    submitted = await store.submitted_event(tx, event.id)
    if submitted is None or submitted.draft is None or names(submitted.draft, author):
        return False
    await store.reset_draft(tx, event.id)
    return True


def unconfirmed_accounts(kept_days: int) -> Purge:
    """The accounts that nobody has confirmed so many days after the last mail that asked for it."""

    async def purge(tx: Tx) -> bool:
        forgotten = await store.lock_long_unconfirmed(tx, timedelta(days=kept_days), most=AT_ONCE)
        for account_id in forgotten:
            await erase(tx, account_id, now=datetime.now(UTC), again_after=())
        return len(forgotten) == AT_ONCE

    return purge


async def remove_copies(claimed: Claimed, desk: Desk) -> None:
    """Removes the copies of a person's mails. Raises StillMailing."""
    job: Erasure = claimed.job
    async with desk.engine.begin() as tx:
        await store.forget_mails(tx, job.organiser_id)  # those that ended since
        if await store.is_mailed(tx, job.organiser_id):
            raise StillMailing
    await desk.mailer.forget([message_id(mail) for mail in job.mails])


async def tell_again(done: Done, tx: Tx, desk: Desk) -> list[Fact]:
    """The tombstone, once more where it is time to. In the transaction, as nothing is kept of the person to fold."""
    job: Erasure = done.job
    return [OrganiserErased(organiser_id=job.organiser_id)] if job.wait > NOW else []
