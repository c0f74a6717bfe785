"""Who is at the desk: reviewers as their tokens say it, and the regions that nobody of theirs looks after."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert

from backbone.campaign.geography import ONLINE, REVIEW_REGIONS
from backbone.http.access import Caller
from backbone.postgres.database import Tx

from ..desk import Desk
from .tables import colleagues

ADMINISTRATOR = "administrator"
SEEN_EVERY = timedelta(minutes=5)  # a token says the same for a quarter of an hour


@dataclass(frozen=True)
class Colleague:
    """Somebody who may be asked for their opinion."""

    account_id: UUID
    name: str
    organisation: str


async def note_visit(tx: Tx, caller: Caller) -> None:
    """Remembers that a reviewer has been here, with the name and the regions that their token says."""
    known = {
        "name": caller.name or "Sans nom",
        "organisation": caller.organisation,
        "role": caller.role,
        "regions": sorted(caller.regions),
    }
    told = insert(colleagues).values(account_id=caller.account_id, **known)
    is_news = or_(
        colleagues.c.seen_at < func.now() - SEEN_EVERY, *(colleagues.c[name] != value for name, value in known.items())
    )
    await tx.execute(
        told.on_conflict_do_update(
            index_elements=[colleagues.c.account_id], set_={**known, "seen_at": func.now()}, where=is_news
        )
    )


async def regions_without_reviewer(tx: Tx, away: timedelta) -> frozenset[str]:
    """The regions of which no reviewer has been here for so long."""
    seen = select(func.unnest(colleagues.c.regions)).where(
        colleagues.c.role == "reviewer", colleagues.c.seen_at > func.now() - away
    )
    return frozenset(REVIEW_REGIONS) - {ONLINE} - frozenset(await tx.scalars(seen))


async def with_deserted_regions(tx: Tx, caller: Caller, away: timedelta) -> Caller:
    """The reviewer, with the regions that fall to them: to the national desk, those without a reviewer of their own."""
    if caller.role == ADMINISTRATOR or ONLINE not in caller.regions:
        return caller
    return replace(caller, regions=caller.regions | await regions_without_reviewer(tx, away))


async def take_seat(desk: Desk, caller: Caller) -> Caller:
    """The reviewer as they sit at the desk today: their visit is noted, and what falls to them is theirs."""
    async with desk.engine.begin() as tx:
        await note_visit(tx, caller)
        return await with_deserted_regions(tx, caller, desk.away)


def regions_of(caller: Caller) -> Collection[str] | None:
    """Where a reviewer decides; None: everywhere."""
    return None if caller.role == ADMINISTRATOR else caller.regions


async def colleagues_for(tx: Tx, region: str, caller: Caller) -> list[Colleague]:
    """Who may be asked about an event of the region: its other reviewers, those of the national desk, and the
    administrators, by name."""
    may_read = or_(colleagues.c.role == ADMINISTRATOR, colleagues.c.regions.overlap([region, ONLINE]))
    asked = select(colleagues.c.account_id, colleagues.c.name, colleagues.c.organisation).where(
        may_read, colleagues.c.account_id != caller.account_id
    )
    return [Colleague(*row) for row in await tx.execute(asked.order_by(colleagues.c.name, colleagues.c.account_id))]
