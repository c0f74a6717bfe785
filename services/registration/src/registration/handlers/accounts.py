"""What a person does with an account: opens it, confirms its address, shows who they are, replaces its password.

A password is hashed in the middle, which takes a while: so these hold no transaction of their caller's.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from uuid import UUID

from pydantic import SecretStr

from backbone.contracts import OrganiserRegistered
from backbone.postgres.database import Tx
from backbone.postgres.outbox import tell_now

from .. import store
from ..confirmation import Link, password_of
from ..desk import Desk
from ..domain.account import AccountRequest, Credentials, LinkRequest, NewPassword, address_of, not_about
from ..domain.notices import Notice
from ..domain.refusals import (
    AccountGone,
    CodeAsked,
    LinkExpired,
    LinkReplaced,
    NotConfirmed,
    PasswordLinkExpired,
    Unacceptable,
    WrongCode,
    WrongCredentials,
)
from ..passwords import Crowded
from ..store import Account
from ..throttle import TooMany
from . import second_factor
from .mails import Mail, owe_mail, owe_notice

NOT_YOURS = ValueError("Ce mot de passe n’est pas le vôtre.")
log = logging.getLogger(__name__)


async def sign_up(desk: Desk, request: AccountRequest, client: str) -> None:
    """Opens an account, or mails the one there is a way in: nobody else learns which. Raises TooMany or Crowded."""
    with desk.passwords.place(client):
        await desk.throttle.admit(client)
        async with desk.engine.connect() as tx:
            before = await store.unconfirmed_password(tx, request.email)
        # with the salt of the sign-up before: the same password again is told from another, at the cost of one hash
        password_hash = await desk.passwords.hash(request.password.get_secret_value(), client, like=before)
    async with desk.engine.begin() as tx:
        opened = await store.open_account(tx, request, password_hash)
        kind = Mail.ACCOUNT_EXISTS if opened.is_confirmed else Mail.CONFIRMATION
        await owe_mail(tx, desk.throttle, kind, opened.id, request.email, is_news=opened.is_news)


async def confirm(desk: Desk, token: str) -> None:
    """Confirms the address, with the details of the sign-up that the token is for, once.

    Raises LinkExpired or LinkReplaced.
    """
    link = desk.confirmations.sign_up(token)
    async with desk.engine.begin() as tx:
        if account := await store.confirm_account(tx, link.account_id, UUID(link.about)):
            await _tell_of(tx, account)
            return
        account = await store.account_by_id(tx, link.account_id)
    if account is None:
        raise LinkExpired  # erased since the mail left
    if str(account.sign_up) != link.about:
        raise LinkReplaced


async def contested_password(desk: Desk, token: str) -> str | None:
    """The hash of the password that the link would confirm, where others were asked for with the same address: whoever
    clicks must know it, or it is another's."""
    try:
        link = desk.confirmations.sign_up(token)
    except LinkExpired:
        return None
    async with desk.engine.connect() as tx:
        account = await store.account_by_id(tx, link.account_id)
    is_asked = account and account.is_contested and not account.is_confirmed and str(account.sign_up) == link.about
    return account.password_hash if account and is_asked else None


async def is_who_signed_up(desk: Desk, token: str, password: SecretStr, client: str) -> bool:
    """Whether the password is that of the sign-up that the link confirms, where it must be known; elsewhere none is
    asked for. Raises TooMany or Crowded."""
    password_hash = await contested_password(desk, token)
    if password_hash is None:
        return True
    with desk.passwords.place(client):
        return await desk.passwords.match(password_hash, password.get_secret_value(), client)


async def sign_in(desk: Desk, credentials: Credentials, client: str) -> Account:
    """The confirmed account of these credentials. Raises WrongCredentials, NotConfirmed, CodeAsked, WrongCode, TooMany
    or Crowded."""
    count = desk.metrics.sign_ins.labels
    try:
        account = await identify(desk, credentials, client)
        if not account.is_confirmed:
            _note_failure("not confirmed", account)
            raise NotConfirmed
    except (WrongCredentials, CodeAsked, TooMany, Crowded) as refused:
        count(_REFUSED[type(refused)]).inc()
        raise
    count("signed_in").inc()
    return account


async def show_code(desk: Desk, ticket: str, code: str) -> Account:
    """The account whose password was shown for the ticket, and whose second factor is shown now. Raises LinkExpired,
    CodeAsked, WrongCode or TooMany."""
    account = await second_factor.bearer_of(desk, ticket)
    count = desk.metrics.sign_ins.labels
    try:
        await second_factor.check(desk, account, code)
    except (CodeAsked, TooMany) as refused:
        count(_REFUSED[type(refused)]).inc()
        raise
    count("signed_in").inc()
    return account


_REFUSED: Mapping[type[Exception], str] = {
    WrongCredentials: "wrong",
    NotConfirmed: "not_confirmed",
    CodeAsked: "code_asked",
    WrongCode: "wrong_code",
    TooMany: "slowed",
    Crowded: "crowded",
}


async def identify(desk: Desk, credentials: Credentials, client: str) -> Account:
    """The account, confirmed or not, whose address and password these are, and second factor, where it has one.

    Raises WrongCredentials, CodeAsked, WrongCode, TooMany or Crowded.
    """
    with desk.passwords.place(client):
        await desk.throttle.admit(client)
        address = address_of(credentials.email)
        guess = await desk.throttle.admit_guess(client, address or credentials.email)
        async with desk.engine.connect() as tx:
            account = await store.account_by_email(tx, address) if address else None
        password_hash = account.password_hash if account else None
        matches = await desk.passwords.match(password_hash, credentials.password.get_secret_value(), client)
        if account is None or not matches:
            _note_failure("wrong password" if account else "no such account", account)
            raise WrongCredentials
        await desk.throttle.was_right(guess)
    await second_factor.check(desk, account, credentials.code)
    return account


async def own_account(desk: Desk, account_id: UUID) -> Account:
    """The account of somebody who is signed in. Raises AccountGone."""
    async with desk.engine.connect() as tx:
        account = await store.account_by_id(tx, account_id)
    if account is None or not account.is_confirmed:
        raise AccountGone
    return account


async def prove(desk: Desk, account_id: UUID, password: SecretStr, client: str, code: str | None = None) -> Account:
    """The account of somebody who is signed in, and shows once more that it is theirs: a token that was stolen changes
    no way in. Raises AccountGone, Unacceptable, TooMany or Crowded."""
    account = await own_account(desk, account_id)
    try:
        return await identify(desk, Credentials(email=account.email, password=password, code=code), client)
    except WrongCredentials:
        raise Unacceptable.field("password", NOT_YOURS) from None
    except CodeAsked:
        raise Unacceptable.field("code", second_factor.WRONG) from None


async def send_link(desk: Desk, request: LinkRequest, client: str) -> None:
    """Mails a link that sets a new password, if the address has an account. Raises TooMany."""
    await desk.throttle.admit(client)
    async with desk.engine.begin() as tx:
        account = await store.account_by_email(tx, request.email)
        await owe_mail(tx, desk.throttle, Mail.NEW_PASSWORD, account.id if account else None, request.email)


async def set_password(desk: Desk, request: NewPassword, client: str) -> None:
    """Sets the password that the link is for, once, and confirms the address where it was not.

    Raises PasswordLinkExpired, Unacceptable, TooMany or Crowded.
    """
    link = desk.confirmations.replaced_password(request.token)
    with desk.passwords.place(client):
        await desk.throttle.admit(client)
        async with desk.engine.connect() as tx:
            account = _of(link, await store.account_by_id(tx, link.account_id))
        try:
            not_about(request.password, account.email, account.name, account.organisation)
        except ValueError as error:
            raise Unacceptable.field("password", error) from None
        password_hash = await desk.passwords.hash(request.password.get_secret_value(), client)
    async with desk.engine.begin() as tx:
        account = _of(link, await store.lock_for_password(tx, link.account_id))
        await store.set_password(tx, account.id, password_hash)
        await store.end_sessions(tx, account.id)
        if not account.is_confirmed:
            await _tell_of(tx, account)
        await desk.throttle.begin_anew(tx, client, account.email)
        await desk.throttle.codes_begin_anew(tx, account.id)
        if account.is_confirmed:
            await owe_notice(tx, account.id, Notice.PASSWORD_CHANGED)
    log.info("a password was set by a link", extra={"account": str(account.id)})


def _of(link: Link, account: Account | None) -> Account:
    """The account, if it still has the password that the link replaces. Raises PasswordLinkExpired."""
    if account is None or password_of(account) != link.about:
        raise PasswordLinkExpired
    return account


async def _tell_of(tx: Tx, account: Account) -> None:
    """Tells of an organiser whose address has just been confirmed."""
    fact = OrganiserRegistered(
        organiser_id=account.id, name=account.name, email=account.email, organisation=account.organisation
    )
    await tell_now(tx, fact)


def _note_failure(why: str, account: Account | None) -> None:
    log.warning("a sign-in failed", extra={"account": str(account.id) if account else None, "why": why})
