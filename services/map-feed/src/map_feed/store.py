"""The read model: what was told of each event, folded into one row in whatever order it was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Uuid,
    and_,
    cast,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement
from sqlalchemy.types import Text

from backbone.contracts import Location, PublicEvent
from backbone.database import NAMING, Tx

metadata = MetaData(naming_convention=NAMING)

events = Table(
    "events",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("labelled_revision", Integer, comment="the newest revision that was given the label"),
    Column("event", JSONB, comment="that revision, whole"),
    # of every revision, not of the newest alone: a new address may be located days before it is labelled, and
    # until then visitors see the old event, with the old pin
    Column("locations", JSONB, nullable=False, server_default=text("'{}'"), comment="revision → location, or null"),
    Column("withdrawn_revision", Integer, comment="the newest revision that was refused, withdrawn or cancelled"),
    Column("written_in", BigInteger, nullable=False, comment="the transaction that wrote the row last"),
    CheckConstraint("(labelled_revision IS NULL) = (event IS NULL)", name="labelled_whole"),
)
Index("ix_events_written_in", events.c.written_in)

_THIS_TRANSACTION = cast(cast(func.pg_current_xact_id(), Text), BigInteger)
_OLDEST_RUNNING = cast(cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), Text), BigInteger)


@dataclass(frozen=True)
class Told:
    """What the public may see of one event: nothing, or the labelled event and where it is, if that is known."""

    event_id: UUID
    event: PublicEvent | None
    location: Location | None


async def keep_label(tx: Tx, event: PublicEvent) -> None:
    """Keeps the event as labelled, unless a newer revision is labelled already."""
    told = {"labelled_revision": event.revision, "event": event.model_dump(mode="json")}
    older = or_(events.c.labelled_revision.is_(None), events.c.labelled_revision < event.revision)
    await _fold(tx, event.event_id, told, told, older)


async def keep_location(tx: Tx, event_id: UUID, revision: int, location: Location | None) -> None:
    """Keeps where the venue of this revision is; None where no source knows it."""
    told = {str(revision): location.model_dump(mode="json") if location else None}
    differs = events.c.locations.op("@>")(cast(told, JSONB)).is_(False)
    await _fold(tx, event_id, {"locations": told}, {"locations": events.c.locations.concat(cast(told, JSONB))}, differs)


async def keep_end(tx: Tx, event_id: UUID, revision: int) -> None:
    """Keeps that this revision, and every one before it, is not to be seen."""
    told = {"withdrawn_revision": revision}
    older = or_(events.c.withdrawn_revision.is_(None), events.c.withdrawn_revision < revision)
    await _fold(tx, event_id, told, told, older)


async def _fold(
    tx: Tx, event_id: UUID, new: Mapping[str, Any], change: Mapping[str, Any], is_news: ColumnElement[bool]
) -> None:
    row = insert(events).values(event_id=event_id, written_in=_THIS_TRANSACTION, **new)
    changed = {**change, "written_in": _THIS_TRANSACTION}
    await tx.execute(row.on_conflict_do_update(index_elements=[events.c.event_id], set_=changed, where=is_news))


_LOCATION = events.c.locations[cast(events.c.labelled_revision, Text)]

_SEEN = and_(
    events.c.labelled_revision.is_not(None),
    or_(events.c.withdrawn_revision.is_(None), events.c.labelled_revision > events.c.withdrawn_revision),
)


async def told_since(connection: AsyncConnection, since: int) -> tuple[list[Told], int]:
    """What changed in transactions from number `since` on, and the number to ask from the next time.

    That number is taken first, and is the oldest transaction's that still runs: what is not seen yet will be.
    """
    upto = await connection.scalar(select(_OLDEST_RUNNING))
    columns = (events.c.event_id, events.c.event, _LOCATION.label("location"), _SEEN.label("is_seen"))
    rows = await connection.execute(select(*columns).where(events.c.written_in >= since))
    return [_told(row) for row in rows], upto or 0


def _told(row: Any) -> Told:
    if not row.is_seen:
        return Told(row.event_id, None, None)
    location = Location.model_validate(row.location) if row.location else None
    return Told(row.event_id, PublicEvent.model_validate(row.event), location)


async def count_seen(connection: AsyncConnection) -> dict[str, int]:
    """How many events may be seen once the map is open; of them, how many have a pin, are online, are nowhere."""
    has_pin = func.jsonb_typeof(_LOCATION) == "object"
    is_nowhere = func.jsonb_typeof(_LOCATION) == "null"
    is_online = events.c.event["online_url"].astext.is_not(None)
    counts = select(
        func.count().label("listed"),
        func.count().filter(has_pin).label("on_map"),
        func.count().filter(is_online).label("online"),
        func.count().filter(is_nowhere).label("not_located"),
    ).where(_SEEN)
    return dict((await connection.execute(counts)).mappings().one())
