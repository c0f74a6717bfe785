"""Who is of an organisation, and as what: somebody leaves, is taken out, is made its manager."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from backbone.postgres.database import Tx

from .. import store
from ..desk import Desk
from ..domain.refusals import LastManager, NoMember
from ..domain.rights import Deed, Role
from .events import check_account, hold_account
from .handing_over import pass_on
from .organisations import follow_name, member_for


async def leave(tx: Tx, desk: Desk, me: UUID, organisation_id: UUID) -> None:
    """Goes, and leaves one's events to whoever manages it: they are the organisation's.

    Raises AccountGone, UnknownOrganisation or LastManager.
    """
    await check_account(tx, me)
    await member_for(tx, me, organisation_id, Deed.LEAVE, lock=True)
    await _take_out(tx, organisation_id, me, desk.clock.now())


async def remove(tx: Tx, desk: Desk, me: UUID, organisation_id: UUID, whom: UUID) -> None:
    """Takes somebody out, whose events stay with whoever manages it.

    Raises AccountGone, UnknownOrganisation, NotYours, NoMember or LastManager.
    """
    await check_account(tx, me)
    await member_for(tx, me, organisation_id, Deed.ARRANGE, lock=True)
    if await store.role_in(tx, organisation_id, whom) is None:
        raise NoMember
    await _take_out(tx, organisation_id, whom, desk.clock.now())


async def give_role(tx: Tx, me: UUID, organisation_id: UUID, whom: UUID, role: Role) -> None:
    """Makes somebody a manager or a plain member.

    Raises AccountGone, UnknownOrganisation, NotYours, NoMember or LastManager.
    """
    await check_account(tx, me)
    await member_for(tx, me, organisation_id, Deed.ARRANGE, lock=True)
    people = await store.members_of(tx, organisation_id)
    if whom not in {member.account_id for member in people}:
        raise NoMember
    if role is not Role.MANAGER and _is_last_manager(people, whom):
        raise LastManager
    await store.set_role(tx, organisation_id, whom, role)


async def _take_out(tx: Tx, organisation_id: UUID, whom: UUID, now: datetime) -> None:
    people = await store.members_of(tx, organisation_id)
    others = [member for member in people if member.account_id != whom]
    if _is_last_manager(people, whom) and (others or await store.has_events(tx, organisation_id)):
        raise LastManager
    was_home = await store.home_of(tx, whom) == organisation_id
    if others:
        await hold_account(tx, others[0].account_id)  # managers come first, the oldest of them before the others
        for event in await store.lock_events_of(tx, whom):
            if event.organisation_id == organisation_id:
                await pass_on(tx, event, others[0].account_id, organisation_id, now)
        await store.end_membership(tx, organisation_id, whom)
    else:
        await store.forget_organisation(tx, organisation_id)
    if was_home and (left := await store.organisations_of(tx, whom)):
        await follow_name(tx, [whom], left[0][0].name)


def _is_last_manager(people: list[store.Member], whom: UUID) -> bool:
    return [member.account_id for member in people if member.role == Role.MANAGER] == [whom]
