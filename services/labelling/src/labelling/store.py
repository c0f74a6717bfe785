"""Labelling's table: the newest decision on each event, and the questions that reviewers ask of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from backbone.contracts import (
    EventFact,
    EventLabelled,
    EventRejected,
    EventWithdrawn,
    LabelWithdrawn,
    PublicEvent,
    ReviewRequested,
)
from backbone.http.paging import Place
from backbone.postgres.database import NAMING, Tx

metadata = MetaData(naming_convention=NAMING)

decisions = Table(
    "decisions",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("state", Text, nullable=False, comment="labelled · rejected · in_review · withdrawn"),
    Column("region", Text, comment="that reviews it"),
    Column("due_at", DateTime(timezone=True), comment="when a person must have decided"),
    Column("fact", JSONB, comment="the decision as it was told"),
    Column("decided_by", Uuid, comment="the reviewer's account; null: the rules"),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
Index("ix_decisions_queue", decisions.c.region, decisions.c.due_at, postgresql_where=decisions.c.state == "in_review")

STATES: dict[type[EventFact], str] = {
    EventLabelled: "labelled",
    EventRejected: "rejected",
    ReviewRequested: "in_review",
    EventWithdrawn: "withdrawn",
    LabelWithdrawn: "withdrawn",
}


async def decision_on(tx: Tx, event_id: UUID) -> tuple[int, str] | None:
    """The newest revision that was decided on, and its state; the row stays locked until the transaction ends."""
    question = select(decisions.c.revision, decisions.c.state).where(decisions.c.event_id == event_id)
    row = (await tx.execute(question.with_for_update())).one_or_none()
    return (row.revision, row.state) if row else None


async def save_decision(tx: Tx, fact: EventFact, decided_by: UUID | None = None) -> None:
    """Keeps a decision as the newest on its event."""
    row: dict[str, Any] = {
        "event_id": fact.event_id,
        "revision": fact.revision,
        "state": STATES[type(fact)],
        "region": getattr(fact, "region", None),
        "due_at": getattr(fact, "due_at", None),
        "fact": fact.model_dump(mode="json"),
        "decided_by": decided_by,
        "changed_at": func.now(),
    }
    replaced = {name: value for name, value in row.items() if name != "event_id"}
    await tx.execute(insert(decisions).values(row).on_conflict_do_update(index_elements=["event_id"], set_=replaced))


async def review_queue(
    tx: Tx, regions: Collection[str] | None, *, after: Place | None, limit: int
) -> list[tuple[Place, ReviewRequested]]:
    """What waits for a person in these regions (None: in all) from a place on, the most urgent first, each with its
    own place."""
    place = (decisions.c.due_at, decisions.c.event_id)
    question = select(*place, decisions.c.fact).where(*_waiting_in(regions))
    if after:
        question = question.where(tuple_(*place) > tuple_(*after))
    rows = await tx.execute(question.order_by(*place).limit(limit))
    return [(Place(due_at, event_id), ReviewRequested.model_validate(fact)) for due_at, event_id, fact in rows]


async def count_reviews(tx: Tx, regions: Collection[str] | None) -> int:
    """How many events wait for a person in these regions (None: in all)."""
    return await tx.scalar(select(func.count()).where(*_waiting_in(regions))) or 0


def _waiting_in(regions: Collection[str] | None) -> list[ColumnElement[bool]]:
    here = [] if regions is None else [decisions.c.region.in_(regions)]
    return [decisions.c.state == "in_review", *here]


async def open_review(tx: Tx, event_id: UUID) -> ReviewRequested | None:
    """The request for review that is open on an event, locked so that two reviewers cannot both decide."""
    question = select(decisions.c.fact).where(decisions.c.event_id == event_id, decisions.c.state == "in_review")
    fact = await tx.scalar(question.with_for_update())
    return ReviewRequested.model_validate(fact) if fact else None


async def newest_text(tx: Tx, event_id: UUID) -> PublicEvent | None:
    """The newest revision that was decided on, or waits for it; None if there is none, or it was withdrawn."""
    question = select(decisions.c.fact["event"]).where(decisions.c.event_id == event_id)
    event = await tx.scalar(question)
    return PublicEvent.model_validate(event) if event else None


async def counts(tx: Tx) -> dict[str, int]:
    """How many events are in each state."""
    rows = await tx.execute(select(decisions.c.state, func.count()).group_by(decisions.c.state))
    return dict.fromkeys(("labelled", "rejected", "in_review", "withdrawn"), 0) | dict(rows.all())
