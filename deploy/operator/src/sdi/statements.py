"""The questions asked of the live and of the rebuilt table, and what puts the one in the other's place.

Rows are compared by their content: all that was told, without when it was written, and in which trace. Visitors are
shown what changed since they looked, so a row cannot go unseen: it stays, and says nothing, which counts as no row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.dialects import postgresql

from map_feed.store import events

_NOT_COMPARED = ("written_in", "traceparent")
_FOLDED = [column for column in events.columns if not column.primary_key and column.name not in _NOT_COMPARED]
FOLDED = ("event_id", *(column.name for column in _FOLDED))
"""What is folded of an event."""
_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]
NAMED = 10
_THIS_TRANSACTION = "pg_current_xact_id()::text::bigint"


def _content(row: str) -> str:
    return f"(to_jsonb({row}) - '{{{','.join(_NOT_COMPARED)}}}'::text[])::text"


def _says_nothing(row: str) -> str:
    return " AND ".join(f"{row}.{column.name} IS NOT DISTINCT FROM {_default(column)}" for column in _FOLDED)


def _default(column: Any) -> str:
    return str(column.server_default.arg) if column.server_default else "NULL"


def _columns(pattern: str = "{}") -> str:
    return ", ".join(pattern.format(column.name) for column in _FOLDED)


@dataclass(frozen=True)
class Statements:
    """SQL about the two tables, whose names, as those of all columns, are our own."""

    live: str
    rebuilt: str

    def keep(self) -> TextClause:
        """Keeps in the rebuilt table what was folded: an array for each column, JSON as text."""
        kinds = {column.name: column.type.compile(dialect=_POSTGRESQL) for column in (events.c.event_id, *_FOLDED)}
        arrays = ", ".join(f"CAST(:{name} AS {kind.replace('JSONB', 'text')}[])" for name, kind in kinds.items())
        values = ", ".join(f"CAST(told.{name} AS {kind})" for name, kind in kinds.items())
        return text(f"""
            INSERT INTO {self.rebuilt} ({", ".join(kinds)})
            SELECT {values} FROM unnest({arrays}) AS told ({", ".join(kinds)})
            ON CONFLICT (event_id) DO UPDATE SET {_columns("{0} = excluded.{0}")}
        """)  # noqa: S608

    def hold_live(self) -> TextClause:
        """Lets nobody write, and everybody read, until the transaction ends."""
        return text(f"LOCK TABLE {self.live} IN SHARE ROW EXCLUSIVE MODE")

    def hash_live(self) -> TextClause:
        """A hash of all that the table says, in one order, and how many rows say something."""
        return _hash(self.live)

    def hash_rebuilt(self) -> TextClause:
        """The same of the rebuilt table."""
        return _hash(self.rebuilt)

    def tell_apart(self) -> TextClause:
        """How many rows the live table lacks, has with another content, and has too many; and some of these events."""
        return text(f"""
            SELECT count(*) FILTER (WHERE l.event_id IS NULL), count(*) FILTER (WHERE l.content <> r.content),
                   count(*) FILTER (WHERE r.event_id IS NULL),
                   (array_agg(event_id::text ORDER BY event_id)
                    FILTER (WHERE l.content IS DISTINCT FROM r.content))[1:{NAMED}]
            FROM ({_rows(self.live)}) AS l FULL JOIN ({_rows(self.rebuilt)}) AS r USING (event_id)
        """)  # noqa: S608

    def write(self) -> TextClause:
        """Writes the rebuilt rows that the live table lacks or has otherwise; map-feed sees them as just written."""
        return text(f"""
            INSERT INTO {self.live} (event_id, {_columns()}, written_in, traceparent)
            SELECT r.event_id, {_columns("r.{}")}, {_THIS_TRANSACTION}, NULL
            FROM {self.rebuilt} AS r LEFT JOIN {self.live} AS l USING (event_id)
            WHERE {_content("l")} IS DISTINCT FROM {_content("r")}
            ON CONFLICT (event_id) DO UPDATE SET {_columns("{0} = excluded.{0}")}, written_in = excluded.written_in,
                traceparent = NULL
        """)  # noqa: S608

    def silence(self) -> TextClause:
        """Empties the rows of events that no topic knows; map-feed takes them off the map."""
        return text(f"""
            UPDATE {self.live} AS l SET {_columns("{} = DEFAULT")}, written_in = {_THIS_TRANSACTION}, traceparent = NULL
            WHERE NOT EXISTS (SELECT FROM {self.rebuilt} AS r WHERE r.event_id = l.event_id)
            AND NOT ({_says_nothing("l")})
        """)  # noqa: S608


def _rows(table: str) -> str:
    says_something = f"NOT ({_says_nothing('e')})"
    return f"SELECT event_id, {_content('e')} AS content FROM {table} AS e WHERE {says_something}"  # noqa: S608


def _hash(table: str) -> TextClause:
    return text(f"""
        SELECT encode(sha256(convert_to(coalesce(string_agg(hash, '' ORDER BY event_id), ''), 'UTF8')), 'hex'), count(*)
        FROM (
            SELECT event_id, encode(sha256(convert_to(content, 'UTF8')), 'hex') AS hash FROM ({_rows(table)}) AS saying
        ) AS hashed
    """)  # noqa: S608
