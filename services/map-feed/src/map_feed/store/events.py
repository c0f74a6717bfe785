"""The read model: one row for each event, and what the board asks of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    Table,
    Uuid,
    any_,
    cast,
    func,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from backbone.contracts import EventStatus
from backbone.postgres.kept import KeptRows

from ..domain.standing import Standing
from .tables import metadata

_THIS_TRANSACTION = "pg_current_xact_id()::text::bigint"

events = Table(
    "events",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("decided_revision", Integer, nullable=False, server_default="0", comment="of the newest decision"),
    Column("decided_sequence", Integer, nullable=False, server_default="0", comment="of the newest decision"),
    Column("label", Text, comment="what the newest decision says of it; null: none was heard"),
    Column("withdrawn_revision", Integer, nullable=False, server_default="0", comment="of the newest withdrawal"),
    Column("event", JSONB, comment="the event as it was granted the label; null: it is not to be seen"),
    Column("labelled_at", DateTime(timezone=True), comment="when that was decided"),
    Column(
        "locations",
        JSONB,
        nullable=False,
        server_default=text("'{}'"),
        comment="revision → sequence and location (null: nobody knows it) of its newest look-up",
    ),
    Column(
        "written_in",
        BigInteger,
        nullable=False,
        server_default=text(_THIS_TRANSACTION),
        comment="the transaction that wrote the row last",
    ),
    Column("traceparent", Text, comment="the trace in which it was, if that is recorded"),
)
Index("ix_events_written_in", events.c.written_in)

EVENTS = KeptRows(events, Standing, also={"written_in": _THIS_TRANSACTION})

_OLDEST_RUNNING = cast(cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), Text), BigInteger)


class Bookmark(NamedTuple):
    """Where a reader of the table stands: behind this event, as this transaction wrote it."""

    written_in: int
    event_id: UUID

    @classmethod
    def before(cls, transaction: int) -> Bookmark:
        """Before all that this transaction wrote."""
        return cls(transaction - 1, UUID(int=2**128 - 1))


class Written(NamedTuple):
    """That something of an event was written, in which transaction and (if it is recorded) trace, and whether it may be
    seen now."""

    event_id: UUID
    written_in: int
    is_seen: bool
    traceparent: str | None = None

    @property
    def bookmark(self) -> Bookmark:
        return Bookmark(self.written_in, self.event_id)


class Seen(NamedTuple):
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


_IS_SEEN = events.c.event.is_not(None)
_LOCATION = events.c.locations[cast(events.c.decided_revision, Text)]["location"]


async def oldest_running(connection: AsyncConnection) -> int:
    """The number of the oldest transaction that still runs. To be asked first: what is not seen yet was written by
    it or by a later one, however late that commits."""
    return await connection.scalar(select(_OLDEST_RUNNING)) or 0


async def written_after(connection: AsyncConnection, behind: Bookmark, most: int) -> list[Written]:
    """The rows behind a bookmark, by the transaction that wrote them last: so many that they are not long in coming."""
    columns = (events.c.event_id, events.c.written_in, _IS_SEEN.label("is_seen"), events.c.traceparent)
    later = tuple_(events.c.written_in, events.c.event_id) > tuple_(behind.written_in, behind.event_id)
    rows = select(*columns).where(later).order_by(events.c.written_in, events.c.event_id).limit(most)
    return [Written(*row) for row in await connection.execute(rows)]


async def seen_of(connection: AsyncConnection, event_ids: Collection[UUID]) -> list[Seen]:
    """What may be seen of these events, as the text of its JSON: it is for a thread to read a piece of an edition."""
    location = func.nullif(cast(_LOCATION, Text), "null")
    columns = (events.c.event_id, events.c.labelled_at, cast(events.c.event, Text), location)
    rows = select(*columns).where(events.c.event_id == any_(cast(list(event_ids), ARRAY(Uuid))), _IS_SEEN)
    return [Seen(*row) for row in await connection.execute(rows)]


async def sum_seen(connection: AsyncConnection) -> Sum:
    """What the reader of all that may be seen must come to."""
    totals = select(func.count(), func.coalesce(func.sum(events.c.written_in), 0)).where(_IS_SEEN)
    number, transactions = (await connection.execute(totals)).one()
    return Sum(number, int(transactions))


async def count_seen(connection: AsyncConnection, edition: str) -> dict[str, int]:
    """How many events of an edition may be seen once its map is open; of them, how many have a pin, take place online
    alone, are nowhere."""
    told = events.c.event
    is_online = (func.jsonb_typeof(told["venue"]) == "null") | (told["status"].astext == EventStatus.MOVED_ONLINE)
    has_pin = func.jsonb_typeof(_LOCATION) == "object"
    is_nowhere = func.jsonb_typeof(_LOCATION) == "null"
    counts = select(
        func.count().label("listed"),
        func.count().filter(~is_online & has_pin).label("on_map"),
        func.count().filter(is_online).label("online"),
        func.count().filter(~is_online & is_nowhere).label("not_located"),
    ).where(_IS_SEEN, told["edition"].astext == edition)
    return dict((await connection.execute(counts)).mappings().one())
