"""Accounts over HTTP: open one, confirm the address, choose another password, be forgotten; the keys."""

from __future__ import annotations

import logging
from typing import Annotated, Any

from fastapi import Body, Depends, Response
from pydantic import BaseModel, Field

from backbone.http.openapi import refusals
from backbone.http.routes import api_routes

from ... import store
from ...domain.account import AccountRequest, Credentials, LinkRequest, NewPassword
from ...domain.rights import Door
from ...handlers import accounts
from ...handlers.erasure import erase
from ...known_passwords import hold_against_the_commonest
from ..asking import AtDesk, FromClient
from ..manual.examples import ACCOUNTS, CREDENTIALS
from ..rules import rule
from ..sentences import CONFIRMED, ERASED, ERASED_AMONG_COLLEAGUES, LINK_SENT, SET, SIGNED_UP

log = logging.getLogger(__name__)

routes = api_routes(prefix="/v1", tags=["Comptes"], dependencies=[Depends(hold_against_the_commonest)])
keys = api_routes(tags=["Comptes"])

Given = Annotated[Credentials, Body(openapi_examples=CREDENTIALS)]
ARequest = Annotated[AccountRequest, Body(openapi_examples=ACCOUNTS)]


class Said(BaseModel):
    """A sentence for a person."""

    detail: str


class ConfirmationRequest(BaseModel):
    """The token out of the link in the mail."""

    token: Annotated[str, Field(max_length=2000)]


@routes.post("/accounts", status_code=202, summary="Ouvrir un compte")
@rule(Door.ANYONE)
async def open_account(request: ARequest, desk: AtDesk, client: FromClient) -> Said:
    await accounts.sign_up(desk, request, client)
    return Said(detail=SIGNED_UP)


@routes.post("/accounts/confirmations", summary="Confirmer son adresse", responses=refusals(410))
@rule(Door.ANYONE)
async def confirm_address(request: ConfirmationRequest, desk: AtDesk, client: FromClient) -> Said:
    await desk.throttle.admit(client)
    await accounts.confirm(desk, request.token)
    return Said(detail=CONFIRMED)


# the password is asked for again: a token that was stolen must not erase
@routes.post(
    "/accounts/erasure",
    summary="Effacer son compte ; ses événements restent à ses collègues, ou sont retirés",
    responses=refusals(401),
)
@rule(Door.ANYONE)
async def erase_account(credentials: Given, desk: AtDesk, client: FromClient) -> Said:
    account = await accounts.identify(desk, credentials, client)
    async with desk.engine.begin() as tx:
        has_colleagues = await store.has_colleagues(tx, account.id)
        is_done = await erase(tx, account.id, now=desk.clock.now(), again_after=desk.tombstone_again_after)
    if is_done:
        log.info("an account was erased", extra={"account": str(account.id), "by": "its owner"})
    return Said(detail=ERASED_AMONG_COLLEAGUES if has_colleagues else ERASED)


@routes.post("/accounts/password-links", status_code=202, summary="Demander un lien pour choisir un mot de passe")
@rule(Door.ANYONE)
async def ask_for_password_link(request: LinkRequest, desk: AtDesk, client: FromClient) -> Said:
    await accounts.send_link(desk, request, client)
    return Said(detail=LINK_SENT)


@routes.post(
    "/accounts/passwords", summary="Choisir un nouveau mot de passe, par le lien reçu", responses=refusals(410)
)
@rule(Door.ANYONE)
async def choose_password(request: NewPassword, desk: AtDesk, client: FromClient) -> Said:
    await accounts.set_password(desk, request, client)
    return Said(detail=SET)


@keys.get("/.well-known/jwks.json", summary="Les clés publiques des jetons")
@rule(Door.ANYONE)
async def public_keys(desk: AtDesk, response: Response) -> dict[str, Any]:
    response.headers["Cache-Control"] = "public, max-age=300"
    return desk.signer.jwks()
