"""Who has drafts that are not submitted."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, exists, func, select

from backbone.contracts import canary
from backbone.postgres.database import Tx, jobs

from .erasure import MAILING
from .tables import accounts, events

A_DAY = timedelta(days=1)
A_SEASON = timedelta(days=200)
"""Longer than an edition takes to be submitted, and shorter than it is to the next one's last day."""


async def keepers_of_drafts(tx: Tx, mail: str, *, most: int) -> list[UUID]:
    """Confirmed accounts with a draft of this season that was begun before yesterday and never submitted, who were not
    sent this mail about it; in the order of their ids."""
    is_told = exists().where(
        jobs.c.kind == MAILING,
        jobs.c.payload["account_id"].astext == cast(accounts.c.id, Text),
        jobs.c.payload["mail"].astext == mail,
        jobs.c.created_at > func.now() - A_SEASON,
    )
    has_one = exists().where(
        events.c.account_id == accounts.c.id, _is_draft(), events.c.created_at < func.now() - A_DAY
    )
    is_somebody = accounts.c.confirmed_at.is_not(None) & (accounts.c.id != canary.ORGANISER)
    question = select(accounts.c.id).where(is_somebody, has_one, ~is_told).order_by(accounts.c.id).limit(most)
    return list(await tx.scalars(question))


async def titles_of_drafts(tx: Tx, account_id: UUID) -> list[str | None]:
    """What they are called, the newest first; None: not yet."""
    title = events.c.draft["title"].astext
    question = select(title).where(events.c.account_id == account_id, _is_draft())
    return list(await tx.scalars(question.order_by(events.c.created_at.desc(), events.c.id)))


def _is_draft() -> ColumnElement[bool]:
    is_of_today = events.c.created_at > func.now() - A_SEASON
    return (events.c.revision == 0) & is_of_today & (events.c.id != canary.EVENT)
