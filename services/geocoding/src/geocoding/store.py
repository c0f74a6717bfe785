"""Geocoding's table: the venue of each event, and where it was found."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text, Uuid, func, select
from sqlalchemy.dialects.postgresql import JSONB

from backbone.contracts import canary
from backbone.postgres.database import NAMING, Tx
from backbone.postgres.kept import KeptRows

from .domain import STATES, Whereabouts

metadata = MetaData(naming_convention=NAMING)

venues = Table(
    "venues",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("heard_revision", Integer, nullable=False, server_default="0", comment="of registration’s newest word"),
    Column("heard_sequence", Integer, nullable=False, server_default="0", comment="of registration’s newest word"),
    Column("edition", Text, nullable=False, server_default=""),
    Column("state", Text, comment="waiting · located · not_located · online · withdrawn; null: nothing was heard"),
    Column("location", JSONB),
    Column("whys", JSONB, comment="what each step of the look-up did, and why"),
    Column("sequence", Integer, nullable=False, server_default="0", comment="of the newest fact that was told of it"),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

VENUES = KeptRows(venues, Whereabouts, also={"changed_at": "now()"})


async def counts(tx: Tx) -> dict[str, int]:
    """How many events are in each state."""
    is_told = venues.c.state.is_not(None) & (venues.c.event_id != canary.EVENT)
    known = select(venues.c.state, func.count()).where(is_told).group_by(venues.c.state)
    return dict.fromkeys(map(str, STATES), 0) | dict((await tx.execute(known)).all())
