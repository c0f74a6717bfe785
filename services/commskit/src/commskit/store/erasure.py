"""Who is erased, and what becomes of their kits."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from backbone.postgres.database import Tx, jobs

from .tables import kits, organisers

KIT = "kit"
"""The kind of the jobs that make and send kits."""


async def hold_organiser(tx: Tx, organiser_id: UUID) -> bool:
    """Whether the organiser is known; if so, they are not erased before the transaction ends."""
    this = (organisers.c.id == organiser_id) & organisers.c.email.is_not(None)
    return await tx.scalar(select(organisers.c.id).where(this).with_for_update(read=True)) is not None


async def erase_organiser(tx: Tx, organiser_id: UUID) -> None:
    """Deletes whom to write to and what their kits show; those not sent yet are due at once, to end unsent."""
    # in the order of whoever mails a kit, who holds its row before the organiser's: neither waits for the other in
    # vain, and a mail that is about to be handed over shows in what is read of the kits afterwards
    await tx.execute(select(kits.c.id).where(kits.c.organiser_id == organiser_id).order_by(kits.c.id).with_for_update())
    nobody = {"name": None, "email": None, "is_erased": True}
    erased = insert(organisers).values(id=organiser_id, **nobody)
    await tx.execute(erased.on_conflict_do_update(index_elements=["id"], set_=nobody))
    await strip_kits(tx, organiser_id)
    await hurry_kits(tx, organiser_id)


async def strip_kits(tx: Tx, organiser_id: UUID) -> None:
    """Leaves of the organiser's kits the numbers and states."""
    await tx.execute(update(kits).where(kits.c.organiser_id == organiser_id).values(event=None, receipt=None))


async def kits_of(tx: Tx, organiser_id: UUID) -> list[UUID]:
    return list(await tx.scalars(select(kits.c.id).where(kits.c.organiser_id == organiser_id)))


async def hurry_kits(tx: Tx, organiser_id: UUID) -> None:
    """Lets no kit of this organiser wait for its next try."""
    waiting = _makes_kits_of(organiser_id) & (jobs.c.state == "waiting")
    await tx.execute(update(jobs).where(waiting).values(due_at=func.now()))


async def has_open_kits(tx: Tx, organiser_id: UUID) -> bool:
    """Whether a kit of this organiser is being made or mailed, or is yet to be."""
    is_open = jobs.c.state.in_(("waiting", "running"))
    return bool(await tx.scalar(select(exists().where(_makes_kits_of(organiser_id), is_open))))


def _makes_kits_of(organiser_id: UUID) -> ColumnElement[bool]:
    own = select(cast(kits.c.id, Text)).where(kits.c.organiser_id == organiser_id)
    return and_(jobs.c.kind == KIT, jobs.c.payload["kit_id"].astext.in_(own))
