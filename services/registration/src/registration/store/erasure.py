"""What is locked, and what is deleted, when a person is forgotten."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, and_, cast, delete, exists, func, select, update

from backbone.contracts import REGISTRATION_ORGANISERS
from backbone.postgres.database import Tx, jobs, outbox

from .attendance import forget_words
from .tables import (
    accounts,
    api_keys,
    distinctions,
    events,
    members,
    organisations,
    pictures,
    second_factors,
    sessions,
    timeline,
    uploads,
)

MAILING = "mailing"
"""The kind of the jobs whose rows say which mails a person was sent."""


async def lock_account(tx: Tx, account_id: UUID) -> bool | None:
    """Whether the account is confirmed; None if there is none. Nothing is written for it until the transaction ends."""
    question = select(accounts.c.confirmed_at.is_not(None)).where(accounts.c.id == account_id)
    is_confirmed: bool | None = await tx.scalar(question.with_for_update())
    return is_confirmed


async def lock_long_unconfirmed(tx: Tx, kept: timedelta, *, most: int) -> list[UUID]:
    """The accounts that were opened, and last sent a confirmation, so long ago, and are not confirmed; locked."""
    long_ago = func.now() - kept
    is_mailed_since = exists().where(
        jobs.c.kind == MAILING,
        jobs.c.payload["account_id"].astext == cast(accounts.c.id, Text),
        jobs.c.created_at > long_ago,
    )
    unconfirmed = accounts.c.confirmed_at.is_(None) & (accounts.c.created_at < long_ago)
    oldest = select(accounts.c.id).where(unconfirmed, ~is_mailed_since).order_by(accounts.c.created_at).limit(most)
    # who confirms at this very moment holds the row, and keeps the account
    return list(await tx.scalars(oldest.with_for_update(skip_locked=True)))


async def forget_account(tx: Tx, account_id: UUID) -> None:
    """Deletes the account and all that was written for it; of submitted events the bare numbers stay."""
    own = events.c.account_id == account_id
    await tx.execute(delete(timeline).where(timeline.c.event_id.in_(select(events.c.id).where(own))))
    await tx.execute(delete(pictures).where(pictures.c.event_id.in_(select(events.c.id).where(own))))
    await tx.execute(delete(distinctions).where(distinctions.c.event_id.in_(select(events.c.id).where(own))))
    await tx.execute(delete(distinctions).where(distinctions.c.other_id.in_(select(events.c.id).where(own))))
    await tx.execute(delete(events).where(own, events.c.revision == 0))
    await forget_words(tx, select(events.c.id).where(own))
    nobodys = {"account_id": None, "organisation_id": None, "draft": None, "submitted_draft": None}
    nobodys |= {"word": None, "pin": None}
    await tx.execute(update(events).where(own).values(nobodys))
    # where nobody else is: its name may be the person's
    theirs = select(members.c.organisation_id).where(members.c.account_id == account_id)
    others = select(members.c.organisation_id).where(members.c.account_id != account_id)
    deserted = organisations.c.id.in_(theirs) & organisations.c.id.not_in(others)
    await tx.execute(delete(organisations).where(deserted))
    told = (outbox.c.aggregatetype == REGISTRATION_ORGANISERS.name) & (outbox.c.aggregateid == str(account_id))
    await tx.execute(delete(outbox).where(told))
    await tx.execute(delete(sessions).where(sessions.c.account_id == account_id))
    await tx.execute(delete(api_keys).where(api_keys.c.account_id == account_id))
    await tx.execute(delete(second_factors).where(second_factors.c.account_id == account_id))
    await tx.execute(delete(uploads).where(uploads.c.account_id == account_id))  # and with them their rows
    await tx.execute(delete(accounts).where(accounts.c.id == account_id))


async def forget_mails(tx: Tx, account_id: UUID) -> list[UUID]:
    """Deletes the account's mails but one that is being sent; the ids of all, that one's too."""
    mail_id = cast(jobs.c.payload["mail_id"].astext, Uuid)
    ended = delete(jobs).where(_is_mail_to(account_id), jobs.c.state != "running").returning(mail_id)
    found = [*await tx.scalars(ended), *await tx.scalars(select(mail_id).where(_is_mail_to(account_id)))]
    return [
        mail_id for mail_id in found if mail_id
    ]  # a row of another release must not keep a person from being erased


async def is_mailed(tx: Tx, account_id: UUID) -> bool:
    """Whether a mail is being sent to this account at this moment."""
    return bool(await tx.scalar(select(exists().where(_is_mail_to(account_id)))))


def _is_mail_to(account_id: UUID) -> ColumnElement[bool]:
    return and_(jobs.c.kind == MAILING, jobs.c.payload["account_id"].astext == str(account_id))
