"""What people do with the organisations that they are of. Each within the caller's transaction."""

from __future__ import annotations

from uuid import UUID

from backbone.postgres.database import Tx

from .. import store
from ..domain.refusals import UnknownOrganisation
from ..store import Account


async def organisation_for(tx: Tx, account: Account, wanted: UUID | None = None) -> UUID:
    """The organisation of a new event of this account: the one that is wanted, or the one that it belonged to first;
    its own, which is made, if there is none yet. Raises UnknownOrganisation."""
    if wanted is not None:
        if await store.role_in(tx, wanted, account.id) is None:
            raise UnknownOrganisation
        return wanted
    if home := await store.home_of(tx, account.id):
        return home
    await store.lock_people(tx, account.id)
    return await store.home_of(tx, account.id) or await store.open_home(tx, account.id, account.organisation)
