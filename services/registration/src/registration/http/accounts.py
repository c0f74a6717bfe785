"""Accounts over HTTP: open one, confirm the address, sign in, the public keys."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from backbone.access import TOKEN_LIFE, Caller, NotSignedIn
from backbone.contracts import OrganiserRegistered
from backbone.jobs import queue_job
from backbone.outbox import tell_now

from .. import store
from ..domain.account import AccountRequest, Credentials, address_of
from .desk import AtDesk, Desk

routes = APIRouter(tags=["Comptes"])


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
async def open_account(request: AccountRequest, desk: AtDesk) -> Told:
    password_hash = await desk.passwords.hash(request.password.get_secret_value())
    async with desk.engine.begin() as tx:
        account_id = await store.open_account(tx, request, password_hash)
        if account_id:
            # asked again, another mail leaves: the hash is new each time
            key = f"{account_id}:{password_hash[-16:]}"
            await queue_job(tx, "confirmation", key, {"account_id": str(account_id)})
    # the same answer whether the address has an account or not: nobody learns who is registered
    return Told(detail="Si cette adresse n’a pas encore de compte, un courriel de confirmation vient de partir.")


@routes.post("/accounts/confirmations", summary="Confirmer son adresse")
async def confirm_address(request: ConfirmationRequest, desk: AtDesk) -> Told:
    await confirm(request.token, desk)
    return Told(detail="Votre adresse est confirmée. Vous pouvez vous connecter.")


async def confirm(token: str, desk: Desk) -> None:
    """Confirms the address that the token is about, once. Raises LinkExpired."""
    account_id = desk.confirmations.account_id(token)
    async with desk.engine.begin() as tx:
        account = await store.confirm_account(tx, account_id)
        if account:
            fact = OrganiserRegistered(
                organiser_id=account.id, name=account.name, email=account.email, organisation=account.organisation
            )
            await tell_now(tx, "registration", fact)


@routes.post("/tokens", summary="Se connecter")
async def sign_in(credentials: Credentials, desk: AtDesk) -> Token:
    address = address_of(credentials.email)
    async with desk.engine.connect() as tx:
        account = await store.account_by_email(tx, address) if address else None
    password_hash = account.password_hash if account and account.is_confirmed else None
    matches = await desk.passwords.match(password_hash, credentials.password.get_secret_value())
    if account is None or not matches:
        raise NotSignedIn("wrong address or password")
    caller = Caller(account.id, account.role, frozenset(account.regions))
    return Token(access_token=desk.signer.sign(caller), token_type="Bearer")  # noqa: S106 (the name of the scheme)


@routes.get("/.well-known/jwks.json", summary="Les clés publiques des jetons")
async def public_keys(desk: AtDesk) -> dict[str, Any]:
    return desk.signer.jwks()
