"""What was told of the map: of each event its newest change, in the order in which they were told.

Content is kept of what may be seen alone: a change takes the place of the one before it, so the table is never longer
than the list of all events there ever were, and nothing is left in it of what is no longer on the map.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, JSON, BigInteger, Boolean, CheckConstraint, Column, Table, Uuid, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from backbone.postgres.database import Tx

from ..domain.changes import Change, Kind
from ..domain.cursor import Cursor
from .events import Bookmark
from .tables import metadata

CHANNEL = "changes"  # rung when changes were told
EVENTS_CHANNEL = "map"  # rung by a trigger when something was written into `events`

journal = Table(
    "journal",
    metadata,
    Column("id", Boolean, primary_key=True, server_default="true", comment="there is one row"),
    Column("journal", Uuid, nullable=False, server_default=func.gen_random_uuid(), comment="cursors are good for one"),
    Column("kept_in", Text, nullable=False, server_default="", comment="the database and its timeline"),
    Column("newest", BigInteger, nullable=False, server_default="0", comment="the number of the newest change"),
    CheckConstraint("id", name="only"),
)

changes = Table(
    "changes",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True, comment="its instant in microseconds; grows by commit"),
    Column("kind", Text, nullable=False),
    Column("changed", ARRAY(Text), nullable=False, server_default="{}", comment="which aspects"),
    Column("reason", Text, comment="why it was taken off the map"),
    Column("edition", Text, nullable=False),
    Column("feature", JSON(none_as_null=True), comment="as the map shows it, at no address; null: it does not"),
    Column("fingerprints", JSONB(none_as_null=True), comment="of each aspect of what is shown"),
    Column("read_in", BigInteger, comment="the transaction that wrote what this was read from; null: to be read"),
)


class Journal(NamedTuple):
    """Which journal this is, and how far it has come."""

    journal: UUID
    kept_in: str
    newest: int


class Unread(NamedTuple):
    """An event as it stands now, and what was told of it last."""

    event_id: UUID
    written_in: int
    event: str | None
    location: str | None
    label: str | None
    is_withdrawn: bool
    told_edition: str | None
    told_feature: dict[str, Any] | None
    told_fingerprints: dict[str, str] | None

    @property
    def bookmark(self) -> Bookmark:
        return Bookmark(self.written_in, self.event_id)


class Told(NamedTuple):
    """A change, with the fingerprints of what is seen now, and the transaction that wrote what it was read from."""

    change: Change
    fingerprints: dict[str, str] | None
    read_in: int | None


_JOURNAL = select(journal.c.journal, journal.c.kept_in, journal.c.newest)


async def read_journal(connection: AsyncConnection) -> Journal:
    """How far the changes have come."""
    return Journal(*(await connection.execute(_JOURNAL)).one())


async def hold_journal(tx: Tx) -> Journal:
    """The same, and nobody else tells a change until `tx` has ended: numbers are seen in their order."""
    return Journal(*(await tx.execute(_JOURNAL.with_for_update())).one())


# a database that was put back to an earlier moment goes on in another timeline, a copy of it has another name
_KEPT_IN = text(
    "SELECT (SELECT system_identifier FROM pg_control_system())::text || '/' ||"
    " (SELECT timeline_id FROM pg_control_checkpoint())::text"
)


async def kept_in(connection: AsyncConnection) -> str:
    """Names the database, and the timeline that it is in."""
    return str(await connection.scalar(_KEPT_IN))


_NEW_JOURNAL = text("UPDATE journal SET journal = CASE kept_in WHEN '' THEN journal ELSE gen_random_uuid() END,"
    " kept_in = :kept_in")  # fmt: skip


async def begin_journal(tx: Tx, database: str) -> None:
    """From here on the changes are those of this database: cursors of another are good no longer."""
    await tx.execute(_NEW_JOURNAL, {"kept_in": database})
    await tx.execute(_RING)


# whether it may be seen is asked of the row, whatever was told: an edition that opens, or closes, writes nothing
_UNREAD = text("""
    SELECT e.event_id, e.written_in,
           CASE WHEN shown.is_it THEN e.event::text END,
           CASE WHEN shown.is_it THEN nullif((e.locations -> e.decided_revision::text -> 'location')::text, 'null') END,
           e.label, e.withdrawn_revision > 0 AND e.withdrawn_revision >= e.decided_revision,
            c.edition, c.feature, c.fingerprints
    FROM events AS e LEFT JOIN changes AS c USING (event_id),
         LATERAL (SELECT e.event IS NOT NULL AND e.event ->> 'edition' = ANY(:open) AS is_it) AS shown
    WHERE (e.written_in, e.event_id) > (:written_in, :event_id)
      AND CASE WHEN shown.is_it THEN e.written_in IS DISTINCT FROM c.read_in ELSE c.feature IS NOT NULL END
    ORDER BY e.written_in, e.event_id LIMIT :most
""")


async def unread_after(tx: Tx, behind: Bookmark, open_editions: Collection[str], most: int) -> list[Unread]:
    """The events behind a bookmark whose rows say something that was not looked at, or that can be seen no more."""
    asked = {"written_in": behind.written_in, "event_id": behind.event_id, "open": sorted(open_editions), "most": most}
    return [Unread(*row) for row in await tx.execute(_UNREAD, asked)]


_SAME = text(
    "UPDATE changes SET read_in = told.read_in FROM unnest(CAST(:events AS uuid[]), CAST(:read_in AS bigint[]))"
    " AS told (event_id, read_in) WHERE changes.event_id = told.event_id"
)


async def note_the_same(tx: Tx, looked_at: Sequence[Unread]) -> None:
    """These rows were written, and visitors see no difference."""
    if looked_at:
        told = {"events": [one.event_id for one in looked_at], "read_in": [one.written_in for one in looked_at]}
        await tx.execute(_SAME, told)


_NUMBERS = text(
    "UPDATE journal SET newest = greatest(newest + :many, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)"
    " RETURNING newest"
)
_TELL = text(
    "INSERT INTO changes (event_id, number, kind, changed, reason, edition, feature, fingerprints, read_in)"
    " SELECT event_id, number, kind, CAST(changed AS text[]), reason, edition, CAST(feature AS json),"
    " CAST(fingerprints AS jsonb), read_in FROM unnest(CAST(:event_id AS uuid[]), CAST(:number AS bigint[]),"
    " CAST(:kind AS text[]), CAST(:changed AS text[]), CAST(:reason AS text[]), CAST(:edition AS text[]),"
    " CAST(:feature AS text[]), CAST(:fingerprints AS text[]), CAST(:read_in AS bigint[]))"
    " AS told (event_id, number, kind, changed, reason, edition, feature, fingerprints, read_in)"
    " ON CONFLICT (event_id) DO UPDATE SET number = excluded.number, kind = excluded.kind,"
    " changed = excluded.changed, reason = excluded.reason, edition = excluded.edition, feature = excluded.feature,"
    " fingerprints = excluded.fingerprints, read_in = excluded.read_in"
)
_RING = text(f"SELECT pg_notify('{CHANNEL}', '')")


async def take_numbers(tx: Tx, many: int) -> range:
    """So many numbers, each later than all before it. Only for who holds the journal."""
    newest = int(await tx.scalar(_NUMBERS, {"many": many}) or 0)
    return range(newest - many + 1, newest + 1)


async def tell_changes(tx: Tx, told: Sequence[Told]) -> None:
    """Writes changes, each in place of the one before it of its event; and rings."""
    if not told:
        return
    rows = [
        {
            "event_id": change.event_id,
            "number": change.number,
            "kind": change.kind.value,
            "changed": "{" + ",".join(change.changed) + "}",
            "reason": change.reason,
            "edition": change.edition,
            "feature": json.dumps(change.feature) if change.feature else None,
            "fingerprints": json.dumps(marks) if marks else None,
            "read_in": read_in,
        }
        for change, marks, read_in in told
    ]
    await tx.execute(_TELL, {name: [row[name] for row in rows] for name in rows[0]})
    await tx.execute(_RING)


_CHANGE = (
    changes.c.number,
    changes.c.event_id,
    changes.c.edition,
    changes.c.kind,
    changes.c.changed,
    changes.c.reason,
    changes.c.feature,
)


async def changes_after(connection: AsyncConnection, cursor: Cursor, most: int) -> list[Change]:
    """The next changes behind a cursor."""
    is_told = changes.c.feature.is_not(None) | (changes.c.number > cursor.began)
    asked = select(*_CHANGE).where(changes.c.number > cursor.number, is_told).order_by(changes.c.number).limit(most)
    return [
        Change(number, event_id, edition, Kind(kind), tuple(changed), reason, feature)
        for number, event_id, edition, kind, changed, reason, feature in await connection.execute(asked)
    ]
