"""Who is at an event: a colleague sees it, and decides on another one meanwhile."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from backbone.http.access import Caller
from backbone.http.paging import Place
from backbone.postgres.database import Tx

from ..desk import Desk
from ..reviews import ReviewMissing
from .access import Claimed, check_independence, to_read
from .colleagues import ADMINISTRATOR
from .queue import Wanted, waiting
from .tables import claims

LOOKED_AT = 20


@dataclass(frozen=True)
class Claim:
    """Who is at the event, and for how long."""

    account_id: UUID
    name: str
    until: datetime
    left: timedelta


async def claim(desk: Desk, event_id: UUID, caller: Caller) -> Claim:
    """Keeps the event for this reviewer for a while, or for a while longer; an administrator may take it over.

    Raises ReviewMissing, NotAllowed, OwnCause, OwnRefusal, Claimed.
    """
    async with desk.engine.begin() as tx:
        found = await to_read(tx, event_id, caller)
        check_independence(found, caller)
        mine = {"account_id": caller.account_id, "name": caller.name or "Sans nom", "until": func.now() + desk.claim}
        is_free = (claims.c.until <= func.now()) | (claims.c.account_id == caller.account_id)
        take = insert(claims).values(event_id=event_id, **mine)
        where = None if caller.role == ADMINISTRATOR else is_free
        taken = take.on_conflict_do_update(index_elements=[claims.c.event_id], set_=mine, where=where)
        await tx.execute(taken)
        standing = await current(tx, event_id)
    assert standing
    if standing.account_id != caller.account_id:
        raise Claimed(standing.name)
    return standing


async def release(desk: Desk, event_id: UUID, caller: Caller) -> None:
    """Leaves the event to the others."""
    mine = (claims.c.event_id == event_id) & (claims.c.account_id == caller.account_id)
    async with desk.engine.begin() as tx:
        await tx.execute(delete(claims).where(mine))


async def current(tx: Tx, event_id: UUID) -> Claim | None:
    """Who is at the event now."""
    left = claims.c.until - func.now()
    asked = select(claims.c.account_id, claims.c.name, claims.c.until, left)
    row = (await tx.execute(asked.where(claims.c.event_id == event_id, claims.c.until > func.now()))).one_or_none()
    return Claim(*row) if row else None


async def claim_next(desk: Desk, wanted: Wanted, caller: Caller, after: Place | None) -> UUID | None:
    """Keeps for this reviewer the next event that they may decide on, from a place on or else from the beginning, and
    that nobody is at: two who go through one queue never sit at the same event. None if there is none."""
    now = desk.clock.now()
    for place in dict.fromkeys((after, None)):
        async with desk.engine.connect() as tx:
            found = await waiting(tx, wanted, caller, now, after=place, limit=LOOKED_AT)
        for one in found:
            if one.claimed_by in (None, caller.account_id) and not one.is_not_for(caller):
                with suppress(Claimed, ReviewMissing):  # somebody was quicker
                    await claim(desk, one.event.event_id, caller)
                    return one.event.event_id
    return None
