"""Somebody is invited by mail, and takes it up by the link in it: once, until it is over, account or none.

Whoever holds the link has the mailbox: it opens an account for an address that has none, as a confirmation does.
Whoever invites is told the same, whether the address has one or not.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from backbone.contracts import OrganiserRegistered
from backbone.postgres.database import Tx
from backbone.postgres.jobs import queue_jobs
from backbone.postgres.outbox import tell_now
from backbone.postgres.purge import Purge
from backbone.runtime.trace import current_trace

from .. import store
from ..desk import Desk
from ..domain.account import not_about
from ..domain.invitation import INVITATION_DAYS, MOST_INVITATIONS, Acceptance, InvitationKind, InvitationRequest
from ..domain.refusals import AlreadyMember, InvitationExpired, TooManyInvitations, Unacceptable
from ..domain.rights import Deed, Role
from ..store import Account, Invitation, To
from ..throttle import TooMany, Why
from .erasure import AT_ONCE, NOW, Erasure
from .mails import owe_invitation
from .organisations import follow_name, leave_empty_home, member_for, organisation_for

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
    kind, to = InvitationKind.COLLEAGUE, To(organisation_id=organisation_id, role=request.role)
    await send(tx, desk, await store.add_invitation(tx, kind, request.email, me, LIFE, to))


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


async def accept(desk: Desk, acceptance: Acceptance, client: str) -> Invitation:
    """Takes up the invitation, once. An address without an account gets one, with these details.

    Raises InvitationExpired, Unacceptable, TooMany or Crowded.
    """
    await desk.throttle.admit(client)
    invitation, has_account = await look(desk, acceptance.token)
    password_hash = None if has_account else await _hash(desk, acceptance, invitation, client)
    async with desk.engine.begin() as tx:
        if invitation.organisation_id:  # organisations first, as an erasure locks them
            await store.organisation_by_id(tx, invitation.organisation_id, lock=True)
        if await store.invitation_by_id(tx, invitation.id, lock=True) is None:
            raise InvitationExpired
        account, is_new = await _entered(tx, invitation, acceptance, password_hash)
        await _join(tx, invitation, account, is_new=is_new)
        await store.end_invitation(tx, invitation.id)
        await store.adopt_mails(tx, invitation.id, account.id)
    return invitation


async def _hash(desk: Desk, acceptance: Acceptance, invitation: Invitation, client: str) -> str:
    if acceptance.name is None or acceptance.password is None:
        absent = [name for name in ("name", "password") if getattr(acceptance, name) is None]
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


async def _join(tx: Tx, invitation: Invitation, account: Account, *, is_new: bool) -> None:
    if invitation.kind != InvitationKind.COLLEAGUE or invitation.organisation_id is None:
        raise InvitationExpired  # of another release
    if not is_new:
        await organisation_for(tx, account)  # what they wrote before stays theirs
    await store.add_member(tx, invitation.organisation_id, account.id, Role(invitation.role or Role.MEMBER))
    await leave_empty_home(tx, account.id)
    if await store.home_of(tx, account.id) == invitation.organisation_id and invitation.organisation:
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
