"""What is submitted at a place on a day, and what its organisers say of two events that are alike."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Text, cast, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import insert

from backbone.contracts import canary
from backbone.postgres.database import Tx

from ..domain.kept import Kept
from ..domain.story import State
from .tables import distinctions, events

MOST = 200
"""Events at one place on one day that are looked at, the oldest first."""

_HOLD = text(
    "SELECT pg_advisory_xact_lock(key) FROM (SELECT DISTINCT hashtextextended(sitting, 14) AS key"
    " FROM unnest(CAST(:sittings AS text[])) AS sitting ORDER BY key) AS keys"
)


class Neighbour(NamedTuple):
    """An event that is submitted for one of these days at one of these places."""

    id: UUID
    account_id: UUID
    organisation_id: UUID | None
    draft: Kept
    """As it was submitted."""
    state: str


async def hold_sittings(tx: Tx, sittings: Collection[str]) -> None:
    """Two who submit one event at the same moment come one after the other: the second finds the first."""
    await tx.execute(_HOLD, {"sittings": sorted(sittings)})


async def neighbours(tx: Tx, sittings: Collection[str], *, but: UUID | None) -> Sequence[Neighbour]:
    """The events that are submitted for these days and places, `but` this one."""
    wanted = cast(literal(sorted(sittings), ARRAY(Text)), ARRAY(Text))
    question = (
        select(events.c.id, events.c.account_id, events.c.organisation_id, events.c.submitted_draft, events.c.state)
        .where(func.sittings(events.c.submitted_draft).op("&&")(wanted))
        .where(events.c.account_id.is_not(None), events.c.state != State.WITHDRAWN.value, events.c.id != canary.EVENT)
        .order_by(events.c.created_at, events.c.id)
        .limit(MOST)
    )
    rows = await tx.execute(question.where(events.c.id != but) if but else question)
    return [Neighbour._make(row) for row in rows]


async def told_apart(tx: Tx, event_id: UUID) -> set[UUID]:
    """The events that are not this one, as its organiser says, or theirs."""
    either = or_(distinctions.c.event_id == event_id, distinctions.c.other_id == event_id)
    rows = await tx.execute(select(distinctions.c.event_id, distinctions.c.other_id).where(either))
    return {other for pair in rows for other in pair} - {event_id}


async def tell_apart(tx: Tx, event_id: UUID, others: Collection[UUID], *, by: UUID, at: datetime) -> None:
    """Keeps that these are other events, as this account says."""
    if others:
        said = {"event_id": event_id, "said_by": by, "said_at": at}
        rows = insert(distinctions).values([said | {"other_id": other} for other in others])
        await tx.execute(rows.on_conflict_do_nothing())
