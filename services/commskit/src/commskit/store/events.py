"""What is kept of the things that facts are about: organisers, and events, each with its kits and notices."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy import Table, text
from sqlalchemy.dialects.postgresql import JSONB, dialect

from backbone.postgres.database import Tx
from backbone.postgres.kept import KeptRows

from ..domain.mailing import Mailed, MailState
from ..domain.notices import Notice
from ..domain.organiser import Organiser
from ..domain.standing import EventKits, RevisionKit, Standing
from .tables import events, kits, notices, organisers

ORGANISERS = KeptRows(organisers, Organiser)


class _Events:
    """The events that facts are about, each with its kits and notices."""

    name = "events"

    def __init__(self) -> None:
        self._standings = KeptRows(events, Standing)

    async def load(self, tx: Tx, keys: Collection[str]) -> Mapping[str, EventKits]:
        standings = await self._standings.load(tx, keys)
        kits_of = await _KITS.load(tx, list(standings))
        notices_of = await _NOTICES.load(tx, list(standings))
        return {
            key: EventKits(
                **vars(standing),
                kits=tuple(sorted(kits_of[key], key=lambda kit: kit.revision)),
                notices=tuple(sorted(notices_of[key], key=lambda notice: (notice.revision, notice.sequence))),
            )
            for key, standing in standings.items()
        }

    async def save(self, tx: Tx, states: Mapping[str, EventKits]) -> None:
        await self._standings.save(tx, states)
        await _KITS.save(tx, [(state.event_id, kit) for state in states.values() for kit in state.kits])
        await _NOTICES.save(tx, [(state.event_id, notice) for state in states.values() for notice in state.notices])


EVENTS = _Events()


M = TypeVar("M", bound=Mailed)


class _Mails(Generic[M]):
    """The rows of what is mailed about events: a table, and the dataclass whose fields are columns of it. All names in
    its statements are our own."""

    def __init__(self, table: Table, kept: type[M]) -> None:
        self._kept = kept
        self._fields = ["event_id", *(field.name for field in dataclasses.fields(kept))]
        names = ", ".join(self._fields)
        # JSON is text in the dataclass
        read = ", ".join(f"CAST({name} AS text) AS {name}" if _is_json(table, name) else name for name in self._fields)
        # after the events' rows: a fold holds both. Whoever mails one holds its row alone, and then the organiser's
        self._lock = text(
            f"SELECT {read} FROM {table.name} WHERE event_id = ANY(CAST(:events AS uuid[])) ORDER BY id FOR UPDATE"
        )
        told = ", ".join(f"CAST({name} AS jsonb)" if _is_json(table, name) else name for name in self._fields)
        arrays = ", ".join(f"CAST(:{name} AS {_sent_as(table, name)}[])" for name in self._fields)
        changes = ", ".join(f"{name} = excluded.{name}" for name in self._fields if name not in ("id", "event_id"))
        self._save = text(
            f"INSERT INTO {table.name} ({names}) SELECT {told} FROM unnest({arrays}) AS told ({names})"
            f" ON CONFLICT (id) DO UPDATE SET {changes}, changed_at ="
            f" CASE WHEN {table.name}.state = excluded.state THEN {table.name}.changed_at ELSE now() END"
        )

    async def load(self, tx: Tx, event_ids: list[str]) -> Mapping[str, list[M]]:
        found: dict[str, list[M]] = defaultdict(list)
        for row in await tx.execute(self._lock, {"events": event_ids}):
            known = dict(row._mapping)
            event_id, state = known.pop("event_id"), MailState(row.state)
            found[str(event_id)].append(self._kept(**known | {"state": state}))
        return found

    async def save(self, tx: Tx, mails: Sequence[tuple[UUID, M]]) -> None:
        if mails:
            columns = {name: [getattr(one, name) for _, one in mails] for name in self._fields if name != "event_id"}
            await tx.execute(self._save, {"event_id": [event_id for event_id, _ in mails], **columns})


def _is_json(table: Table, name: str) -> bool:
    return isinstance(table.c[name].type, JSONB)


def _sent_as(table: Table, name: str) -> str:
    return "text" if _is_json(table, name) else table.c[name].type.compile(dialect=dialect())  # type: ignore[no-untyped-call]


_KITS, _NOTICES = _Mails(kits, RevisionKit), _Mails(notices, Notice)
