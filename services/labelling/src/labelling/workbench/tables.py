"""The workbench's own tables. What stands in them is for the reviewers alone, and goes after a time."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Column, DateTime, Index, Integer, Table, Text, Uuid, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from backbone.postgres.purge import Purge, older

from ..store import metadata

INSTANT = DateTime(timezone=True)


def _id() -> Column[object]:
    return Column("id", Uuid, primary_key=True, server_default=func.gen_random_uuid())


colleagues = Table(
    "colleagues",
    metadata,
    Column("account_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("regions", ARRAY(Text), nullable=False),
    Column("seen_at", INSTANT, nullable=False, server_default=func.now()),
)
"""Who has been at the desk, as their token said it."""

claims = Table(
    "claims",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("account_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("until", INSTANT, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    _id(),
    Column("event_id", Uuid, nullable=False, index=True),
    Column("account_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("written_at", INSTANT, nullable=False, server_default=func.now()),
)

opinions = Table(
    "opinions",
    metadata,
    _id(),
    Column("event_id", Uuid, nullable=False, index=True),
    Column("asked_by", Uuid, nullable=False),
    Column("asked_by_name", Text, nullable=False),
    Column("asked_of", Uuid, nullable=False),
    Column("asked_of_name", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("asked_at", INSTANT, nullable=False, server_default=func.now()),
    Column("advice", Text, comment="label · refuse · unsure; null: not answered yet"),
    Column("answer", Text),
    Column("answered_at", INSTANT),
)
UNANSWERED = opinions.c.answered_at.is_(None)
Index("ix_opinions_unanswered", opinions.c.asked_of, postgresql_where=UNANSWERED)

held = Table(
    "held",
    metadata,
    _id(),
    Column("batch", Uuid, nullable=False, index=True, comment="decisions taken in one go are taken back in one go"),
    Column("event_id", Uuid, nullable=False, unique=True),
    Column("revision", Integer, nullable=False, comment="that the reviewer has read"),
    Column("after_sequence", Integer, nullable=False, comment="of the decision that stood when it was taken"),
    Column("account_id", Uuid, nullable=False, index=True),
    Column("caller", JSONB, nullable=False, comment="who decided, as their token said it"),
    Column("word", JSONB, nullable=False, comment="what was decided"),
    Column("title", Text, nullable=False),
    Column("held_at", INSTANT, nullable=False, server_default=func.now()),
    Column("due_at", INSTANT, nullable=False),
    Column("failed", Text, comment="why nothing came of it; null: it is held"),
)
"""Decisions that are not told yet, and those of which nothing came, until whoever took them has read it."""

DESK_TABLES = (colleagues, claims, notes, opinions, held)

KEPT = timedelta(days=330)  # the campaign's length
PURGES: tuple[Purge, ...] = (
    older(notes, notes.c.written_at, KEPT),
    older(opinions, opinions.c.asked_at, KEPT),
    older(colleagues, colleagues.c.seen_at, KEPT),
    older(claims, claims.c.until, timedelta(days=1)),
    older(held, held.c.due_at, timedelta(days=30)),
)
