"""The second factor over HTTP: set it, see it, replace its recovery codes, take it away."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Body
from pydantic import BaseModel, ConfigDict, Field

from backbone.http.openapi import refusals

from ... import store
from ...domain.account import Code, Password
from ...domain.notices import Notice
from ...domain.refusals import NoSecondFactor, SecondFactorSet
from ...domain.rights import Door
from ...handlers import accounts, second_factor
from ..asking import AtDesk, FromClient, Me
from ..manual.examples import CONFIRMED_CODE, OWN_PASSWORD, PASSWORD_AND_CODE
from ..routes import routes_behind_bearer
from ..rules import rule
from ..sentences import FACTOR_REMOVED
from .accounts import Said

routes = routes_behind_bearer("/v1/second-factor", "Comptes")


class ShownPassword(BaseModel):
    """The password, once more."""

    model_config = ConfigDict(extra="forbid")

    password: Password


class PasswordAndCode(ShownPassword):
    """The password and a code, once more."""

    code: Code


class FactorCode(BaseModel):
    """The first code of the app that was just set up."""

    model_config = ConfigDict(extra="forbid")

    ticket: Annotated[str, Field(max_length=2000)]
    code: Code


class SecondFactorView(BaseModel):
    """Whether the account has a second factor, and must have one."""

    is_set: bool
    is_required: bool
    since: datetime | None
    recovery_codes_left: int


class FactorSetting(BaseModel):
    """What an app is set up with."""

    secret: str
    uri: str
    ticket: str


class RecoveryCodes(BaseModel):
    """Each serves once in place of a code of the app. They are said this once."""

    recovery_codes: list[str]


@routes.get("", summary="Ma double authentification")
@rule(Door.SIGNED_IN)
async def read_second_factor(me: Me, desk: AtDesk) -> SecondFactorView:
    account = await accounts.own_account(desk, me.account_id)
    async with desk.engine.connect() as tx:
        factor = await store.second_factor_of(tx, account.id)
    return SecondFactorView(
        is_set=factor is not None,
        is_required=account.must_set_second_factor or (factor is not None and account.reviews),
        since=factor.set_at if factor else None,
        recovery_codes_left=len(factor.recovery_codes) if factor else 0,
    )


@routes.post("", summary="Préparer une application de codes", responses=refusals(409, 422))
@rule(Door.SIGNED_IN)
async def begin_second_factor(
    request: Annotated[ShownPassword, Body(openapi_examples=OWN_PASSWORD)], me: Me, desk: AtDesk, client: FromClient
) -> FactorSetting:
    if (await accounts.own_account(desk, me.account_id)).has_second_factor:
        raise SecondFactorSet
    account = await accounts.prove(desk, me.account_id, request.password, client)
    setting = second_factor.begin(desk, account)
    return FactorSetting(secret=setting.secret, uri=setting.address, ticket=setting.ticket)


@routes.post(
    "/confirmation",
    summary="Activer la double authentification, par un premier code",
    responses=refusals(409, 410, 422),
)
@rule(Door.SIGNED_IN)
async def confirm_second_factor(
    request: Annotated[FactorCode, Body(openapi_examples=CONFIRMED_CODE)], me: Me, desk: AtDesk
) -> RecoveryCodes:
    account = await accounts.own_account(desk, me.account_id)
    codes = await second_factor.confirm(desk, account, request.ticket, request.code, me.session_id)
    return RecoveryCodes(recovery_codes=codes)


@routes.post("/recovery-codes", summary="Recevoir d’autres codes de secours", responses=refusals(409, 422))
@rule(Door.SIGNED_IN)
async def renew_recovery_codes(
    request: Annotated[PasswordAndCode, Body(openapi_examples=PASSWORD_AND_CODE)],
    me: Me,
    desk: AtDesk,
    client: FromClient,
) -> RecoveryCodes:
    if not (await accounts.own_account(desk, me.account_id)).has_second_factor:
        raise NoSecondFactor
    account = await accounts.prove(desk, me.account_id, request.password, client, request.code)
    return RecoveryCodes(recovery_codes=await second_factor.renew_recovery_codes(desk, account))


@routes.post("/removal", summary="Désactiver la double authentification", responses=refusals(409, 422))
@rule(Door.SIGNED_IN)
async def remove_second_factor(
    request: Annotated[PasswordAndCode, Body(openapi_examples=PASSWORD_AND_CODE)],
    me: Me,
    desk: AtDesk,
    client: FromClient,
) -> Said:
    if not (await accounts.own_account(desk, me.account_id)).has_second_factor:
        raise NoSecondFactor
    account = await accounts.prove(desk, me.account_id, request.password, client, request.code)
    async with desk.engine.begin() as tx:
        if not await second_factor.take_away(tx, account.id, Notice.SECOND_FACTOR_REMOVED):
            raise NoSecondFactor
    return Said(detail=FACTOR_REMOVED)
