"""Who is erased, and what becomes of their kits and notices."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from backbone.postgres.database import Tx, jobs

from .tables import kits, notices, organisers

KIT, NOTICE = "kit", "notice"
"""The kinds of the jobs that make and send kits, and that send notices."""

_MAILS = {KIT: kits, NOTICE: notices}


async def hold_organiser(tx: Tx, organiser_id: UUID) -> bool:
    """Whether the organiser is known; if so, they are not erased before the transaction ends."""
    this = (organisers.c.id == organiser_id) & organisers.c.email.is_not(None)
    return await tx.scalar(select(organisers.c.id).where(this).with_for_update(read=True)) is not None


async def erase_organiser(tx: Tx, organiser_id: UUID) -> None:
    """Deletes whom to write to and what their mails say; those not sent yet are due at once, to end unsent."""
    # in the order of whoever mails one, who holds its row before the organiser's: neither waits for the other in
    # vain, and a mail that is about to be handed over shows in what is read of them afterwards
    for mails in _MAILS.values():
        own = select(mails.c.id).where(mails.c.organiser_id == organiser_id)
        await tx.execute(own.order_by(mails.c.id).with_for_update())
    nobody = {"name": None, "email": None, "is_erased": True}
    erased = insert(organisers).values(id=organiser_id, **nobody)
    await tx.execute(erased.on_conflict_do_update(index_elements=["id"], set_=nobody))
    await strip_mails(tx, organiser_id)
    await hurry_mails(tx, organiser_id)


async def strip_mails(tx: Tx, organiser_id: UUID) -> None:
    """Leaves of the organiser's kits and notices the numbers and states."""
    await tx.execute(update(kits).where(kits.c.organiser_id == organiser_id).values(event=None, receipt=None))
    await tx.execute(update(notices).where(notices.c.organiser_id == organiser_id).values(word=None, receipt=None))


async def mails_of(tx: Tx, organiser_id: UUID) -> tuple[list[UUID], list[UUID]]:
    """The ids of all kits and of all notices that were ever to be mailed to this organiser."""
    of_kits = await tx.scalars(select(kits.c.id).where(kits.c.organiser_id == organiser_id))
    of_notices = await tx.scalars(select(notices.c.id).where(notices.c.organiser_id == organiser_id))
    return list(of_kits), list(of_notices)


async def hurry_mails(tx: Tx, organiser_id: UUID) -> None:
    """Lets no mail to this organiser wait for its next try."""
    waiting = _mails_to(organiser_id) & (jobs.c.state == "waiting")
    await tx.execute(update(jobs).where(waiting).values(due_at=func.now()))


async def has_open_mails(tx: Tx, organiser_id: UUID) -> bool:
    """Whether a mail to this organiser is being made or sent, or is yet to be."""
    is_open = jobs.c.state.in_(("waiting", "running"))
    return bool(await tx.scalar(select(exists().where(_mails_to(organiser_id), is_open))))


def _mails_to(organiser_id: UUID) -> ColumnElement[bool]:
    def of_kind(kind: str) -> ColumnElement[bool]:
        mails = _MAILS[kind]
        own = select(cast(mails.c.id, Text)).where(mails.c.organiser_id == organiser_id)
        return and_(jobs.c.kind == kind, jobs.c.payload[f"{kind}_id"].astext.in_(own))

    return or_(*map(of_kind, _MAILS))
