"""What is locked, and what is deleted, when a person is forgotten."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, delete, exists, func, select, update

from backbone.contracts import REGISTRATION_ORGANISERS
from backbone.postgres.database import Tx, jobs, outbox

from ..domain.timeline import State
from .tables import accounts, events, timeline


async def lock_account(tx: Tx, account_id: UUID) -> bool | None:
    """Whether the account is confirmed; None if there is none. Nothing is written for it until the transaction ends."""
    question = select(accounts.c.confirmed_at.is_not(None)).where(accounts.c.id == account_id)
    is_confirmed: bool | None = await tx.scalar(question.with_for_update())
    return is_confirmed


async def lock_long_unconfirmed(tx: Tx, kept: timedelta, *, most: int) -> list[UUID]:
    """The accounts that were opened, and last sent a confirmation, so long ago, and are not confirmed; locked."""
    long_ago = func.now() - kept
    is_mailed_since = exists().where(
        jobs.c.kind == "confirmation",
        jobs.c.payload["account_id"].astext == cast(accounts.c.id, Text),
        jobs.c.created_at > long_ago,
    )
    unconfirmed = accounts.c.confirmed_at.is_(None) & (accounts.c.created_at < long_ago)
    oldest = select(accounts.c.id).where(unconfirmed, ~is_mailed_since).order_by(accounts.c.created_at).limit(most)
    # who confirms at this very moment holds the row, and keeps the account
    return list(await tx.scalars(oldest.with_for_update(skip_locked=True)))


async def lock_submitted_events(tx: Tx, account_id: UUID) -> list[tuple[UUID, int]]:
    """The account's events that are submitted and not withdrawn, with their revisions; all its events are locked."""
    question = select(events.c.id, events.c.revision, events.c.state).where(events.c.account_id == account_id)
    rows = (await tx.execute(question.order_by(events.c.id).with_for_update())).all()
    return [(row.id, row.revision) for row in rows if row.revision > 0 and row.state != State.WITHDRAWN]


async def forget_account(tx: Tx, account_id: UUID) -> None:
    """Deletes the account and all that was written for it; of submitted events the bare numbers stay."""
    own = events.c.account_id == account_id
    await tx.execute(delete(timeline).where(timeline.c.event_id.in_(select(events.c.id).where(own))))
    await tx.execute(delete(events).where(own, events.c.revision == 0))
    await tx.execute(update(events).where(own).values(account_id=None, draft=None, submitted_draft=None))
    told = (outbox.c.aggregatetype == REGISTRATION_ORGANISERS.name) & (outbox.c.aggregateid == str(account_id))
    await tx.execute(delete(outbox).where(told))
    await tx.execute(delete(accounts).where(accounts.c.id == account_id))


async def forget_confirmations(tx: Tx, account_id: UUID) -> list[UUID]:
    """Deletes the account's confirmations but one that is being mailed; the ids of all, that one's too."""
    ended = delete(jobs).where(_confirms(account_id), jobs.c.state != "running").returning(jobs.c.id)
    return [*await tx.scalars(ended), *await tx.scalars(select(jobs.c.id).where(_confirms(account_id)))]


async def is_mailed(tx: Tx, account_id: UUID) -> bool:
    """Whether a confirmation is being mailed to this account at this moment."""
    return bool(await tx.scalar(select(exists().where(_confirms(account_id)))))


def _confirms(account_id: UUID) -> ColumnElement[bool]:
    return and_(jobs.c.kind == "confirmation", jobs.c.payload["account_id"].astext == str(account_id))
