"""Geocoding's table: the venue of each event, and where it was found."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text, Uuid, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from backbone.contracts import Location
from backbone.postgres.database import NAMING, Tx

metadata = MetaData(naming_convention=NAMING)

venues = Table(
    "venues",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("state", Text, nullable=False, comment="waiting · located · not_located · online · withdrawn"),
    Column("location", JSONB(none_as_null=True)),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)


async def note_revision(tx: Tx, event_id: UUID, revision: int, state: str) -> bool:
    """Notes the newest revision of an event and what is to be done about it; False for one no newer than known."""
    row: dict[str, Any] = {"revision": revision, "state": state, "location": None, "changed_at": func.now()}
    noted = insert(venues).values(event_id=event_id, **row)
    newer = noted.on_conflict_do_update(index_elements=["event_id"], set_=row, where=venues.c.revision < revision)
    return (await tx.execute(newer)).rowcount == 1


async def save_location(tx: Tx, event_id: UUID, revision: int, location: Location | None) -> bool:
    """Keeps what was found for this revision; False if the event has a newer one by now."""
    found = {
        "state": "located" if location else "not_located",
        "location": location.model_dump(mode="json") if location else None,
        "changed_at": func.now(),
    }
    this = (venues.c.event_id == event_id) & (venues.c.revision == revision)
    return (await tx.execute(update(venues).where(this).values(found))).rowcount == 1


async def counts(tx: Tx) -> dict[str, int]:
    """How many events are in each state."""
    rows = await tx.execute(select(venues.c.state, func.count()).group_by(venues.c.state))
    return dict.fromkeys(("waiting", "located", "not_located", "online", "withdrawn"), 0) | dict(rows.all())
