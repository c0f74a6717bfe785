"""The questions asked of invitations that nobody has taken up yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB

from backbone.postgres.database import Tx, jobs

from ..domain.invitation import InvitationKind
from .erasure import MAILING
from .tables import events, invitations, organisations


class To(NamedTuple):
    """What somebody is invited to."""

    organisation_id: UUID | None = None
    role: str | None = None
    event_id: UUID | None = None


class Invitation(NamedTuple):
    """An invitation, with the names of what it is to."""

    id: UUID
    kind: str
    email: str
    organisation_id: UUID | None
    role: str | None
    event_id: UUID | None
    created_at: datetime
    expires_at: datetime
    organisation: str | None
    title: str | None
    event_organisation: str | None
    """As the event says it."""


_KEPT = ("id", "kind", "email", "organisation_id", "role", "event_id", "created_at", "expires_at")
_INVITATION = (
    select(
        *(invitations.c[name] for name in _KEPT),
        organisations.c.name,
        events.c.draft["title"].astext,
        events.c.draft["organisation"].astext,
    )
    .outerjoin(organisations, organisations.c.id == invitations.c.organisation_id)
    .outerjoin(events, events.c.id == invitations.c.event_id)
    .where(invitations.c.expires_at > func.now())
)


async def add_invitation(
    tx: Tx,
    kind: InvitationKind,
    email: str,
    invited_by: UUID,
    life: timedelta,
    to: To,
) -> Invitation:
    """A new invitation, in the place of one to the same, of the same address."""
    is_same = (
        (invitations.c.kind == kind)
        & (invitations.c.email == email)
        & invitations.c.organisation_id.is_not_distinct_from(to.organisation_id)
        & invitations.c.event_id.is_not_distinct_from(to.event_id)
    )
    await tx.execute(delete(invitations).where(is_same))
    invitation_id = uuid4()
    row = {"kind": kind, "email": email, "invited_by": invited_by, **to._asdict()}
    await tx.execute(insert(invitations).values(id=invitation_id, expires_at=func.now() + life, **row))
    made = await invitation_by_id(tx, invitation_id)
    assert made
    return made


async def invitation_by_id(tx: Tx, invitation_id: UUID, *, lock: bool = False) -> Invitation | None:
    """The invitation, unless it was taken up, taken back, or is over; locked, nobody else takes it up."""
    question = _INVITATION.where(invitations.c.id == invitation_id)
    row = (await tx.execute(question.with_for_update(of=invitations) if lock else question)).one_or_none()
    return Invitation._make(row) if row else None


async def invitations_of(tx: Tx, organisation_id: UUID) -> list[Invitation]:
    """The open invitations to an organisation, the oldest first."""
    question = _INVITATION.where(invitations.c.organisation_id == organisation_id)
    rows = await tx.execute(question.order_by(invitations.c.created_at, invitations.c.id))
    return [Invitation._make(row) for row in rows]


async def open_claims(tx: Tx, event_id: UUID) -> list[Invitation]:
    """The open invitations to take over an event."""
    rows = await tx.execute(_INVITATION.where(invitations.c.event_id == event_id).order_by(invitations.c.id))
    return [Invitation._make(row) for row in rows]


async def end_invitation(tx: Tx, invitation_id: UUID, organisation_id: UUID | None = None) -> bool:
    """Takes the invitation back, or notes that it was taken up; whether there was one (to this organisation)."""
    this = invitations.c.id == invitation_id
    if organisation_id:
        this &= invitations.c.organisation_id == organisation_id
    return bool((await tx.execute(delete(invitations).where(this))).rowcount)


async def lock_over(tx: Tx, *, most: int) -> Sequence[UUID]:
    """Invitations whose time is over, locked."""
    over = select(invitations.c.id).where(invitations.c.expires_at <= func.now()).order_by(invitations.c.id)
    return list(await tx.scalars(over.limit(most).with_for_update(skip_locked=True)))


async def invitations_to(tx: Tx, email: str) -> Sequence[UUID]:
    """All invitations of an address, those that are over too."""
    return list(await tx.scalars(select(invitations.c.id).where(invitations.c.email == email)))


async def invitations_to_event(tx: Tx, event_id: UUID) -> Sequence[UUID]:
    """All offers of an event."""
    return list(await tx.scalars(select(invitations.c.id).where(invitations.c.event_id == event_id)))


async def open_offers(tx: Tx, event_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Until when somebody may take over each of these events that was entered for them, and that somebody is asked
    to."""
    is_open = invitations.c.event_id.in_(event_ids) & (invitations.c.expires_at > func.now())
    until = func.max(invitations.c.expires_at)
    rows = await tx.execute(select(invitations.c.event_id, until).where(is_open).group_by(invitations.c.event_id))
    return {row[0]: row[1] for row in rows}


async def adopt_mails(tx: Tx, invitation_id: UUID, account_id: UUID) -> None:
    """The mails of an invitation are the account's from now on: with it they are forgotten."""
    own = literal({"account_id": str(account_id)}, JSONB)
    this = (jobs.c.kind == MAILING) & (jobs.c.payload["account_id"].astext == str(invitation_id))
    await tx.execute(update(jobs).where(this).values(payload=jobs.c.payload.op("||")(own)))
