"""The read model: what was told of each event, folded into one row in whatever order it was told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    Table,
    Uuid,
    and_,
    any_,
    cast,
    func,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement
from sqlalchemy.types import Text

from backbone.contracts import Location, PublicEvent
from backbone.postgres.database import NAMING, Tx

metadata = MetaData(naming_convention=NAMING)

events = Table(
    "events",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("labelled_revision", Integer, comment="the newest revision that was given the label"),
    Column("event", JSONB, comment="that revision, whole"),
    Column("labelled_at", DateTime(timezone=True), comment="when that was decided; unknown in rows of long ago"),
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


class Place(NamedTuple):
    """Where a reader stands: behind this event, as this transaction wrote it."""

    written_in: int
    event_id: UUID

    @classmethod
    def before(cls, transaction: int) -> Place:
        """Before all that this transaction wrote."""
        return cls(transaction - 1, UUID(int=2**128 - 1))


class Written(NamedTuple):
    """That something of an event was written, in which transaction, and whether it may be seen now."""

    event_id: UUID
    written_in: int
    is_seen: bool

    @property
    def place(self) -> Place:
        return Place(self.written_in, self.event_id)


class Told(NamedTuple):
    """What the public may see of one event: the labelled event and where it is, if that is known, as JSON."""

    event_id: UUID
    labelled_at: datetime | None
    event: str
    location: str | None


class Sum(NamedTuple):
    """How many events may be seen, and the sum of the transactions that wrote them: two readers of the same come
    to the same, and a row that was missed, lost or put back from a copy changes it."""

    events: int
    transactions: int


async def keep_label(tx: Tx, event: PublicEvent, labelled_at: datetime | None = None) -> None:
    """Keeps the event as labelled, unless a newer revision is labelled already."""
    told = {"labelled_revision": event.revision, "event": event.model_dump(mode="json"), "labelled_at": labelled_at}
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


async def oldest_running(connection: AsyncConnection) -> int:
    """The number of the oldest transaction that still runs. To be asked first: what is not seen yet was written by
    it or by a later one, however late that commits."""
    return await connection.scalar(select(_OLDEST_RUNNING)) or 0


async def written_after(connection: AsyncConnection, place: Place, most: int) -> list[Written]:
    """The rows behind a place, by the transaction that wrote them last: in pieces, so that none is long in coming."""
    columns = (events.c.event_id, events.c.written_in, _SEEN.label("is_seen"))
    behind = tuple_(events.c.written_in, events.c.event_id) > tuple_(place.written_in, place.event_id)
    rows = select(*columns).where(behind).order_by(events.c.written_in, events.c.event_id).limit(most)
    return [Written(*row) for row in await connection.execute(rows)]


async def told_of(connection: AsyncConnection, event_ids: Collection[UUID]) -> list[Told]:
    """What is kept of these events, as the text of its JSON: who reads a piece of an edition does so in a thread."""
    columns = (events.c.event_id, events.c.labelled_at, cast(events.c.event, Text), cast(_LOCATION, Text))
    rows = select(*columns).where(events.c.event_id == any_(cast(list(event_ids), ARRAY(Uuid))))
    return [Told(*row) for row in await connection.execute(rows)]


async def sum_seen(connection: AsyncConnection) -> Sum:
    """What the reader of all that may be seen must come to."""
    totals = select(func.count(), func.coalesce(func.sum(events.c.written_in), 0)).where(_SEEN)
    number, transactions = (await connection.execute(totals)).one()
    return Sum(number, int(transactions))


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
