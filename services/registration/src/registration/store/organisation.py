"""The questions asked of organisations and of who is of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Text, cast, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from backbone.postgres.database import Tx

from ..domain.organisation import OrganisationRequest
from ..domain.rights import Role
from .tables import accounts, events, members, organisations


class Organisation(NamedTuple):
    """An organisation as it is stored."""

    id: UUID
    name: str
    kind: str | None
    siret: str | None
    federation_id: UUID | None


_ORGANISATION = select(*(organisations.c[name] for name in Organisation._fields))


def ties_to(
    organisation_id: ColumnElement[Any], account_id: ColumnElement[Any]
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
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
    """The first organisation of this person; what they wrote before there was any becomes its."""
    organisation_id = await _open(tx, account_id, {"name": name})
    await adopt_strays(tx, organisation_id, account_id)
    return organisation_id


async def open_organisation(tx: Tx, account_id: UUID, request: OrganisationRequest) -> UUID:
    """One more organisation of this person, who manages it."""
    return await _open(tx, account_id, request.model_dump())


async def _open(tx: Tx, account_id: UUID, said: dict[str, Any]) -> UUID:
    organisation_id = uuid4()
    await tx.execute(insert(organisations).values(id=organisation_id, **said))
    await add_member(tx, organisation_id, account_id, Role.MANAGER)
    return organisation_id


async def add_member(tx: Tx, organisation_id: UUID, account_id: UUID, role: Role) -> None:
    """This person is of the organisation, as this; who is of it already stays what they are."""
    # by the clock of the row: of two that a transaction makes, the first is the first
    who = {"organisation_id": organisation_id, "account_id": account_id, "role": role, "since": func.clock_timestamp()}
    await tx.execute(insert(members).values(who).on_conflict_do_nothing())


async def change_organisation(tx: Tx, organisation_id: UUID, request: OrganisationRequest) -> None:
    """Puts what is said of it in the place of what was."""
    this = organisations.c.id == organisation_id
    await tx.execute(update(organisations).where(this).values(request.model_dump()))


async def adopt_strays(tx: Tx, organisation_id: UUID, account_id: UUID) -> None:
    """The account's events that are no organisation's, written by an earlier release, become this one's."""
    strays = (events.c.account_id == account_id) & events.c.organisation_id.is_(None)
    await tx.execute(update(events).where(strays).values(organisation_id=organisation_id))


async def adopt_all_strays(tx: Tx) -> bool:
    """A purge: what an earlier release wrote for people who share events is shared, by the organisation that each
    belonged to first. Of who has none yet, it waits for theirs."""
    first = select(members.c.organisation_id).where(members.c.account_id == events.c.account_id)
    home = first.order_by(members.c.since, members.c.organisation_id).limit(1).scalar_subquery()
    strays = events.c.organisation_id.is_(None) & exists().where(members.c.account_id == events.c.account_id)
    some = select(events.c.id).where(strays).order_by(events.c.id).limit(_AT_ONCE).with_for_update(skip_locked=True)
    adopted = update(events).where(events.c.id.in_(some)).values(organisation_id=home)
    return (await tx.execute(adopted)).rowcount == _AT_ONCE


_AT_ONCE = 500


async def organisation_by_id(tx: Tx, organisation_id: UUID, *, lock: bool = False) -> Organisation | None:
    """The organisation; locked, nobody comes or goes before the transaction ends."""
    question = _ORGANISATION.where(organisations.c.id == organisation_id)
    row = (await tx.execute(question.with_for_update() if lock else question)).one_or_none()
    return Organisation._make(row) if row else None


async def organisations_of(tx: Tx, account_id: UUID) -> list[tuple[Organisation, str]]:
    """The organisations that a person is of, the first that they came to first, and what they are in each."""
    question = _ORGANISATION.add_columns(members.c.role).join(members, members.c.organisation_id == organisations.c.id)
    of = question.where(members.c.account_id == account_id).order_by(members.c.since, organisations.c.id)
    return [(Organisation._make(row), role) for *row, role in await tx.execute(of)]


class Member(NamedTuple):
    """Somebody of an organisation, as the others of it see them."""

    account_id: UUID
    name: str
    email: str
    role: str
    since: datetime


async def members_of(tx: Tx, organisation_id: UUID) -> list[Member]:
    """Who is of an organisation: managers first, and who came first."""
    columns = (accounts.c.id, accounts.c.name, accounts.c.email, members.c.role, members.c.since)
    question = select(*columns).join(accounts, accounts.c.id == members.c.account_id)
    order = (members.c.role != Role.MANAGER.value, members.c.since, accounts.c.id)
    rows = await tx.execute(question.where(members.c.organisation_id == organisation_id).order_by(*order))
    return [Member._make(row) for row in rows]


async def at_home_in(tx: Tx, organisation_id: UUID) -> list[UUID]:
    """Whose first organisation it is: they are called by its name."""
    of = select(members.c.account_id).where(members.c.organisation_id == organisation_id)
    came = func.row_number().over(
        partition_by=members.c.account_id, order_by=(members.c.since, members.c.organisation_id)
    )
    each = select(members.c.account_id, members.c.organisation_id, came.label("came"))
    theirs = each.where(members.c.account_id.in_(of)).subquery()
    is_first = (theirs.c.came == 1) & (theirs.c.organisation_id == organisation_id)
    rows = await tx.scalars(select(theirs.c.account_id).where(is_first))
    return sorted(rows)


async def set_federation(tx: Tx, organisation_id: UUID, federation_id: UUID | None) -> None:
    """Which federation helps the organisation from now on; None: none."""
    this = organisations.c.id == organisation_id
    await tx.execute(update(organisations).where(this).values(federation_id=federation_id))


async def helped_by(tx: Tx, federation_id: UUID) -> list[Organisation]:
    """The organisations that a federation helps, by their names."""
    question = _ORGANISATION.where(organisations.c.federation_id == federation_id)
    rows = await tx.execute(question.order_by(organisations.c.name, organisations.c.id))
    return [Organisation._make(row) for row in rows]


async def set_role(tx: Tx, organisation_id: UUID, account_id: UUID, role: Role) -> None:
    """What somebody of the organisation is in it from now on."""
    this = (members.c.organisation_id == organisation_id) & (members.c.account_id == account_id)
    await tx.execute(update(members).where(this).values(role=role))


async def end_membership(tx: Tx, organisation_id: UUID, account_id: UUID) -> None:
    """Somebody is not of the organisation any more."""
    this = (members.c.organisation_id == organisation_id) & (members.c.account_id == account_id)
    await tx.execute(delete(members).where(this))


async def forget_organisation(tx: Tx, organisation_id: UUID) -> None:
    """Deletes an organisation of which nobody keeps an event, and all who are of it with it."""
    its = events.c.organisation_id == organisation_id
    await tx.execute(update(events).where(its).values(organisation_id=None))
    await tx.execute(delete(organisations).where(organisations.c.id == organisation_id))


async def has_colleagues(tx: Tx, account_id: UUID) -> bool:
    """Whether somebody else is of an organisation of this person's."""
    its = select(members.c.organisation_id).where(members.c.account_id == account_id)
    others = exists().where(members.c.organisation_id.in_(its), members.c.account_id != account_id)
    return bool(await tx.scalar(select(others)))


async def lock_organisations_of(tx: Tx, account_id: UUID | None, *others: UUID) -> list[UUID]:
    """The organisations that a person is of, and these `others`, locked in one order: nobody comes or goes before the
    transaction ends."""
    its = select(members.c.organisation_id).where(members.c.account_id == account_id)
    wanted = organisations.c.id.in_(its) | organisations.c.id.in_(others)
    question = select(organisations.c.id).where(wanted).order_by(organisations.c.id)
    return list(await tx.scalars(question.with_for_update()))
