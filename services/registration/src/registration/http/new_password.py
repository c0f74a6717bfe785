"""A new password over HTTP: a link by mail, and what it sets."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Depends
from fastapi.exceptions import RequestValidationError

from backbone.http.openapi import refusals

from .. import store
from ..confirmation import Link, PasswordLinkExpired, password_of
from ..domain.account import LinkRequest, NewPassword, not_about
from ..known_passwords import hold_against_the_commonest
from ..mails import Mail, owe_mail
from ..store import Account
from .accounts import Told, tell_of
from .desk import AtDesk, Desk, FromClient

log = logging.getLogger(__name__)

routes = APIRouter(prefix="/v1", tags=["Comptes"], dependencies=[Depends(hold_against_the_commonest)])

LINK_SENT = (
    "Si cette adresse a un compte, un courriel y part, s’il n’y en a pas eu un dans les dernières minutes : "
    "son lien mène à un nouveau mot de passe."
)
SET = "Votre nouveau mot de passe est enregistré. Vous pouvez vous connecter."


@routes.post("/accounts/password-links", status_code=202, summary="Demander un lien pour choisir un mot de passe")
async def ask_for_link(request: LinkRequest, desk: AtDesk, client: FromClient) -> Told:
    await send_link(request, desk, client)
    return Told(detail=LINK_SENT)


@routes.post(
    "/accounts/passwords", summary="Choisir un nouveau mot de passe, par le lien reçu", responses=refusals(410)
)
async def choose_password(request: NewPassword, desk: AtDesk, client: FromClient) -> Told:
    await set_password(request, desk, client)
    return Told(detail=SET)


async def send_link(request: LinkRequest, desk: Desk, client: str) -> None:
    """Mails a link that sets a new password, if the address has an account. Raises TooMany."""
    await desk.throttle.admit(client)
    async with desk.engine.begin() as tx:
        account = await store.account_by_email(tx, request.email)
        await owe_mail(tx, desk.throttle, Mail.NEW_PASSWORD, account.id if account else None, request.email)


async def set_password(request: NewPassword, desk: Desk, client: str) -> None:
    """Sets the password that the link is for, once, and confirms the address where it was not.

    Raises PasswordLinkExpired, RequestValidationError, TooMany or Crowded.
    """
    link = desk.confirmations.replaced_password(request.token)
    with desk.passwords.place(client):
        await desk.throttle.admit(client)
        async with desk.engine.connect() as tx:
            account = _of(link, await store.account_by_id(tx, link.account_id))
        _check_it_is_not_about(account, request)
        password_hash = await desk.passwords.hash(request.password.get_secret_value(), client)
    async with desk.engine.begin() as tx:
        account = _of(link, await store.lock_for_password(tx, link.account_id))
        await store.set_password(tx, account.id, password_hash)
        if not account.is_confirmed:
            await tell_of(tx, account)
        await desk.throttle.begin_anew(tx, client, account.email)
    log.info("a password was set by a link", extra={"account": str(account.id)})


def _of(link: Link, account: Account | None) -> Account:
    """The account, if it still has the password that the link replaces. Raises PasswordLinkExpired."""
    if account is None or password_of(account) != link.about:
        raise PasswordLinkExpired
    return account


def _check_it_is_not_about(account: Account, request: NewPassword) -> None:
    try:
        not_about(request.password, account.email, account.name, account.organisation)
    except ValueError as error:
        fault = {"type": "value_error", "loc": ("body", "password"), "ctx": {"error": error}}
        raise RequestValidationError([fault]) from None
