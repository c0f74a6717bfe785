"""Commskit's tables: whom to write to (personal data), who was erased, and the kit of each labelled revision."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    and_,
    cast,
    delete,
    exists,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from backbone.contracts import EventFact, EventLabelled, OrganiserFact, PublicEvent
from backbone.contracts.event import Slot
from backbone.postgres.database import NAMING, Tx, jobs

from .domain.mailing import KitState

KIT = "kit"
"""The kind of the jobs that make and send kits; a job's key is the kit's id."""

metadata = MetaData(naming_convention=NAMING)
INSTANT = DateTime(timezone=True)

organisers = Table(
    "organisers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
)
erased = Table(
    "erased",
    metadata,
    Column("organiser_id", Uuid, primary_key=True, comment="what is told of them later is not taken any more"),
)
kits = Table(
    "kits",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("event", JSONB, nullable=False, comment="only whose it was, if it is not to be sent any more"),
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

whose = cast(kits.c.event["organiser_id"].astext, Uuid)
_STRIPPED = func.jsonb_build_object("organiser_id", whose)


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
    earlier: tuple[tuple[Slot, ...], ...] = ()
    """The openings of each earlier revision whose kit may have been received; of the first kit, none."""


async def save_organiser(tx: Tx, fact: OrganiserFact) -> None:
    """Keeps whom to write to, unless they were erased: what is told of them after that is old, or a mistake."""
    row = {"name": fact.name, "email": fact.email}
    person = select(literal(fact.organiser_id, Uuid), literal(fact.name), literal(fact.email))
    known = person.where(~exists().where(erased.c.organiser_id == fact.organiser_id))
    saved = insert(organisers).from_select(["id", "name", "email"], known)
    await tx.execute(saved.on_conflict_do_update(index_elements=["id"], set_=row))


async def erase_organiser(tx: Tx, organiser_id: UUID) -> None:
    """Deletes whom to write to and what their kits show; those not sent yet are due at once, to end unsent."""
    await tx.execute(insert(erased).values(organiser_id=organiser_id).on_conflict_do_nothing())
    # first: whoever is about to hand a kit over holds this row, and shows in what is read of the kits afterwards
    await tx.execute(delete(organisers).where(organisers.c.id == organiser_id))
    await strip_kits(tx, organiser_id)
    await hurry_kits(tx, organiser_id)


async def hold_organiser(tx: Tx, organiser_id: UUID) -> bool:
    """Whether the organiser is known; if so, they are not erased before the transaction ends."""
    question = select(organisers.c.id).where(organisers.c.id == organiser_id).with_for_update(read=True)
    return await tx.scalar(question) is not None


async def strip_kits(tx: Tx, organiser_id: UUID) -> None:
    """Leaves of the organiser's kits the numbers and states."""
    await tx.execute(update(kits).where(whose == organiser_id).values(event=_STRIPPED, receipt=None))


async def kits_of(tx: Tx, organiser_id: UUID) -> list[UUID]:
    return list(await tx.scalars(select(kits.c.id).where(whose == organiser_id)))


async def hurry_kits(tx: Tx, organiser_id: UUID) -> None:
    """Lets no kit of this organiser wait for its next try."""
    waiting = and_(_makes_kits_of(organiser_id), jobs.c.state == "waiting")
    await tx.execute(update(jobs).where(waiting).values(due_at=func.now()))


async def has_open_kits(tx: Tx, organiser_id: UUID) -> bool:
    """Whether a kit of this organiser is being made or mailed, or is yet to be."""
    is_open = jobs.c.state.in_(("waiting", "running"))
    return bool(await tx.scalar(select(exists().where(_makes_kits_of(organiser_id), is_open))))


def _makes_kits_of(organiser_id: UUID) -> ColumnElement[bool]:
    own = select(cast(kits.c.id, Text)).where(whose == organiser_id)
    return and_(jobs.c.kind == KIT, jobs.c.key.in_(own))


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


async def kit_order(tx: Tx, kit_id: UUID) -> KitOrder | None:
    """The order of a kit; None if a newer revision has the label, none has any more, or the organiser is erased."""
    has_newer, is_gone = _has_newer_and_is_gone()
    is_erased = exists().where(erased.c.organiser_id == whose)
    question = select(kits.c.event, kits.c.state, kits.c.labelled_at, organisers.c.name, organisers.c.email)
    question = question.outerjoin_from(kits, organisers, organisers.c.id == whose)
    wanted = question.where(kits.c.id == kit_id, ~has_newer, ~is_gone, ~is_erased)
    row = (await tx.execute(wanted)).one_or_none()
    if row is None:
        return None
    organiser = Organiser(row.name, row.email) if row.email is not None else None
    event = PublicEvent.model_validate(row.event)
    earlier = await _earlier_slots(tx, event)
    return KitOrder(kit_id, event, KitState(row.state), row.labelled_at, organiser, earlier)


async def _earlier_slots(tx: Tx, event: PublicEvent) -> tuple[tuple[Slot, ...], ...]:
    received = kits.c.state.not_in((KitState.PENDING, KitState.SUPERSEDED))
    before = and_(kits.c.event_id == event.event_id, kits.c.revision < event.revision, received)
    slots = select(kits.c.event["slots"]).where(before, kits.c.event.has_key("slots")).order_by(kits.c.revision)
    return tuple(tuple(Slot.model_validate(slot) for slot in told) for told in await tx.scalars(slots))


async def supersede(tx: Tx, kit_id: UUID) -> None:
    """Ends a kit that is not to be sent any more; what it would have shown is not kept."""
    ended = {"state": KitState.SUPERSEDED, "event": _STRIPPED, "receipt": None, "changed_at": func.now()}
    await tx.execute(update(kits).where(kits.c.id == kit_id).values(ended))


async def set_state(tx: Tx, kit_id: UUID, state: KitState, receipt: str | None = None) -> None:
    changed = {"state": state, "receipt": receipt, "changed_at": func.now()}
    await tx.execute(update(kits).where(kits.c.id == kit_id).values(changed))


async def move_state(tx: Tx, kit_id: UUID, before: KitState, after: KitState) -> bool:
    """Changes the state if it is still `before`; False if somebody else has changed it."""
    this = (kits.c.id == kit_id) & (kits.c.state == before)
    moved = update(kits).where(this).values(state=after, receipt=None, changed_at=func.now())
    return (await tx.execute(moved)).rowcount == 1


async def counts(tx: Tx) -> dict[str, int]:
    """How many kits are in each state, and `equipped`: the events with a label whose newest kit was accepted."""
    rows = await tx.execute(select(kits.c.state, func.count()).group_by(kits.c.state))
    has_newer, is_gone = _has_newer_and_is_gone()
    newest = (kits.c.state == KitState.ACCEPTED) & ~has_newer & ~is_gone
    equipped = await tx.scalar(select(func.count()).where(newest))
    return {state.value: 0 for state in KitState} | dict(rows.all()) | {"equipped": equipped or 0}


def _has_newer_and_is_gone() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Of a kit: whether a newer revision of its event has the label, and whether none has any more."""
    newer = kits.alias()
    has_newer = exists().where(newer.c.event_id == kits.c.event_id, newer.c.revision > kits.c.revision)
    return has_newer, exists().where(gone.c.event_id == kits.c.event_id, gone.c.revision >= kits.c.revision)
