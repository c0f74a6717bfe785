"""What a service keeps of the things that facts are about: loaded for a whole poll, folded in memory, saved at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import ARRAY, JSON, Column, Table, text
from sqlalchemy.dialects.postgresql import JSONB, dialect

from .database import Tx

S = TypeVar("S")


class Keeps(Protocol[S]):
    """Loads and saves the states of many keys, each in a statement or two."""

    name: str
    """Several are loaded in the order of their names: the same for all replicas."""

    async def load(self, tx: Tx, keys: Collection[str]) -> Mapping[str, S]:
        """The states of these keys, locked until `tx` ends, in one order for all replicas. A key that is left out is
        none that the service keeps anything of."""
        ...

    async def save(self, tx: Tx, states: Mapping[str, S]) -> None:
        """Keeps these states in place of those that were loaded."""
        ...


class KeptRows(Generic[S]):
    """A row of a table for each key. `kept` is a frozen dataclass whose fields are columns of the table, the primary
    key first; a key of which nothing is known yet has the dataclass's (and the columns') defaults. JSON is text in it.

    `also` are columns that every save sets besides, to an expression of SQL.
    """

    def __init__(self, table: Table, kept: type[S], *, also: Mapping[str, str] | None = None) -> None:
        self.name, self._kept = table.name, kept
        self._fields = [field.name for field in dataclasses.fields(kept)]  # type: ignore[arg-type]
        key, *others = [table.c[name] for name in self._fields]
        self._key = key.name
        keys = f"unnest(CAST(:keys AS {_type_of(key)}[]))"
        # a row that is not there cannot be locked: two polls that meet on a new key (in a rebalance) would both find
        # nothing, and the second would overwrite the first. Two statements: in one, the second half would not see what
        # another replica had committed while the first half waited for it
        self._make = text(
            f"INSERT INTO {table.name} ({key.name}) SELECT told FROM {keys} AS told ORDER BY told"
            " ON CONFLICT DO NOTHING"
        )
        self._lock = text(
            f"SELECT {', '.join(map(_read_as, (key, *others)))} FROM {table.name} WHERE {key.name} IN (SELECT {keys})"
            f" ORDER BY {key.name} FOR UPDATE"
        )
        arrays = ", ".join(f"CAST(:{column.name} AS {_sent_as(column)}[])" for column in (key, *others))
        changes = {column.name: f"CAST(told.{column.name} AS {_type_of(column)})" for column in others} | dict(
            also or {}
        )
        self._save = text(
            f"UPDATE {table.name} SET {', '.join(f'{name} = {value}' for name, value in changes.items())}"
            f" FROM unnest({arrays}) AS told ({', '.join(self._fields)})"
            f" WHERE {table.name}.{key.name} = told.{key.name}"
        )

    async def load(self, tx: Tx, keys: Collection[str]) -> Mapping[str, S]:
        asked = {"keys": sorted(keys)}
        await tx.execute(self._make, asked)
        rows = (await tx.execute(self._lock, asked)).all()
        return {str(row[0]): self._kept(*row) for row in rows}

    async def save(self, tx: Tx, states: Mapping[str, S]) -> None:
        if states:
            kept = states.values()
            await tx.execute(self._save, {name: [getattr(state, name) for state in kept] for name in self._fields})


def _type_of(column: Column[Any]) -> str:
    return column.type.compile(dialect=dialect())  # type: ignore[no-untyped-call]


def _is_json(column: Column[Any]) -> bool:
    return isinstance(column.type, JSON | JSONB)


def _read_as(column: Column[Any]) -> str:
    return f"CAST({column.name} AS text)" if _is_json(column) else column.name


def _sent_as(column: Column[Any]) -> str:
    if isinstance(column.type, ARRAY):
        raise TypeError(f"{column.name}: an array within an array cannot be sent; keep it as JSON")
    return "text" if _is_json(column) else _type_of(column)
