"""The questions asked of the keys of organisations."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, update

from backbone.postgres.database import Tx
from backbone.postgres.purge import Purge, older

from ..domain.api_key import KEPT_AFTER, KeyRequest, Secret
from .tables import api_keys, members


class ApiKey(NamedTuple):
    """A key as it is stored."""

    id: UUID
    organisation_id: UUID
    account_id: UUID
    prefix: str
    name: str
    scopes: list[str]
    created_at: datetime
    ends_at: datetime
    last_used_on: date | None


_KEY = select(*(api_keys.c[name] for name in ApiKey._fields))


async def add_key(tx: Tx, organisation_id: UUID, account_id: UUID, request: KeyRequest, secret: Secret) -> ApiKey:
    new = {
        "id": uuid4(),
        "organisation_id": organisation_id,
        "account_id": account_id,
        "prefix": secret.prefix,
        "hash": secret.kept,
        "name": request.name,
        "scopes": sorted(request.scopes),
        "ends_at": func.now() + timedelta(days=request.days),
    }
    columns = [api_keys.c[name] for name in ApiKey._fields]
    return ApiKey._make((await tx.execute(api_keys.insert().values(new).returning(*columns))).one())


async def keys_of(tx: Tx, organisation_id: UUID) -> list[ApiKey]:
    """The organisation's keys, the newest first; those too that ended lately."""
    rows = await tx.execute(
        _KEY.where(api_keys.c.organisation_id == organisation_id).order_by(api_keys.c.created_at.desc())
    )
    return [ApiKey._make(row) for row in rows]


async def good_key(tx: Tx, kept: bytes) -> ApiKey | None:
    """The key, if it has not ended and who made it is still of its organisation. The day of its use is noted, once."""
    is_theirs = (members.c.organisation_id == api_keys.c.organisation_id) & (
        members.c.account_id == api_keys.c.account_id
    )
    good = _KEY.join(members, is_theirs).where(api_keys.c.hash == kept, api_keys.c.ends_at > func.now())
    row = (await tx.execute(good)).one_or_none()
    if row is None:
        return None
    not_yet = api_keys.c.last_used_on.is_distinct_from(func.current_date())
    used = update(api_keys).where(api_keys.c.id == row.id, not_yet).values(last_used_on=func.current_date())
    await tx.execute(used)
    return ApiKey._make(row)


async def key_by_id(tx: Tx, key_id: UUID) -> ApiKey | None:
    row = (await tx.execute(_KEY.where(api_keys.c.id == key_id))).one_or_none()
    return ApiKey._make(row) if row else None


async def revoke_key(tx: Tx, organisation_id: UUID, key_id: UUID) -> bool:
    """Ends a key of the organisation's at once; whether there was such a one."""
    this = (api_keys.c.id == key_id) & (api_keys.c.organisation_id == organisation_id)
    return bool((await tx.execute(delete(api_keys).where(this))).rowcount)


def ended_keys() -> Purge:
    """A purge: those that ended long ago."""
    return older(api_keys, api_keys.c.ends_at, KEPT_AFTER)
