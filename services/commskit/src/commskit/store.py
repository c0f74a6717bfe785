"""Commskit's tables: whom to write to (personal data), and the kit of each labelled revision."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    Column,
    DateTime,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from backbone.contracts import EventFact, EventLabelled, OrganiserFact, PublicEvent
from backbone.database import NAMING, Tx

from .domain.mailing import KitState

metadata = MetaData(naming_convention=NAMING)
INSTANT = DateTime(timezone=True)

organisers = Table(
    "organisers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
)
kits = Table(
    "kits",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("event", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="pending"),
    Column("receipt", Text, comment="what the mail server answered"),
    Column("labelled_at", INSTANT, nullable=False),
    Column("changed_at", INSTANT, nullable=False, server_default=func.now()),
    UniqueConstraint("event_id", "revision"),
)
gone = Table(
    "gone",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("revision", Integer, nullable=False, comment="no kit for this revision or an older one"),
)


class Organiser(NamedTuple):
    """Whom to write to."""

    name: str
    email: str


class KitOrder(NamedTuple):
    """A kit to be made and sent."""

    id: UUID
    event: PublicEvent
    state: KitState
    labelled_at: datetime
    organiser: Organiser | None
    is_overtaken: bool
    """Whether a newer revision was labelled since, or the label is gone."""


async def save_organiser(tx: Tx, fact: OrganiserFact) -> None:
    row = {"name": fact.name, "email": fact.email}
    saved = insert(organisers).values(id=fact.organiser_id, **row)
    await tx.execute(saved.on_conflict_do_update(index_elements=["id"], set_=row))


async def erase_organiser(tx: Tx, organiser_id: UUID) -> None:
    await tx.execute(delete(organisers).where(organisers.c.id == organiser_id))


async def order_kit(tx: Tx, kit_id: UUID, labelled: EventLabelled) -> None:
    """Notes that a labelled revision is owed a kit, once."""
    row = {
        "id": kit_id,
        "event_id": labelled.event_id,
        "revision": labelled.revision,
        "event": labelled.event.model_dump(mode="json"),
        "labelled_at": labelled.decided_at,
    }
    await tx.execute(insert(kits).values(row).on_conflict_do_nothing())


async def note_gone(tx: Tx, fact: EventFact) -> None:
    """Notes that an event has no label from this revision on, until a newer one is labelled."""
    noted = insert(gone).values(event_id=fact.event_id, revision=fact.revision)
    later = func.greatest(gone.c.revision, noted.excluded.revision)
    await tx.execute(noted.on_conflict_do_update(index_elements=["event_id"], set_={"revision": later}))


async def kit_order(tx: Tx, kit_id: UUID) -> KitOrder:
    """The order of a kit. Raises NoResultFound if there is none."""
    newer = kits.alias()
    has_newer = exists().where(newer.c.event_id == kits.c.event_id, newer.c.revision > kits.c.revision)
    is_gone = exists().where(gone.c.event_id == kits.c.event_id, gone.c.revision >= kits.c.revision)
    overtaken = or_(has_newer, is_gone)
    question = select(kits.c.event, kits.c.state, kits.c.labelled_at, overtaken.label("is_overtaken"))
    row = (await tx.execute(question.where(kits.c.id == kit_id))).one()
    event = PublicEvent.model_validate(row.event)
    person = select(organisers.c.name, organisers.c.email).where(organisers.c.id == event.organiser_id)
    known = (await tx.execute(person)).one_or_none()
    organiser = Organiser._make(known) if known else None
    return KitOrder(kit_id, event, KitState(row.state), row.labelled_at, organiser, row.is_overtaken)


async def set_state(tx: Tx, kit_id: UUID, state: KitState, receipt: str | None = None) -> None:
    changed = {"state": state, "receipt": receipt, "changed_at": func.now()}
    await tx.execute(update(kits).where(kits.c.id == kit_id).values(changed))


async def move_state(tx: Tx, kit_id: UUID, before: KitState, after: KitState) -> bool:
    """Changes the state if it is still `before`; False if somebody else has changed it."""
    this = (kits.c.id == kit_id) & (kits.c.state == before)
    moved = update(kits).where(this).values(state=after, receipt=None, changed_at=func.now())
    return (await tx.execute(moved)).rowcount == 1


async def counts(tx: Tx) -> dict[str, int]:
    """How many kits are in each state."""
    rows = await tx.execute(select(kits.c.state, func.count()).group_by(kits.c.state))
    return {state.value: 0 for state in KitState} | dict(rows.all())
