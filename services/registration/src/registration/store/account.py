"""The questions asked of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from backbone.database import Tx

from ..domain.account import AccountRequest
from .tables import accounts


class Account(NamedTuple):
    """An account as it is stored."""

    id: UUID
    email: str
    password_hash: str
    name: str
    organisation: str
    role: str
    regions: list[str]
    is_confirmed: bool


_ACCOUNT = select(
    *(accounts.c[name] for name in ("id", "email", "password_hash", "name", "organisation", "role", "regions")),
    accounts.c.confirmed_at.is_not(None),
)


async def open_account(tx: Tx, request: AccountRequest, password_hash: str) -> UUID | None:
    """A new account, or one still unconfirmed with its details replaced; None if the address is confirmed already."""
    details = {"password_hash": password_hash, "name": request.name, "organisation": request.organisation}
    new = insert(accounts).values(id=uuid4(), email=request.email, **details)
    renewed = new.on_conflict_do_update(
        index_elements=["email"], set_=details, where=accounts.c.confirmed_at.is_(None)
    ).returning(accounts.c.id)
    account_id: UUID | None = (await tx.execute(renewed)).scalar_one_or_none()
    return account_id


async def confirm_account(tx: Tx, account_id: UUID) -> Account | None:
    """The account, confirmed just now; None if it is unknown or was confirmed before."""
    confirmed = (
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.confirmed_at.is_(None))
        .values(confirmed_at=func.now())
    )
    return await account_by_id(tx, account_id) if (await tx.execute(confirmed)).rowcount else None


async def account_by_id(tx: Tx, account_id: UUID, *, hold: bool = False) -> Account | None:
    """The account; held, it is not erased before the transaction ends."""
    question = _ACCOUNT.where(accounts.c.id == account_id)
    row = (await tx.execute(question.with_for_update(read=True, key_share=True) if hold else question)).one_or_none()
    return Account._make(row) if row else None


async def account_by_email(tx: Tx, email: str) -> Account | None:
    row = (await tx.execute(_ACCOUNT.where(accounts.c.email == email))).one_or_none()
    return Account._make(row) if row else None


async def grant_role(tx: Tx, email: str, role: str, regions: Sequence[str]) -> bool:
    """Gives an account a role and regions; False if there is no such account."""
    granted = update(accounts).where(accounts.c.email == email).values(role=role, regions=list(regions))
    return (await tx.execute(granted)).rowcount == 1
