"""Somebody is invited by mail, and takes it up by the link in it: once, until it is over, account or none.

Whoever holds the link has the mailbox: it opens an account for an address that has none, as a confirmation does.
Whoever invites is told the same, whether the address has one or not.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from backbone.contracts import OrganisationKind, OrganiserRegistered
from backbone.postgres.database import Tx
from backbone.postgres.jobs import queue_jobs
from backbone.postgres.outbox import tell_now
from backbone.postgres.purge import Purge
from backbone.runtime.trace import current_trace

from .. import store
from ..desk import Desk
from ..domain.account import not_about
from ..domain.invitation import INVITATION_DAYS, MOST_INVITATIONS, Acceptance, InvitationKind, InvitationRequest
from ..domain.refusals import (
    AlreadyMember,
    InvitationExpired,
    NoFederation,
    NotYours,
    TooManyInvitations,
    Unacceptable,
)
from ..domain.rights import Act, Deed, Role
from ..store import Account, Invitation, Organisation, StoredEvent, To
from ..throttle import TooMany, Why
from .erasure import AT_ONCE, NOW, Erasure
from .events import check_account, event_for
from .handing_over import pass_on
from .helping import enters_for_others
from .mails import owe_invitation
from .organisations import follow_name, leave_empty_home, member_for, organisation_for
from .quotas import count_invitation

LIFE = timedelta(days=INVITATION_DAYS)


async def invite(tx: Tx, desk: Desk, me: UUID, organisation_id: UUID, request: InvitationRequest) -> None:
    """Invites an address to be of the organisation.

    Raises UnknownOrganisation, NotYours, AlreadyMember, TooManyInvitations or TooMany.
    """
    await member_for(tx, me, organisation_id, Deed.INVITE, lock=True)
    if request.email in {member.email for member in await store.members_of(tx, organisation_id)}:
        raise AlreadyMember
    if len(await store.invitations_of(tx, organisation_id)) >= MOST_INVITATIONS:
        raise TooManyInvitations
    await count_invitation(tx, organisation_id)
    kind, to = InvitationKind.COLLEAGUE, To(organisation_id=organisation_id, role=request.role)
    await send(tx, desk, await store.add_invitation(tx, kind, request.email, me, LIFE, to))


async def offer_help(tx: Tx, desk: Desk, me: UUID, organisation_id: UUID, email: str) -> None:
    """Offers whoever manages another organisation that this federation helps with its events.

    Raises UnknownOrganisation, NotYours, NoFederation, TooManyInvitations or TooMany.
    """
    federation = await member_for(tx, me, organisation_id, Deed.HELP, lock=True)
    if federation.kind != OrganisationKind.FEDERATION:
        raise NoFederation
    if len(await store.invitations_of(tx, organisation_id)) >= MOST_INVITATIONS:
        raise TooManyInvitations
    await count_invitation(tx, organisation_id)
    to = To(organisation_id=organisation_id)
    await send(tx, desk, await store.add_invitation(tx, InvitationKind.FEDERATION, email, me, LIFE, to))


async def offer_event(tx: Tx, desk: Desk, me: UUID, event_id: UUID, email: str) -> None:
    """Offers an event to whoever it was entered for, and to nobody else any more.

    Raises AccountGone, UnknownEvent, NotYours or TooMany.
    """
    event = await check_offers(tx, me, event_id, lock=True)
    await count_invitation(tx, me)
    for open_one in await store.invitations_to_event(tx, event.id):
        await store.end_invitation(tx, open_one)
        await _forget_copies(tx, open_one)
    await send(tx, desk, await store.add_invitation(tx, InvitationKind.CLAIM, email, me, LIFE, To(event_id=event.id)))


async def check_offers(tx: Tx, me: UUID, event_id: UUID, *, lock: bool = False) -> StoredEvent:
    """The event, which this account may offer to whoever it was entered for. Raises AccountGone, UnknownEvent or
    NotYours."""
    event = await event_for(tx, me, event_id, Act.OFFER, lock=lock)
    if not await enters_for_others(tx, await check_account(tx, me)):
        raise NotYours
    return event


async def send(tx: Tx, desk: Desk, invitation: Invitation) -> None:
    """Queues the mail. Raises TooMany where the address has been sent enough."""
    account = await store.account_by_email(tx, invitation.email)
    if not await owe_invitation(tx, desk.throttle, invitation, account):
        raise TooMany(Why.INVITATIONS, desk.throttle.mail_pause.total_seconds())


async def take_back(tx: Tx, me: UUID, organisation_id: UUID, invitation_id: UUID) -> None:
    """Makes the link void. Raises UnknownOrganisation, NotYours or InvitationExpired."""
    await member_for(tx, me, organisation_id, Deed.INVITE)
    if not await store.end_invitation(tx, invitation_id, organisation_id):
        raise InvitationExpired
    await _forget_copies(tx, invitation_id)


async def look(desk: Desk, token: str) -> tuple[Invitation, bool]:
    """What the link invites to, and whether its address has an account. Raises InvitationExpired."""
    invitation_id = desk.confirmations.invitation(token)
    async with desk.engine.connect() as tx:
        invitation = await store.invitation_by_id(tx, invitation_id)
        if invitation is None:
            raise InvitationExpired
        account = await store.account_by_email(tx, invitation.email)
    return invitation, bool(account and account.is_confirmed)


async def homes_for(desk: Desk, invitation: Invitation) -> list[Organisation]:
    """The organisations among which whoever was invited may choose: which one is helped, or has the event."""
    if invitation.kind == InvitationKind.COLLEAGUE:
        return []
    async with desk.engine.connect() as tx:
        account = await store.account_by_email(tx, invitation.email)
        mine = await store.organisations_of(tx, account.id) if account else []
    is_for_managers = invitation.kind == InvitationKind.FEDERATION
    return [one for one, role in mine if role == Role.MANAGER or not is_for_managers]


async def accept(desk: Desk, acceptance: Acceptance, client: str) -> Invitation:
    """Takes up the invitation, once. An address without an account gets one, with these details.

    Raises InvitationExpired, Unacceptable, TooMany or Crowded.
    """
    await desk.throttle.admit(client)
    invitation, has_account = await look(desk, acceptance.token)
    password_hash = None if has_account else await _hash(desk, acceptance, invitation, client)
    async with desk.engine.begin() as tx:
        # in the order of an erasure: organisations, all of them at once, the account, events, invitations
        await _lock_organisations(tx, invitation)
        account, is_new = await _entered(tx, invitation, acceptance, password_hash)
        if invitation.event_id:  # as whoever offers it to another locks it
            await store.lock_event(tx, invitation.event_id)
        if await store.invitation_by_id(tx, invitation.id, lock=True) is None:
            raise InvitationExpired
        await _take_up(tx, desk, invitation, account, acceptance.organisation_id, is_new=is_new)
        await store.end_invitation(tx, invitation.id)
        await store.adopt_mails(tx, invitation.id, account.id)
    return invitation


async def _lock_organisations(tx: Tx, invitation: Invitation) -> None:
    """The one that it is to, and those of whoever takes it up, who may leave an empty one."""
    account = await store.account_by_email(tx, invitation.email)
    to = (invitation.organisation_id,) if invitation.organisation_id else ()
    await store.lock_organisations_of(tx, account.id if account else None, *to)


async def _hash(desk: Desk, acceptance: Acceptance, invitation: Invitation, client: str) -> str:
    wanted = {"name", "password"} | ({"organisation"} if invitation.kind == InvitationKind.FEDERATION else set())
    if any(getattr(acceptance, name) is None for name in wanted) or not (acceptance.name and acceptance.password):
        asked = ("name", "organisation", "password")
        absent = [name for name in asked if getattr(acceptance, name) is None and name in wanted]
        raise Unacceptable([{"type": "missing", "loc": (name,)} for name in absent])
    organisation = acceptance.organisation or _organisation_in(invitation)
    try:
        not_about(acceptance.password, invitation.email, acceptance.name, organisation)
    except ValueError as error:
        raise Unacceptable.field("password", error) from None
    with desk.passwords.place(client):
        return await desk.passwords.hash(acceptance.password.get_secret_value(), client)


def _organisation_in(invitation: Invitation) -> str:
    """The organisation of whoever opens an account by it, if they name no other."""
    named = invitation.organisation if invitation.kind == InvitationKind.COLLEAGUE else invitation.event_organisation
    return named or "Mon organisation"


async def _entered(
    tx: Tx, invitation: Invitation, acceptance: Acceptance, password_hash: str | None
) -> tuple[Account, bool]:
    """The account of the address, and whether it was opened just now."""
    is_new = False
    if password_hash and acceptance.name:
        organisation = acceptance.organisation or _organisation_in(invitation)
        is_new = await store.enter_invited(tx, invitation.email, acceptance.name, organisation, password_hash)
    found = await store.account_by_email(tx, invitation.email)
    account = await store.account_by_id(tx, found.id, hold=True) if found else None
    if account is None or not account.is_confirmed:
        raise InvitationExpired  # erased at this very moment
    if is_new:
        who = {"name": account.name, "email": account.email, "organisation": account.organisation}
        await tell_now(tx, OrganiserRegistered(organiser_id=account.id, **who))
    return account, is_new


async def _take_up(
    tx: Tx, desk: Desk, invitation: Invitation, account: Account, organisation_id: UUID | None, *, is_new: bool
) -> None:
    if invitation.kind == InvitationKind.CLAIM and invitation.event_id:
        home = await organisation_for(tx, account, organisation_id)
        event = await store.lock_event(tx, invitation.event_id)
        if event is None:
            raise InvitationExpired  # its keeper is erased
        await pass_on(tx, event, account.id, home, desk.clock.now())
    elif invitation.kind == InvitationKind.FEDERATION and invitation.organisation_id:
        home = await organisation_for(tx, account, organisation_id)
        await member_for(tx, account.id, home, Deed.CHANGE)
        await store.set_federation(tx, home, invitation.organisation_id)
    elif invitation.kind == InvitationKind.COLLEAGUE and invitation.organisation_id:
        await _join(tx, invitation, invitation.organisation_id, account, is_new=is_new)
    else:
        raise InvitationExpired  # of another release


async def _join(tx: Tx, invitation: Invitation, organisation_id: UUID, account: Account, *, is_new: bool) -> None:
    if not is_new:
        await organisation_for(tx, account)  # what they wrote before stays theirs
    await store.add_member(tx, organisation_id, account.id, Role(invitation.role or Role.MEMBER))
    await leave_empty_home(tx, account.id)
    if await store.home_of(tx, account.id) == organisation_id and invitation.organisation:
        await follow_name(tx, [account.id], invitation.organisation)


def invitations_that_are_over() -> Purge:
    """A purge: the invitations that nobody took up in time, and the copies of their mails."""

    async def purge(tx: Tx) -> bool:
        over = await store.lock_over(tx, most=AT_ONCE)
        for invitation_id in over:
            await store.end_invitation(tx, invitation_id)
            await _forget_copies(tx, invitation_id)
        return len(over) == AT_ONCE

    return purge


async def _forget_copies(tx: Tx, invitation_id: UUID) -> None:
    """Of the mails to an address without an account, which nothing else would be found by."""
    mails = tuple(await store.forget_mails(tx, invitation_id))
    job = Erasure(organiser_id=invitation_id, mails=mails, wait=NOW)
    if mails:
        await queue_jobs(tx, [(job, NOW, current_trace())])
