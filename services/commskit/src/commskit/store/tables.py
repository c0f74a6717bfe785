"""The tables: whom to write to (personal data), what was heard of each event, the kits of its revisions, and the
notices of what was decided on them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from backbone.postgres.database import NAMING

metadata = MetaData(naming_convention=NAMING)
INSTANT = DateTime(timezone=True)

organisers = Table(
    "organisers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text),
    Column("email", Text, comment="null: nothing is known of them yet, or any more"),
    Column("is_erased", Boolean, nullable=False, server_default="false", comment="for ever"),
)
events = Table(
    "events",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("edition", Text, nullable=False, server_default=""),
    Column("sequence", Integer, nullable=False, server_default="0", comment="of the last fact told of it"),
    Column("decided_revision", Integer, nullable=False, server_default="0", comment="labelling's newest word"),
    Column("decided_sequence", Integer, nullable=False, server_default="0"),
    Column("labelled_revision", Integer, nullable=False, server_default="0", comment="0: none has the label"),
    Column("takes_place", Boolean, nullable=False, server_default="true"),
    Column("withdrawn_revision", Integer, nullable=False, server_default="0", comment="0: never"),
)
kits = Table(
    "kits",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("event_id", Uuid, ForeignKey("events.event_id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("organiser_id", Uuid, nullable=False, index=True),
    Column(
        "event",
        JSONB(none_as_null=True),
        comment="what it shows; null: it is not to be sent, or its organiser is erased",
    ),
    Column("labelled_at", INSTANT, nullable=False),
    Column("state", Text, nullable=False, server_default="pending"),
    Column("receipt", Text, comment="what the mail server answered, or why the kit failed"),
    Column("copies", Integer, nullable=False, comment="how often its mail may have been taken, when it ended last"),
    Column("orders", Integer, nullable=False, comment="a job of an earlier order has nothing to do"),
    Column("changed_at", INSTANT, nullable=False, server_default=func.now()),
    UniqueConstraint("event_id", "revision"),
)
notices = Table(
    "notices",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("event_id", Uuid, ForeignKey("events.event_id"), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("sequence", Integer, nullable=False, comment="of the newest decision that it tells"),
    Column("name", Text, nullable=False, comment="which mail it is"),
    Column("organiser_id", Uuid, nullable=False, index=True),
    Column(
        "word",
        JSONB(none_as_null=True),
        comment="what it says; null: it is not to be sent, or its organiser is erased",
    ),
    Column("state", Text, nullable=False, server_default="pending"),
    Column("receipt", Text, comment="what the mail server answered, or why it failed"),
    Column("copies", Integer, nullable=False, comment="how often its mail may have been taken, when it ended last"),
    Column("orders", Integer, nullable=False, comment="a job of an earlier order has nothing to do"),
    Column("changed_at", INSTANT, nullable=False, server_default=func.now()),
)
