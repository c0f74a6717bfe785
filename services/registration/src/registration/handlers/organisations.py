"""What people do with the organisations that they are of. Each within the caller's transaction."""

from __future__ import annotations

from uuid import UUID

from backbone.contracts import OrganiserChanged
from backbone.postgres.database import Tx
from backbone.postgres.outbox import tell_now

from .. import store
from ..domain.organisation import OrganisationRequest
from ..domain.refusals import NotYours, UnknownOrganisation
from ..domain.rights import DEEDS, Deed, Role
from ..store import Account, Organisation


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


async def member_for(tx: Tx, me: UUID, organisation_id: UUID, deed: Deed, *, lock: bool = False) -> Organisation:
    """The organisation with which this account may do that. Locked, nobody else comes or goes, and it keeps its name,
    before the transaction ends. Raises UnknownOrganisation or NotYours."""
    organisation = await store.organisation_by_id(tx, organisation_id, lock=lock)
    role = await store.role_in(tx, organisation_id, me)
    if organisation is None or role is None:
        raise UnknownOrganisation
    if deed not in DEEDS[Role(role)]:
        raise NotYours
    return organisation


async def found(tx: Tx, account: Account, request: OrganisationRequest) -> UUID:
    """A new organisation, which this person manages; their first one keeps being the one of their own."""
    await organisation_for(tx, account)
    return await store.open_organisation(tx, account.id, request)


async def change(tx: Tx, me: UUID, organisation_id: UUID, request: OrganisationRequest) -> None:
    """Says something else of an organisation; its people are called by its new name.

    Raises UnknownOrganisation or NotYours.
    """
    before = await member_for(tx, me, organisation_id, Deed.CHANGE, lock=True)
    await store.change_organisation(tx, organisation_id, request)
    if request.name != before.name:
        await follow_name(tx, await store.at_home_in(tx, organisation_id), request.name)


async def leave_federation(tx: Tx, me: UUID, organisation_id: UUID) -> None:
    """The organisation is not helped any more. Raises UnknownOrganisation or NotYours."""
    await member_for(tx, me, organisation_id, Deed.CHANGE, lock=True)
    await store.set_federation(tx, organisation_id, None)


async def follow_name(tx: Tx, people: list[UUID], name: str) -> None:
    """Calls these people by the name of their organisation, wherever they are called by one."""
    for account in await store.call_of(tx, people, name):
        who = {"name": account.name, "email": account.email, "organisation": account.organisation}
        await tell_now(tx, OrganiserChanged(organiser_id=account.id, **who))


async def leave_empty_home(tx: Tx, account_id: UUID) -> None:
    """A person who has come to an organisation needs the one of their own no longer, if nothing was ever written for
    it and nobody else is of it."""
    mine = await store.organisations_of(tx, account_id)
    home = mine[0][0]
    is_empty = len(mine) > 1 and not await store.has_events(tx, home.id) and home.siret is None
    if is_empty and len(await store.members_of(tx, home.id)) == 1:
        await store.forget_organisation(tx, home.id)
