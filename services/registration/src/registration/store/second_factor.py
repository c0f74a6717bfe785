"""The questions asked of second factors."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Update, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, insert

from backbone.postgres.database import Tx
from backbone.postgres.purge import Purge

from .tables import second_factors, sessions

RESEALED_AT_ONCE = 100


class SecondFactor(NamedTuple):
    """A second factor as it is stored: its secret is sealed."""

    account_id: UUID
    secret: str
    last_step: int
    recovery_codes: list[bytes]
    set_at: datetime


_FACTOR = select(*(second_factors.c[name] for name in SecondFactor._fields))


async def second_factor_of(tx: Tx, account_id: UUID, *, lock: bool = False) -> SecondFactor | None:
    """The account's; locked, so that no code serves twice."""
    question = _FACTOR.where(second_factors.c.account_id == account_id)
    row = (await tx.execute(question.with_for_update() if lock else question)).one_or_none()
    return SecondFactor._make(row) if row else None


async def set_second_factor(
    tx: Tx, account_id: UUID, secret: str, sealed_by: str, step: int, recovery_codes: Collection[bytes]
) -> bool:
    """Gives the account its second factor, of which this step is used; False if it has one."""
    new = {"account_id": account_id, "secret": secret, "sealed_by": sealed_by, "last_step": step}
    row = insert(second_factors).values(new | {"recovery_codes": list(recovery_codes)})
    return bool((await tx.execute(row.on_conflict_do_nothing())).rowcount)


async def spend_step(tx: Tx, account_id: UUID, step: int) -> None:
    """This step, and what was before, are used."""
    await tx.execute(_change(account_id).values(last_step=step))


async def spend_recovery_code(tx: Tx, account_id: UUID, code: bytes) -> None:
    """This recovery code is used."""
    left = func.array_remove(second_factors.c.recovery_codes, cast(code, BYTEA))
    await tx.execute(
        update(second_factors).where(second_factors.c.account_id == account_id).values(recovery_codes=left)
    )


async def replace_recovery_codes(tx: Tx, account_id: UUID, codes: Collection[bytes]) -> None:
    """The account has these, and none of those before."""
    new = {"recovery_codes": cast(list(codes), ARRAY(BYTEA))}
    await tx.execute(_change(account_id).values(new))


async def drop_second_factor(tx: Tx, account_id: UUID) -> bool:
    """Takes it away; whether there was one. No session counts as begun with it any more."""
    await tx.execute(update(sessions).where(sessions.c.account_id == account_id).values(is_strong=False))
    return bool((await tx.execute(delete(second_factors).where(second_factors.c.account_id == account_id))).rowcount)


def sealed_anew(seal: Callable[[str], str], sealed_by: str) -> Purge:
    """No purge: the secrets that another key has sealed are sealed by the one that seals now, before that other goes.
    `seal` opens and seals one."""

    async def go_on(tx: Tx) -> bool:
        old = _FACTOR.where(second_factors.c.sealed_by != sealed_by).limit(RESEALED_AT_ONCE)
        rows = [SecondFactor._make(row) for row in await tx.execute(old.with_for_update(skip_locked=True))]
        for one in rows:
            anew = {"secret": seal(one.secret), "sealed_by": sealed_by}
            await tx.execute(_change(one.account_id).values(anew))
        return len(rows) == RESEALED_AT_ONCE

    return go_on


def _change(account_id: UUID) -> Update:
    return update(second_factors).where(second_factors.c.account_id == account_id)
