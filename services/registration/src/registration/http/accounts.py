"""Accounts over HTTP: open one, confirm the address, sign in, be forgotten, the public keys."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, Field

from backbone.access import TOKEN_LIFE, Caller, NotSignedIn
from backbone.contracts import OrganiserRegistered
from backbone.jobs import queue_job
from backbone.openapi import refusals
from backbone.outbox import tell_now

from .. import store
from ..confirmation import LinkExpired
from ..domain.account import AccountRequest, Credentials, address_of
from ..erasure import erase
from ..store import Account
from .desk import AtDesk, Desk
from .manual import ACCOUNTS, CREDENTIALS

routes = APIRouter(prefix="/v1", tags=["Comptes"])
Given = Annotated[Credentials, Body(openapi_examples=CREDENTIALS)]
keys = APIRouter(tags=["Comptes"])

ERASED = (
    "Votre compte est effacé et vos événements sont retirés. Les dernières copies techniques de vos coordonnées "
    "disparaîtront d’ici un mois. Merci d’avoir fait un bout de chemin avec la Semaine de l’industrie."
)


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
async def open_account(request: Annotated[AccountRequest, Body(openapi_examples=ACCOUNTS)], desk: AtDesk) -> Told:
    password_hash = await desk.passwords.hash(request.password.get_secret_value())
    async with desk.engine.begin() as tx:
        account_id = await store.open_account(tx, request, password_hash)
        if account_id:
            # asked again, another mail leaves: the hash is new each time
            key = f"{account_id}:{password_hash[-16:]}"
            await queue_job(tx, "confirmation", key, {"account_id": str(account_id)})
    # the same answer whether the address has an account or not: nobody learns who is registered
    return Told(detail="Si cette adresse n’a pas encore de compte, un courriel de confirmation vient de partir.")


@routes.post("/accounts/confirmations", summary="Confirmer son adresse", responses=refusals(410))
async def confirm_address(request: ConfirmationRequest, desk: AtDesk) -> Told:
    await confirm(request.token, desk)
    return Told(detail="Votre adresse est confirmée. Vous pouvez vous connecter.")


async def confirm(token: str, desk: Desk) -> None:
    """Confirms the address that the token is about, once. Raises LinkExpired."""
    account_id = desk.confirmations.account_id(token)
    async with desk.engine.begin() as tx:
        account = await store.confirm_account(tx, account_id)
        if account is None and await store.account_by_id(tx, account_id) is None:
            raise LinkExpired  # erased since the mail left
        if account:
            fact = OrganiserRegistered(
                organiser_id=account.id, name=account.name, email=account.email, organisation=account.organisation
            )
            await tell_now(tx, "registration", fact)


@routes.post("/tokens", summary="Se connecter", responses=refusals(401))
async def sign_in(credentials: Given, desk: AtDesk) -> Token:
    account = await _account_of(credentials, desk)
    if not account.is_confirmed:
        raise NotSignedIn("the address is not confirmed")
    caller = Caller(account.id, account.role, frozenset(account.regions), account.organisation)
    return Token(access_token=desk.signer.sign(caller), token_type="Bearer")  # noqa: S106 (the name of the scheme)


# the password is asked for again: a token that was stolen must not erase
@routes.post("/accounts/erasure", summary="Effacer son compte, et retirer ses événements", responses=refusals(401))
async def erase_account(credentials: Given, desk: AtDesk) -> Told:
    account = await _account_of(credentials, desk)
    async with desk.engine.begin() as tx:
        await erase(tx, account.id, now=desk.clock.now(), again_after=desk.tombstone_again_after)
    return Told(detail=ERASED)


async def _account_of(credentials: Credentials, desk: Desk) -> Account:
    """The account, confirmed or not, whose address and password these are. Raises NotSignedIn."""
    address = address_of(credentials.email)
    async with desk.engine.connect() as tx:
        account = await store.account_by_email(tx, address) if address else None
    password_hash = account.password_hash if account else None
    matches = await desk.passwords.match(password_hash, credentials.password.get_secret_value())
    if account is None or not matches:
        raise NotSignedIn("wrong address or password")
    return account


@keys.get("/.well-known/jwks.json", summary="Les clés publiques des jetons")
async def public_keys(desk: AtDesk, response: Response) -> dict[str, Any]:
    response.headers["Cache-Control"] = "public, max-age=300"
    return desk.signer.jwks()
