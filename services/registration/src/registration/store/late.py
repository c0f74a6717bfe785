"""The codes that let late events in, as hashes."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, select, update

from backbone.postgres.database import Tx
from backbone.postgres.purge import Purge, older

from ..domain.late import LateCode
from .tables import late_codes

KEPT = timedelta(days=330)


async def add_late_code(tx: Tx, hashed: bytes, region: str | None, ends_at: datetime, given_by: UUID) -> None:
    """Keeps a code that was given."""
    row = {"hash": hashed, "region": region, "ends_at": ends_at, "given_by": given_by}
    await tx.execute(insert(late_codes).values(row))


async def lock_late_code(tx: Tx, hashed: bytes) -> LateCode | None:
    """The code, which lets no other event in before the transaction ends."""
    columns = (late_codes.c.region, late_codes.c.ends_at, late_codes.c.event_id)
    question = select(*columns).where(late_codes.c.hash == hashed).with_for_update()
    row = (await tx.execute(question)).one_or_none()
    return LateCode(*row) if row else None


async def use_late_code(tx: Tx, hashed: bytes, event_id: UUID) -> None:
    """The code has let this event in."""
    await tx.execute(update(late_codes).where(late_codes.c.hash == hashed).values(event_id=event_id))


def old_late_codes() -> Purge:
    """Those of earlier editions."""
    return older(late_codes, late_codes.c.given_at, KEPT)
