"""Tries that are counted: a bucket for each thing that is limited, which fills by one with each try and leaks.

A row holds the moment at which its bucket is empty again (as GCRA has it): one statement counts and decides, so that
replicas agree, whatever comes at the same moment.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import BindParameter, ColumnElement, Interval, bindparam, delete, extract, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from backbone.postgres.database import Tx

from .tables import limits

SWEPT_AT_ONCE = 1000


@dataclass(frozen=True)
class Limit:
    """`most` tries at once, and as many more in each `per`."""

    name: str
    most: int
    per: timedelta

    @property
    def step(self) -> timedelta:
        """After how long one more try is free."""
        return self.per / self.most


@dataclass(frozen=True)
class Taken:
    """Whether there was room for a try. `seconds`: if so, how long before this one there is room for the rate alone
    (0 unless several came at once); if not, until there is room again."""

    is_granted: bool
    seconds: float


async def take(tx: Tx, key: bytes, limit: Limit) -> Taken:
    """Counts one try, if there is room for it."""
    of = {"bucket": key, "step": limit.step, "per": limit.per}
    empty_in = await tx.scalar(_COUNT, of)
    if empty_in is not None:
        return Taken(True, max(0.0, float(empty_in) - limit.step.total_seconds()))
    full_for = await tx.scalar(_FULL_FOR, of)
    return Taken(False, max(0.0, float(full_for or 0)))


_BUCKET: BindParameter[bytes] = bindparam("bucket")
_STEP, _PER = bindparam("step", type_=Interval), bindparam("per", type_=Interval)
_FULLER = func.greatest(limits.c.empty_at, func.now()) + _STEP
_COUNT = (
    insert(limits)
    .values(key=_BUCKET, empty_at=func.now() + _STEP)
    .on_conflict_do_update(index_elements=["key"], set_={"empty_at": _FULLER}, where=func.now() + _PER >= _FULLER)
    .returning(extract("epoch", limits.c.empty_at - func.now()))
)
_FULL_FOR = select(extract("epoch", limits.c.empty_at + _STEP - _PER - func.now())).where(limits.c.key == _BUCKET)


async def give_back(tx: Tx, key: bytes, limit: Limit) -> None:
    """Takes a try out of the count again."""
    await tx.execute(update(limits).where(_is(key)).values(empty_at=limits.c.empty_at - literal(limit.step, Interval)))


async def mark(tx: Tx, key: bytes, lasts: timedelta) -> None:
    """Notes something for so long."""
    until = {"empty_at": func.now() + literal(lasts, Interval)}
    noted = insert(limits).values(key=key, **until)
    await tx.execute(noted.on_conflict_do_update(index_elements=["key"], set_=until))


async def is_marked(tx: Tx, key: bytes) -> bool:
    """Whether it was noted, and still holds."""
    return bool(await tx.scalar(select(limits.c.empty_at > func.now()).where(_is(key))))


async def forget_tries(tx: Tx, keys: Collection[bytes]) -> None:
    """Begins to count anew."""
    await tx.execute(delete(limits).where(limits.c.key.in_(sorted(keys))))


async def sweep_limits(tx: Tx) -> int:
    """Removes what is empty; rows that somebody counts at this moment are left to the next time."""
    empty = select(limits.c.key).where(limits.c.empty_at < func.now()).limit(SWEPT_AT_ONCE)
    swept = delete(limits).where(limits.c.key.in_(empty.with_for_update(skip_locked=True)))
    return (await tx.execute(swept)).rowcount


def _is(key: bytes) -> ColumnElement[bool]:
    return limits.c.key == key
