"""What has lain unused for so long that it goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, text, update

from backbone.contracts import canary
from backbone.postgres.database import Tx

from .tables import accounts, attendance, events, timeline


async def lock_unused(tx: Tx, kept: timedelta, *, most: int) -> list[UUID]:
    """Confirmed accounts that nobody has used for so long, and whose owners were not told yet; locked."""
    unused = accounts.c.used_at < func.now() - kept
    somebodys = accounts.c.confirmed_at.is_not(None) & (accounts.c.id != canary.ORGANISER)
    which = unused & somebodys & accounts.c.farewell_at.is_(None)
    oldest = select(accounts.c.id).where(which).order_by(accounts.c.used_at).limit(most)
    return list(await tx.scalars(oldest.with_for_update(skip_locked=True)))


async def note_farewell(tx: Tx, account_id: UUID) -> None:
    """The owner is told that the account goes."""
    await tx.execute(update(accounts).where(accounts.c.id == account_id).values(farewell_at=func.now()))


async def lock_told(tx: Tx, notice: timedelta, *, most: int) -> list[UUID]:
    """The accounts whose owners were told so long ago, and have not come since (a sign-in takes it back); locked."""
    which = accounts.c.farewell_at < func.now() - notice
    oldest = select(accounts.c.id).where(which).order_by(accounts.c.farewell_at).limit(most)
    return list(await tx.scalars(oldest.with_for_update(skip_locked=True)))


async def forget_old_drafts(tx: Tx, kept: timedelta, *, most: int) -> int:
    """Deletes drafts that were never submitted, so long after their last day, or after they were begun if that is
    later, or says none; how many. Somebody who changes one at this moment keeps it."""
    # of a draft each day is text that begins 2026-11-17; one of another release that says none has none
    which = (
        (events.c.revision == 0)
        & (events.c.id != canary.EVENT)
        & (events.c.created_at < func.now() - kept)
        & (func.coalesce(_LAST_DAY, "") < func.to_char(func.now() - kept, "YYYY-MM-DD"))
    )
    oldest = select(events.c.id).where(which).order_by(events.c.created_at).limit(most)
    gone = delete(events).where(events.c.id.in_(oldest.with_for_update(skip_locked=True))).returning(events.c.id)
    ids = list(await tx.scalars(gone))
    await tx.execute(delete(timeline).where(timeline.c.event_id.in_(ids)))
    return len(ids)


_LAST_DAY = text(
    "(SELECT max(slot->>'ends_at') FROM jsonb_array_elements("
    "CASE jsonb_typeof(events.draft->'slots') WHEN 'array' THEN events.draft->'slots' ELSE '[]' END) AS slot)"
)


async def forget_old_words(tx: Tx, before: datetime) -> None:
    """Deletes what organisers wrote of who came before then; the numbers stay."""
    old = (attendance.c.changed_at < before) & attendance.c.word.is_not(None)
    await tx.execute(update(attendance).where(old).values(word=None))
