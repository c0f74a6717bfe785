"""The questions asked of accounts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Text, bindparam, case, cast, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from backbone.campaign.geography import ONLINE
from backbone.contracts import OrganiserFact
from backbone.postgres.database import Tx

from ..domain.account import AccountRequest
from ..domain.reviewing import ADMINISTRATOR, COORDINATOR, ORGANISER, REVIEWER, REVIEWS
from .tables import accounts, second_factors


class Account(NamedTuple):
    """An account as it is stored."""

    id: UUID
    email: str
    password_hash: str
    name: str
    organisation: str
    role: str
    regions: list[str]
    sign_up: UUID
    is_contested: bool
    is_confirmed: bool
    has_second_factor: bool = False

    @property
    def must_set_second_factor(self) -> bool:
        """Whether they may not do what their role allows before they have a second factor."""
        return self.reviews and not self.has_second_factor

    @property
    def reviews(self) -> bool:
        """Whether their role is to decide about the events of others."""
        return self.role in REVIEWS

    @property
    def acting(self) -> str:
        """The role in which they may act as things are."""
        return ORGANISER if self.must_set_second_factor else self.role


class Opened(NamedTuple):
    """What became of a request for an account. `is_news`: the details are not those of before."""

    id: UUID
    is_confirmed: bool
    is_news: bool


_COORDINATES = (accounts.c.role == ORGANISER) & (func.cardinality(accounts.c.coordinates) > 0)
_ACCOUNT = select(
    *(accounts.c[name] for name in ("id", "email", "password_hash", "name", "organisation")),
    case((_COORDINATES, COORDINATOR), else_=accounts.c.role),
    case((_COORDINATES, accounts.c.coordinates), else_=accounts.c.regions),
    *(accounts.c[name] for name in ("sign_up", "is_contested")),
    accounts.c.confirmed_at.is_not(None),
    exists().where(second_factors.c.account_id == accounts.c.id).correlate(accounts),
)


async def unconfirmed_password(tx: Tx, email: str) -> str | None:
    """The hash of the password that an account was opened with, if it is not confirmed yet."""
    question = select(accounts.c.password_hash).where(accounts.c.email == email, accounts.c.confirmed_at.is_(None))
    found: str | None = await tx.scalar(question)
    return found


async def open_account(tx: Tx, request: AccountRequest, password_hash: str) -> Opened:
    """Opens an account; one that is not confirmed yet takes the details of this sign-up in place of its own, and a
    confirmed one stays as it is. One statement for all three: they take the same time."""
    sign_up = uuid4()
    details = {"password_hash": password_hash, "name": request.name, "organisation": request.organisation}
    new = insert(accounts).values(id=uuid4(), email=request.email, sign_up=sign_up, **details)
    is_open = accounts.c.confirmed_at.is_(None)
    is_other = is_open & or_(*(accounts.c[name] != value for name, value in details.items()))
    kept: dict[str, ColumnElement[Any]]
    kept = {name: case((is_open, new.excluded[name]), else_=accounts.c[name]) for name in details}
    kept["sign_up"] = case((is_other, new.excluded.sign_up), else_=accounts.c.sign_up)
    kept["is_contested"] = accounts.c.is_contested | (is_open & (accounts.c.password_hash != password_hash))
    replacing = new.on_conflict_do_update(index_elements=["email"], set_=kept)
    row = (await tx.execute(replacing.returning(accounts.c.id, accounts.c.confirmed_at, accounts.c.sign_up))).one()
    return Opened(row.id, row.confirmed_at is not None, row.sign_up == sign_up)


async def confirm_account(tx: Tx, account_id: UUID, sign_up: UUID) -> Account | None:
    """The account, confirmed just now with the details of this sign-up; None if it has others, is confirmed or gone."""
    confirmed = (
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.sign_up == sign_up, accounts.c.confirmed_at.is_(None))
        .values(confirmed_at=func.now())
    )
    return await account_by_id(tx, account_id) if (await tx.execute(confirmed)).rowcount else None


async def enter_invited(tx: Tx, email: str, name: str, organisation: str, password_hash: str) -> bool:
    """Opens a confirmed account for whoever holds the mailbox, in the place of one that nobody has confirmed; False if
    there is a confirmed one."""
    details = {"name": name, "organisation": organisation, "password_hash": password_hash}
    new = insert(accounts).values(id=uuid4(), email=email, confirmed_at=func.now(), **details)
    renewed = details | {"sign_up": uuid4(), "is_contested": False, "confirmed_at": func.now()}
    is_open = accounts.c.confirmed_at.is_(None)
    entering = new.on_conflict_do_update(index_elements=["email"], set_=renewed, where=is_open)
    return bool((await tx.execute(entering)).rowcount)


async def recall_account(tx: Tx, fact: OrganiserFact, *, no_password: str) -> None:
    """Brings the confirmed account of somebody to what was told of them. One that was lost has no password: the mail
    for a new one lets its owner in. Who had the address before them was erased since, or never confirmed it."""
    told = {"email": fact.email, "name": fact.name, "organisation": fact.organisation}
    nobody = func.concat("erased-", cast(accounts.c.id, Text))
    others = (accounts.c.email == fact.email) & (accounts.c.id != fact.organiser_id)
    await tx.execute(update(accounts).where(others).values(email=nobody))
    new = insert(accounts).values(id=fact.organiser_id, password_hash=no_password, confirmed_at=func.now(), **told)
    confirmed = {"confirmed_at": func.coalesce(accounts.c.confirmed_at, func.now()), **told}
    await tx.execute(new.on_conflict_do_update(index_elements=["id"], set_=confirmed))


async def lock_for_password(tx: Tx, account_id: UUID) -> Account | None:
    """The account, locked so that one link sets one password."""
    row = (await tx.execute(_ACCOUNT.where(accounts.c.id == account_id).with_for_update())).one_or_none()
    return Account._make(row) if row else None


async def set_password(tx: Tx, account_id: UUID, password_hash: str) -> None:
    """Gives the account another password. Whoever could open the link has the mailbox: the address is confirmed."""
    confirmed_at = func.coalesce(accounts.c.confirmed_at, func.now())
    changed = {"password_hash": password_hash, "confirmed_at": confirmed_at, "is_contested": False}
    await tx.execute(update(accounts).where(accounts.c.id == account_id).values(changed))


async def rename_account(tx: Tx, account_id: UUID, name: str) -> None:
    await tx.execute(update(accounts).where(accounts.c.id == account_id).values(name=name))


async def change_address(tx: Tx, account_id: UUID, email: str) -> None:
    """Raises IntegrityError where it is another's."""
    await tx.execute(update(accounts).where(accounts.c.id == account_id).values(email=email))


async def account_by_id(tx: Tx, account_id: UUID, *, hold: bool = False) -> Account | None:
    """The account; held, it is not erased before the transaction ends."""
    row = (await tx.execute(_HELD if hold else _BY_ID, {"account": account_id})).one_or_none()
    return Account._make(row) if row else None


_BY_ID = _ACCOUNT.where(accounts.c.id == bindparam("account"))
_HELD = _BY_ID.with_for_update(read=True, key_share=True)


async def account_by_email(tx: Tx, email: str) -> Account | None:
    row = (await tx.execute(_ACCOUNT.where(accounts.c.email == email))).one_or_none()
    return Account._make(row) if row else None


async def call_of(tx: Tx, people: Collection[UUID], organisation: str) -> list[Account]:
    """These people are of an organisation of this name from now on: those of whom that is news, and who are confirmed;
    in one order, in which they are locked."""
    others = accounts.c.id.in_(people) & (accounts.c.organisation != organisation)
    found = list(
        await tx.scalars(select(accounts.c.id).where(others).order_by(accounts.c.id).with_for_update(key_share=True))
    )
    await tx.execute(update(accounts).where(accounts.c.id.in_(found)).values(organisation=organisation))
    rows = await tx.execute(_ACCOUNT.where(accounts.c.id.in_(found), accounts.c.confirmed_at.is_not(None)))
    return [Account._make(row) for row in rows]


async def grant_role(tx: Tx, email: str, role: str, regions: Sequence[str]) -> UUID | None:
    """Gives an account a role and regions; its id, or None if there is no such account."""
    is_coordinator = role == COORDINATOR
    kept = {
        "role": ORGANISER if is_coordinator else role,
        "regions": [] if is_coordinator else list(regions),
        "coordinates": list(regions) if is_coordinator else [],
    }
    granted = update(accounts).where(accounts.c.email == email).values(kept)
    account_id: UUID | None = await tx.scalar(granted.returning(accounts.c.id))
    return account_id


async def reviewers_of(tx: Tx, region: str) -> list[UUID]:
    """Who decides for a region: its reviewers; where it has none those of the national desk, and the administrators
    where there are none of these."""
    is_reviewer = (accounts.c.role == REVIEWER) & accounts.c.confirmed_at.is_not(None)
    for people in (
        is_reviewer & (accounts.c.regions.any_() == region),
        is_reviewer & (accounts.c.regions.any_() == ONLINE),
        (accounts.c.role == ADMINISTRATOR) & accounts.c.confirmed_at.is_not(None),
    ):
        if found := list(await tx.scalars(select(accounts.c.id).where(people).order_by(accounts.c.id))):
            return found
    return []
