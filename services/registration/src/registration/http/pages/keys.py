"""The page of an organisation's keys: made for a program, shown once, and revoked."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from backbone.campaign.dates import in_full
from backbone.http.access import Caller

from ...desk import Desk
from ...domain.api_key import LONGEST_DAYS, KeyRequest, Scope
from ...domain.deadline import day_in_paris
from ...domain.refusals import Unacceptable, UnknownKey
from ...domain.rights import Deed
from ...handlers import api_keys, organisations
from ...handlers.events import check_account
from ...store import ApiKey
from ..asking import AtDesk
from ..routes import page_routes
from ..rules import rule
from .asking import AView, PageRoute, Sitting, faults_by_field
from .organisation import HERE as ORGANISATION
from .view import View

routes = page_routes(ORGANISATION, route_class=PageRoute)

SCOPES: Mapping[Scope, str] = {
    Scope.EVENTS_READ: "Lire les événements de l’organisation",
    Scope.EVENTS_WRITE: "Les écrire, les déposer, les annuler et les retirer",
}
LIVES: Mapping[int, str] = {30: "Un mois", 90: "Trois mois", 180: "Six mois", LONGEST_DAYS: "Un an"}
NO_SCOPE = "Choisissez au moins un droit."
REVOKED = "Cette clé est révoquée : plus aucun programme n’entre avec elle."


@routes.get("/{organisation_id}/cles")
@rule(Deed.KEYS)
async def show_keys(
    me: Sitting, desk: AtDesk, view: AView, organisation_id: UUID, fait: Annotated[str, Query(max_length=50)] = ""
) -> Response:
    return await _page(desk, view, me, organisation_id, done=REVOKED if fait == "revocation" else "")


# the answer shows the secret, which is kept nowhere: there is no address to lead on to
@routes.post("/{organisation_id}/cles")
@rule(Deed.KEYS)
async def make_key(
    me: Sitting,
    desk: AtDesk,
    view: AView,
    organisation_id: UUID,
    nom: Annotated[str, Form(max_length=1000)] = "",
    droits: Annotated[list[str] | None, Form()] = None,
    duree: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    typed = {"nom": nom, "droits": droits or [], "duree": duree}
    try:
        async with desk.engine.begin() as tx:
            await check_account(tx, me.account_id)
            await organisations.member_for(tx, me.account_id, organisation_id, Deed.KEYS)
            wanted = KeyRequest.model_validate({"name": nom, "scopes": droits or [], "days": duree})
            key, secret = await api_keys.make(tx, me.account_id, organisation_id, wanted)
    except (Unacceptable, ValidationError) as refused:
        errors: Any = refused.faults if isinstance(refused, Unacceptable) else refused.errors()
        faults = faults_by_field(errors, {"name": "nom", "scopes": "droits", "days": "duree"})
        faults |= {"droits": NO_SCOPE} if "droits" in faults else {}
        return await _page(desk, view, me, organisation_id, typed=typed, faults=faults)
    return await _page(desk, view, me, organisation_id, made=key, secret=secret.text)


@routes.post("/{organisation_id}/cles/{key_id}/revocation")
@rule(Deed.KEYS)
async def revoke_key(me: Sitting, desk: AtDesk, organisation_id: UUID, key_id: UUID) -> Response:
    async with desk.engine.begin() as tx:
        await check_account(tx, me.account_id)
        with suppress(UnknownKey):  # revoked twice, it is revoked
            await api_keys.revoke(tx, me.account_id, organisation_id, key_id)
    return RedirectResponse(f"{ORGANISATION}/{organisation_id}/cles?fait=revocation", status_code=303)


async def _page(
    desk: Desk,
    view: View,
    me: Caller,
    organisation_id: UUID,
    *,
    done: str = "",
    typed: Mapping[str, Any] | None = None,
    faults: Mapping[str, str] | None = None,
    made: ApiKey | None = None,
    secret: str = "",
) -> Response:
    async with desk.engine.connect() as tx:
        await check_account(tx, me.account_id)
        it = await organisations.member_for(tx, me.account_id, organisation_id, Deed.KEYS)
        keys = await api_keys.list_of(tx, me.account_id, organisation_id)
    return view.render(
        "keys.html",
        me=me,
        room=ORGANISATION,
        status=422 if faults else 200,
        title="Les clés d’accès",
        it=it,
        keys=[_line(desk, key) for key in keys],
        scopes=SCOPES,
        lives=LIVES,
        typed=typed or {"nom": "", "droits": [Scope.EVENTS_READ], "duree": str(LONGEST_DAYS)},
        faults=faults or {},
        done=done,
        made=made,
        secret=secret,
    )


def _line(desk: Desk, key: ApiKey) -> Mapping[str, Any]:
    has_ended = key.ends_at <= desk.clock.now()
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": [words for scope, words in SCOPES.items() if scope in key.scopes],
        "end": f"{'A pris fin' if has_ended else 'Prend fin'} le {in_full(day_in_paris(key.ends_at))}",
        "use": f"servie le {in_full(key.last_used_on)}" if key.last_used_on else "n’a pas encore servi",
    }
