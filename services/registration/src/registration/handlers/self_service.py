"""What a person who is signed in changes of their own account: their name, their password, their address."""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from backbone.contracts import OrganiserChanged
from backbone.postgres.database import Tx
from backbone.postgres.outbox import tell_now

from .. import store
from ..confirmation import name_and_password_of
from ..desk import Desk
from ..domain.account import NewAddress, OwnPassword, not_about
from ..domain.notices import Notice
from ..domain.refusals import AccountGone, LinkExpired, Unacceptable
from ..store import Account
from . import accounts, sessions
from .erasure import erase
from .mails import owe_new_address, owe_notice
from .sessions import Entry

log = logging.getLogger(__name__)


async def rename(tx: Tx, account_id: UUID, name: str) -> Account:
    """The account, called so from now on; told once. Raises AccountGone."""
    account = await _locked(tx, account_id)
    if name == account.name:
        return account
    await store.rename_account(tx, account_id, name)
    renamed = account._replace(name=name)
    await _tell(tx, renamed)
    return renamed


async def change_password(desk: Desk, account_id: UUID, request: OwnPassword, client: str, user_agent: str) -> Entry:
    """Another password in place of the one that is shown. Every session ends, and one begins for whoever did it.

    Raises AccountGone, Unacceptable, TooMany or Crowded.
    """
    account = await accounts.prove(desk, account_id, request.password, client, request.code)
    try:
        not_about(request.new_password, account.email, account.name, account.organisation)
    except ValueError as error:
        raise Unacceptable.field("new_password", error) from None
    with desk.passwords.place(client):
        password_hash = await desk.passwords.hash(request.new_password.get_secret_value(), client)
    async with desk.engine.begin() as tx:
        if (await _locked(tx, account_id)).password_hash != account.password_hash:
            raise Unacceptable.field("password", accounts.NOT_YOURS)  # another was set at the same moment
        await store.set_password(tx, account_id, password_hash)
        await sessions.end_all(tx, account_id)
        await owe_notice(tx, account_id, Notice.PASSWORD_CHANGED)
        entry = await sessions.begin(tx, desk, account, user_agent)
    log.info("a password was changed", extra={"account": str(account_id)})
    return entry


async def ask_for_address(desk: Desk, account_id: UUID, request: NewAddress, client: str) -> None:
    """Mails a link to the address that is to be the account's. One that is another's already is told so by mail, and
    nobody else learns it. Raises AccountGone, Unacceptable, TooMany or Crowded."""
    account = await accounts.prove(desk, account_id, request.password, client, request.code)
    async with desk.engine.begin() as tx:
        there = await store.account_by_email(tx, request.email)
        owner = there if there and there.is_confirmed else None
        await owe_new_address(tx, desk.throttle, account.id, request.email, owner.id if owner else None)


async def take_address(desk: Desk, token: str) -> None:
    """Makes the address that the link was mailed to the account's, once; it is said at the one of before.

    Raises LinkExpired.
    """
    link, address = desk.confirmations.new_address(token)
    async with desk.engine.begin() as tx:
        account = await store.lock_for_password(tx, link.account_id)
        if account is None or not account.is_confirmed or name_and_password_of(account) != link.about:
            raise LinkExpired
        there = await store.account_by_email(tx, address)
        if there and there.is_confirmed:
            raise LinkExpired
        if there:  # somebody has signed up for it who never had the mailbox, or has it and prefers this account
            await erase(tx, there.id, now=desk.clock.now(), again_after=())
        try:
            async with tx.begin_nested():
                await store.change_address(tx, account.id, address)
        except IntegrityError:  # it was signed up for at this very moment
            raise LinkExpired from None
        await _tell(tx, account._replace(email=address))
        await owe_notice(tx, account.id, Notice.ADDRESS_CHANGED, to=account.email)
    log.info("an address was changed", extra={"account": str(account.id)})


async def _locked(tx: Tx, account_id: UUID) -> Account:
    account = await store.lock_for_password(tx, account_id)
    if account is None or not account.is_confirmed:
        raise AccountGone
    return account


async def _tell(tx: Tx, account: Account) -> None:
    who = {"name": account.name, "email": account.email, "organisation": account.organisation}
    await tell_now(tx, OrganiserChanged(organiser_id=account.id, **who))
