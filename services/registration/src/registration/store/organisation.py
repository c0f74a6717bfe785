"""The questions asked of organisations and of who is of them."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Text, cast, exists, func, insert, select, update

from backbone.postgres.database import Tx

from ..domain.rights import Role
from .tables import events, members, organisations


class Organisation(NamedTuple):
    """An organisation as it is stored."""

    id: UUID
    name: str
    kind: str | None
    siret: str | None
    federation_id: UUID | None


_ORGANISATION = select(*(organisations.c[name] for name in Organisation._fields))


def ties_to(organisation_id: ColumnElement[Any], account_id: UUID) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Two columns of what ties an account to an organisation: its role in it, and whether it is of its federation."""
    in_it, in_federation = members.alias(), members.alias()
    role = select(in_it.c.role).where(in_it.c.organisation_id == organisation_id, in_it.c.account_id == account_id)
    is_of_federation = exists().where(
        organisations.c.id == organisation_id,
        in_federation.c.organisation_id == organisations.c.federation_id,
        in_federation.c.account_id == account_id,
    )
    return role.scalar_subquery(), is_of_federation


async def home_of(tx: Tx, account_id: UUID) -> UUID | None:
    """The organisation that a person belonged to first; None: none yet."""
    oldest = select(members.c.organisation_id).where(members.c.account_id == account_id)
    found: UUID | None = await tx.scalar(oldest.order_by(members.c.since, members.c.organisation_id).limit(1))
    return found


async def role_in(tx: Tx, organisation_id: UUID, account_id: UUID) -> str | None:
    """What a person is in an organisation; None: they are not of it."""
    this = (members.c.organisation_id == organisation_id) & (members.c.account_id == account_id)
    role: str | None = await tx.scalar(select(members.c.role).where(this))
    return role


async def lock_people(tx: Tx, account_id: UUID) -> None:
    """One at a time gives an account its own organisation."""
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(cast(str(account_id), Text), 0))))


async def open_home(tx: Tx, account_id: UUID, name: str) -> UUID:
    """A new organisation of this person, who manages it; what they wrote before there were any becomes its."""
    organisation_id = uuid4()
    await tx.execute(insert(organisations).values(id=organisation_id, name=name))
    who = {"organisation_id": organisation_id, "account_id": account_id, "role": Role.MANAGER}
    await tx.execute(insert(members).values(who))
    await adopt_strays(tx, organisation_id, account_id)
    return organisation_id


async def adopt_strays(tx: Tx, organisation_id: UUID, account_id: UUID) -> None:
    """The account's events that are no organisation's, written by an earlier release, become this one's."""
    strays = (events.c.account_id == account_id) & events.c.organisation_id.is_(None)
    await tx.execute(update(events).where(strays).values(organisation_id=organisation_id))


async def organisation_by_id(tx: Tx, organisation_id: UUID) -> Organisation | None:
    row = (await tx.execute(_ORGANISATION.where(organisations.c.id == organisation_id))).one_or_none()
    return Organisation._make(row) if row else None
