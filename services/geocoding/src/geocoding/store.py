"""Geocoding's tables: the venue of each event and where it was found; what is known of the national service."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    select,
)
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

national_service = Table(
    "national_service",
    metadata,
    Column("id", Boolean, primary_key=True, server_default="true"),
    Column("next_turn_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("left_alone_until", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("failures", Integer, nullable=False, server_default="0", comment="in a row"),
    Column("times_away", Integer, nullable=False, server_default="0", comment="in a row; 0: it is not away"),
    CheckConstraint("id", name="only"),
)

answers = Table(
    "answers",
    metadata,
    Column("key", LargeBinary, primary_key=True, comment="a digest of the address, however it is written"),
    Column("hit", JSONB(none_as_null=True), comment="null: it has no such place"),
    Column("asked_at", DateTime(timezone=True), nullable=False),
)
Index("ix_answers_asked_at", answers.c.asked_at)

VENUES = KeptRows(venues, Whereabouts, also={"changed_at": "now()"})


async def counts(tx: Tx) -> dict[str, int]:
    """How many events are in each state; `geocoder_away`: 1 while the national service is left alone as away."""
    is_told = venues.c.state.is_not(None) & (venues.c.event_id != canary.EVENT)
    known = select(venues.c.state, func.count()).where(is_told).group_by(venues.c.state)
    events = dict.fromkeys(map(str, STATES), 0) | dict((await tx.execute(known)).all())
    is_away = await tx.scalar(select(national_service.c.times_away > 0))
    return events | {"geocoder_away": int(bool(is_away))}
