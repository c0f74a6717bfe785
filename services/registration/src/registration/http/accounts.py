"""Accounts over HTTP: open one, confirm the address, sign in, be forgotten, the public keys."""

from __future__ import annotations

import logging
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Response
from pydantic import BaseModel, Field

from backbone.contracts import OrganiserRegistered
from backbone.http.access import TOKEN_LIFE, Caller, NotSignedIn
from backbone.http.openapi import refusals
from backbone.postgres.database import Tx
from backbone.postgres.outbox import tell_now

from .. import store
from ..confirmation import LinkExpired, LinkReplaced
from ..domain.account import AccountRequest, Credentials, address_of
from ..erasure import erase
from ..known_passwords import hold_against_the_commonest
from ..mails import Mail, owe_mail
from ..store import Account
from .desk import AtDesk, Desk, FromClient
from .manual import ACCOUNTS, CREDENTIALS

log = logging.getLogger(__name__)

routes = APIRouter(prefix="/v1", tags=["Comptes"], dependencies=[Depends(hold_against_the_commonest)])
Given = Annotated[Credentials, Body(openapi_examples=CREDENTIALS)]
keys = APIRouter(tags=["Comptes"])

ERASED = (
    "Votre compte est effacé et vos événements sont retirés. Les dernières copies techniques de vos coordonnées "
    "disparaîtront d’ici un mois. Merci d’avoir fait un bout de chemin avec la Semaine de l’industrie."
)


# the same answer whether the address has an account or not: nobody learns who is registered
SENT = (
    "Un courriel part à cette adresse, s’il n’y en a pas eu un dans les dernières minutes : il dit comment ouvrir "
    "votre compte ou, si vous en avez déjà un, comment y entrer."
)


class WrongCredentials(NotSignedIn):
    """No account has this address and this password."""


class Told(BaseModel):
    """A sentence for a person."""

    detail: str


class ConfirmationRequest(BaseModel):
    """The token out of the link in the mail."""

    token: Annotated[str, Field(max_length=2000)]


class Token(BaseModel):
    """An access token, to be sent as `Authorization: Bearer …`."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = int(TOKEN_LIFE.total_seconds())


@routes.post("/accounts", status_code=202, summary="Ouvrir un compte")
async def open_account(
    request: Annotated[AccountRequest, Body(openapi_examples=ACCOUNTS)], desk: AtDesk, client: FromClient
) -> Told:
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
    return Told(detail=SENT)


@routes.post("/accounts/confirmations", summary="Confirmer son adresse", responses=refusals(410))
async def confirm_address(request: ConfirmationRequest, desk: AtDesk, client: FromClient) -> Told:
    await desk.throttle.admit(client)
    await confirm(request.token, desk)
    return Told(detail="Votre adresse est confirmée. Vous pouvez vous connecter.")


async def confirm(token: str, desk: Desk) -> None:
    """Confirms the address, with the details of the sign-up that the token is for, once. Raises LinkExpired."""
    link = desk.confirmations.sign_up(token)
    async with desk.engine.begin() as tx:
        if account := await store.confirm_account(tx, link.account_id, UUID(link.about)):
            await tell_of(tx, account)
            return
        account = await store.account_by_id(tx, link.account_id)
    if account is None:
        raise LinkExpired  # erased since the mail left
    if str(account.sign_up) != link.about:
        raise LinkReplaced


async def tell_of(tx: Tx, account: Account) -> None:
    """Tells of an organiser whose address has just been confirmed."""
    fact = OrganiserRegistered(
        organiser_id=account.id, name=account.name, email=account.email, organisation=account.organisation
    )
    await tell_now(tx, "registration", fact)


@routes.post("/tokens", summary="Se connecter", responses=refusals(401))
async def sign_in(credentials: Given, desk: AtDesk, client: FromClient) -> Token:
    account = await account_of(credentials, desk, client)
    if not account.is_confirmed:
        # nothing else is said: whoever signed up for another's address would learn whether they have an account
        raise _failed("not confirmed", account)
    caller = Caller(account.id, account.role, frozenset(account.regions), account.organisation)
    return Token(access_token=desk.signer.sign(caller), token_type="Bearer")  # noqa: S106 (the name of the scheme)


# the password is asked for again: a token that was stolen must not erase
@routes.post("/accounts/erasure", summary="Effacer son compte, et retirer ses événements", responses=refusals(401))
async def erase_account(credentials: Given, desk: AtDesk, client: FromClient) -> Told:
    account = await account_of(credentials, desk, client)
    async with desk.engine.begin() as tx:
        is_done = await erase(tx, account.id, now=desk.clock.now(), again_after=desk.tombstone_again_after)
    if is_done:
        log.info("an account was erased", extra={"account": str(account.id), "by": "its owner"})
    return Told(detail=ERASED)


async def account_of(credentials: Credentials, desk: Desk, client: str) -> Account:
    """The account, confirmed or not, whose address and password these are.

    Raises WrongCredentials, TooMany or Crowded.
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
            raise _failed("wrong password" if account else "no such account", account)
        await desk.throttle.was_right(guess)
    return account


def _failed(why: str, account: Account | None) -> WrongCredentials:
    log.warning("a sign-in failed", extra={"account": str(account.id) if account else None, "why": why})
    return WrongCredentials(why)


@keys.get("/.well-known/jwks.json", summary="Les clés publiques des jetons")
async def public_keys(desk: AtDesk, response: Response) -> dict[str, Any]:
    response.headers["Cache-Control"] = "public, max-age=300"
    return desk.signer.jwks()
