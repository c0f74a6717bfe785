"""One's own account over HTTP: see it, change one's name, password or address."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Body
from pydantic import BaseModel, ConfigDict

from backbone.http.openapi import refusals
from backbone.http.routes import api_routes

from ...domain.account import Name, NewAddress, OwnPassword
from ...domain.rights import Door
from ...handlers import accounts, self_service
from ...known_passwords import hold_against_the_commonest
from ...store import Account
from ..asking import AtDesk, FromClient, Me
from ..manual.examples import NEW_ADDRESSES, OWN_NAMES, OWN_PASSWORDS
from ..routes import routes_behind_bearer
from ..rules import rule
from ..sentences import ADDRESS_ASKED, ADDRESS_TAKEN_UP
from .accounts import ConfirmationRequest, Said
from .sessions import Browser, Token

routes = routes_behind_bearer("/v1/account", "Comptes", first=[hold_against_the_commonest])
by_link = api_routes(prefix="/v1/account", tags=["Comptes"])


class AccountView(BaseModel):
    """One's own account."""

    id: UUID
    email: str
    name: str
    organisation: str
    role: Literal["organiser", "coordinator", "reviewer", "administrator"]
    has_second_factor: bool

    @classmethod
    def of(cls, account: Account) -> AccountView:
        return cls(**{field: getattr(account, field) for field in cls.model_fields})


class OwnName(BaseModel):
    """What one is called."""

    model_config = ConfigDict(extra="forbid")

    name: Name


@routes.get("", summary="Mon compte")
@rule(Door.SIGNED_IN)
async def read_account(me: Me, desk: AtDesk) -> AccountView:
    return AccountView.of(await accounts.own_account(desk, me.account_id))


@routes.put("/name", summary="Changer de nom")
@rule(Door.SIGNED_IN)
async def change_name(
    request: Annotated[OwnName, Body(openapi_examples=OWN_NAMES)], me: Me, desk: AtDesk
) -> AccountView:
    async with desk.engine.begin() as tx:
        return AccountView.of(await self_service.rename(tx, me.account_id, request.name))


@routes.put("/password", summary="Changer de mot de passe : toutes les connexions prennent fin, sauf celle-ci")
@rule(Door.SIGNED_IN)
async def change_password(
    request: Annotated[OwnPassword, Body(openapi_examples=OWN_PASSWORDS)],
    me: Me,
    desk: AtDesk,
    client: FromClient,
    browser: Browser = "",
) -> Token:
    return Token.of(await self_service.change_password(desk, me.account_id, request, client, browser))


@routes.post("/address", status_code=202, summary="Changer d’adresse : un lien part à la nouvelle")
@rule(Door.SIGNED_IN)
async def ask_for_new_address(
    request: Annotated[NewAddress, Body(openapi_examples=NEW_ADDRESSES)], me: Me, desk: AtDesk, client: FromClient
) -> Said:
    await self_service.ask_for_address(desk, me.account_id, request, client)
    return Said(detail=ADDRESS_ASKED)


@by_link.post("/address/confirmations", summary="Confirmer sa nouvelle adresse", responses=refusals(410))
@rule(Door.ANYONE)
async def confirm_new_address(request: ConfirmationRequest, desk: AtDesk, client: FromClient) -> Said:
    await desk.throttle.admit(client)
    await self_service.take_address(desk, request.token)
    return Said(detail=ADDRESS_TAKEN_UP)
