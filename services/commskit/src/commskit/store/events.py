"""What is kept of the things that facts are about: organisers, and events, each with its kits."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from backbone.postgres.database import Tx
from backbone.postgres.kept import KeptRows

from ..domain.mailing import KitState
from ..domain.organiser import Organiser
from ..domain.standing import EventKits, RevisionKit, Standing
from .tables import events, organisers

ORGANISERS = KeptRows(organisers, Organiser)


class _Events:
    """The events that facts are about, each with its kits."""

    name = "events"

    def __init__(self) -> None:
        self._standings = KeptRows(events, Standing)

    async def load(self, tx: Tx, keys: Collection[str]) -> Mapping[str, EventKits]:
        standings = await self._standings.load(tx, keys)
        kits_of: dict[str, list[RevisionKit]] = defaultdict(list)
        for event_id, kit in map(_read_kit, await tx.execute(_LOCK_KITS, {"events": list(standings)})):
            kits_of[str(event_id)].append(kit)
        return {
            key: EventKits(**vars(standing), kits=tuple(sorted(kits_of[key], key=lambda kit: kit.revision)))
            for key, standing in standings.items()
        }

    async def save(self, tx: Tx, states: Mapping[str, EventKits]) -> None:
        await self._standings.save(tx, states)
        rows = [(state.event_id, kit) for state in states.values() for kit in state.kits]
        if rows:
            columns = {name: [getattr(kit, name) for _, kit in rows] for name in _KIT}
            await tx.execute(_SAVE_KITS, {"event_id": [event_id for event_id, _ in rows], **columns})


EVENTS = _Events()


def _read_kit(row: Row[Any]) -> tuple[UUID, RevisionKit]:
    known = dict(row._mapping)
    return known.pop("event_id"), RevisionKit(**known | {"state": KitState(row.state)})


_KIT = [field.name for field in dataclasses.fields(RevisionKit)]

# after the events' rows: a fold holds both. Whoever mails a kit holds its row alone, and then the organiser's
_LOCK_KITS = text(
    "SELECT event_id, id, revision, organiser_id, CAST(event AS text) AS event, labelled_at, state,"
    " receipt, copies, orders FROM kits WHERE event_id = ANY(CAST(:events AS uuid[])) ORDER BY id FOR UPDATE"
)
_SAVE_KITS = text(
    "INSERT INTO kits (event_id, id, revision, organiser_id, event, labelled_at, state, receipt, copies, orders)"
    " SELECT event_id, id, revision, organiser_id, CAST(event AS jsonb), labelled_at, state, receipt, copies, orders"
    " FROM unnest(CAST(:event_id AS uuid[]), CAST(:id AS uuid[]), CAST(:revision AS int[]),"
    " CAST(:organiser_id AS uuid[]), CAST(:event AS text[]), CAST(:labelled_at AS timestamptz[]),"
    " CAST(:state AS text[]), CAST(:receipt AS text[]), CAST(:copies AS int[]), CAST(:orders AS int[]))"
    " AS told (event_id, id, revision, organiser_id, event, labelled_at, state, receipt, copies, orders)"
    " ON CONFLICT (id) DO UPDATE SET event = excluded.event, labelled_at = excluded.labelled_at,"
    " state = excluded.state, receipt = excluded.receipt, copies = excluded.copies, orders = excluded.orders,"
    " changed_at = CASE WHEN kits.state = excluded.state THEN kits.changed_at ELSE now() END"
)
