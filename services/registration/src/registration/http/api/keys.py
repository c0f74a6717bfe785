"""The keys of an organisation over HTTP: make one, see them, revoke one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body, Response
from pydantic import BaseModel

from backbone.http.openapi import refusals

from ...domain.api_key import KeyRequest, Scope
from ...domain.rights import Deed
from ...handlers import api_keys
from ...handlers.events import check_account
from ...handlers.organisations import member_for
from ...store import ApiKey
from ..asking import AtDesk, Me
from ..manual.examples import API_KEYS
from ..once import ToTellOnce
from ..routes import routes_behind_bearer
from ..rules import rule

routes = routes_behind_bearer("/v1/organisations/{organisation_id}/keys", "Organisations")


class KeyView(BaseModel):
    """A key of an organisation, without its secret."""

    id: UUID
    prefix: str
    name: str
    scopes: list[Scope]
    made_by: UUID
    since: datetime
    ends_at: datetime
    last_used_on: date | None

    @classmethod
    def of(cls, key: ApiKey) -> KeyView:
        return cls(**seen(key))


class NewKey(KeyView):
    """A key that was just made, with its secret."""

    key: str


def seen(key: ApiKey) -> dict[str, object]:
    """What is shown of a key."""
    told = key._asdict()
    same = {name: told[name] for name in ("id", "prefix", "name", "scopes", "ends_at", "last_used_on")}
    return {**same, "made_by": key.account_id, "since": key.created_at}


@routes.get("", summary="Les clés d’accès de l’organisation", responses=refusals(403, 404))
@rule(Deed.KEYS)
async def list_keys(organisation_id: UUID, me: Me, desk: AtDesk) -> list[KeyView]:
    async with desk.engine.connect() as tx:
        await check_account(tx, me.account_id)
        return [KeyView.of(key) for key in await api_keys.list_of(tx, me.account_id, organisation_id)]


@routes.post(
    "",
    status_code=201,
    summary="Créer une clé d’accès, pour un programme",
    response_model=NewKey,
    responses=refusals(403, 404, 422),
)
@rule(Deed.KEYS)
async def make_key(
    organisation_id: UUID,
    request: Annotated[KeyRequest, Body(openapi_examples=API_KEYS)],
    me: Me,
    desk: AtDesk,
    once: ToTellOnce,
    response: Response,
) -> Any:
    async with desk.engine.begin() as tx:
        await check_account(tx, me.account_id)
        await member_for(tx, me.account_id, organisation_id, Deed.KEYS, lock=True)
        if answer := await once.answered(tx, me.account_id):
            return answer
        key, secret = await api_keys.make(tx, me.account_id, organisation_id, request)
        return await once.keep(tx, me.account_id, NewKey(**seen(key), key=secret.text), response)


@routes.delete(
    "/{key_id}",
    status_code=204,
    response_class=Response,
    summary="Révoquer une clé d’accès",
    responses=refusals(403, 404),
)
@rule(Deed.KEYS)
async def revoke_key(organisation_id: UUID, key_id: UUID, me: Me, desk: AtDesk) -> None:
    async with desk.engine.begin() as tx:
        await check_account(tx, me.account_id)
        await api_keys.revoke(tx, me.account_id, organisation_id, key_id)
