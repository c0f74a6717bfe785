"""Sessions over HTTP: sign in, go on, see where one is signed in, sign out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Body, Header, Response
from pydantic import BaseModel, ConfigDict, Field

from backbone.http.access import TOKEN_LIFE
from backbone.http.openapi import refusals
from backbone.http.routes import api_routes

from ...domain.account import Credentials
from ...domain.rights import Door
from ...handlers import accounts, sessions
from ...handlers.events import check_account
from ...handlers.sessions import Entry
from ...store import Session
from ..asking import AtDesk, FromClient, Me
from ..manual.examples import CREDENTIALS
from ..routes import routes_behind_bearer
from ..rules import rule

routes = api_routes(prefix="/v1", tags=["Comptes"])
own = routes_behind_bearer("/v1/sessions", "Comptes")

Given = Annotated[Credentials, Body(openapi_examples=CREDENTIALS)]
NOBODYS = UUID(int=0)  # of an access token that was signed before there were sessions
Browser = Annotated[str, Header(alias="User-Agent", include_in_schema=False)]


class Token(BaseModel):
    """An access token, to be sent as `Authorization: Bearer …`, and a refresh token for the next one."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = int(TOKEN_LIFE.total_seconds())
    refresh_token: str
    refresh_expires_in: int
    second_factor: Literal["none", "shown", "required"]

    @classmethod
    def of(cls, entry: Entry) -> Token:
        return cls(
            access_token=entry.access,
            token_type="Bearer",  # noqa: S106 (the name of the scheme)
            refresh_token=str(entry.refresh),
            refresh_expires_in=int(entry.life.total_seconds()),
            second_factor=entry.second_factor,
        )


class RefreshRequest(BaseModel):
    """The refresh token that was given last."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: Annotated[str, Field(max_length=200)]


class SessionView(BaseModel):
    """Where somebody is signed in."""

    id: UUID
    browser: str
    since: datetime
    last_used_at: datetime
    is_current: bool

    @classmethod
    def of(cls, session: Session, current: UUID | None) -> SessionView:
        return cls(
            id=session.id,
            browser=session.browser,
            since=session.created_at,
            last_used_at=session.used_at,
            is_current=session.id == current,
        )


@routes.post("/tokens", summary="Se connecter", responses=refusals(401))
@rule(Door.ANYONE)
async def sign_in(credentials: Given, desk: AtDesk, client: FromClient, browser: Browser = "") -> Token:
    account = await accounts.sign_in(desk, credentials, client)
    async with desk.engine.begin() as tx:
        return Token.of(await sessions.begin(tx, desk, account, browser))


@routes.post("/tokens/refresh", summary="Rester connecté : le jeton suivant", responses=refusals(401))
@rule(Door.ANYONE)
async def refresh_session(request: RefreshRequest, desk: AtDesk) -> Token:
    return Token.of(await sessions.go_on(desk, request.refresh_token))


@own.get("", summary="Où je suis connecté")
@rule(Door.SIGNED_IN)
async def list_sessions(me: Me, desk: AtDesk) -> list[SessionView]:
    async with desk.engine.connect() as tx:
        return [SessionView.of(one, me.session_id) for one in await sessions.mine(tx, me)]


@own.delete("", status_code=204, response_class=Response, summary="Se déconnecter partout")
@rule(Door.SIGNED_IN)
async def sign_out_everywhere(me: Me, desk: AtDesk) -> None:
    async with desk.engine.begin() as tx:
        await check_account(tx, me.account_id)
        await sessions.end_all(tx, me.account_id)


@own.delete("/current", status_code=204, response_class=Response, summary="Se déconnecter ici", responses=refusals(404))
@rule(Door.SIGNED_IN)
async def sign_out(me: Me, desk: AtDesk) -> None:
    await end_session(me.session_id or NOBODYS, me, desk)


@own.delete(
    "/{session_id}",
    status_code=204,
    response_class=Response,
    summary="Se déconnecter ailleurs",
    responses=refusals(404),
)
@rule(Door.SIGNED_IN)
async def end_session(session_id: UUID, me: Me, desk: AtDesk) -> None:
    async with desk.engine.begin() as tx:
        await check_account(tx, me.account_id)
        await sessions.end(tx, me, session_id)
