"""The pages of who helps others: the events and the organisers of a federation or of a region, and an event that was
entered for somebody, who claims it by a link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from backbone.contracts import OrganisationKind
from backbone.http.access import Caller
from backbone.http.paging import place_of

from ... import store
from ...desk import Desk
from ...domain.invitation import AddressRequest, InvitationKind
from ...domain.rights import Act, Deed, Door, Role
from ...handlers import events, invitations, organisations
from ...handlers.helping import enters_for_others
from ..asking import AtDesk, FromClient
from ..routes import page_routes
from ..rules import rule
from ..sentences import INVITED
from .asking import AView, PageRoute, Sitting, faults_by_field
from .my_events import HERE as MY_EVENTS
from .my_events import PAGE, UNTITLED, Searched, lines_of
from .view import View

HERE = "/accompagnes"
routes = page_routes(route_class=PageRoute)

Typed = Annotated[str, Form(max_length=1000)]
DONE: Mapping[str, str] = {"proposition": INVITED}


@routes.get(HERE)
@rule(Door.SIGNED_IN)
async def show_helped(
    me: Sitting,
    desk: AtDesk,
    view: AView,
    cherche: Searched = "",
    suite: Annotated[str | None, Query(max_length=200)] = None,
    fait: Annotated[str, Query(max_length=50)] = "",
) -> Response:
    return await _page(desk, view, me, words=cherche, after=suite, done=DONE.get(fait, ""))


@routes.post("/organisation/{organisation_id}/accompagner")
@rule(Deed.HELP)
async def offer_help(
    me: Sitting, desk: AtDesk, view: AView, client: FromClient, organisation_id: UUID, adresse: Typed = ""
) -> Response:
    await desk.throttle.admit(client)
    try:
        async with desk.engine.begin() as tx:
            await events.check_account(tx, me.account_id)
            await organisations.member_for(tx, me.account_id, organisation_id, Deed.HELP)
            wanted = AddressRequest.model_validate({"email": adresse})
            await invitations.offer_help(tx, desk, me.account_id, organisation_id, wanted.email)
    except ValidationError as refused:
        name = f"adresse-{organisation_id}"
        faults = faults_by_field(refused.errors(), {"email": name})
        return await _page(desk, view, me, typed={name: adresse}, faults=faults)
    return RedirectResponse(f"{HERE}?fait=proposition", status_code=303)


async def _page(
    desk: Desk,
    view: View,
    me: Caller,
    *,
    words: str = "",
    after: str | None = None,
    done: str = "",
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> Response:
    place = place_of(after)
    async with desk.engine.connect() as tx:
        account = await events.check_account(tx, me.account_id)
        mine = await store.organisations_of(tx, account.id)
        federations: list[dict[str, Any]] = [
            {
                "id": one.id,
                "name": one.name,
                "offers": role == Role.MANAGER,
            }
            for one, role in mine
            if one.kind == OrganisationKind.FEDERATION
        ]
        for federation in federations:
            federation["helped"] = await store.helped_by(tx, federation["id"])
            asked = await store.invitations_of(tx, federation["id"]) if federation["offers"] else []
            federation["asked"] = [one for one in asked if one.kind == InvitationKind.FEDERATION]
        found = await store.helped_events(tx, account, after=place, limit=PAGE + 1, words=words)
        count = await store.count_helped_events(tx, account)
        shown = await lines_of(tx, desk, [event for _, event in found[:PAGE]])
        helps = await enters_for_others(tx, account)
    more = {"suite": found[PAGE - 1][0].as_cursor()} if len(found) > PAGE else {}
    return view.render(
        "helping.html",
        me=me,
        room=HERE,
        status=422 if faults else 200,
        title="Ceux que vous accompagnez",
        helps=helps,
        federations=federations,
        events=shown,
        count=count,
        words=words,
        more=urlencode(more | ({"cherche": words} if words else {})) if more else "",
        is_first=place is None,
        typed=typed or {},
        faults=faults or {},
        done=done,
    )


# --- an event that was entered for somebody -----------------------------------------------------------


@routes.get("/evenements/{event_id}/proposer")
@rule(Act.OFFER)
async def ask_to_whom(me: Sitting, desk: AtDesk, view: AView, event_id: UUID) -> Response:
    return await _offer_page(desk, view, me, event_id)


@routes.post("/evenements/{event_id}/proposer")
@rule(Act.OFFER)
async def offer_event(
    me: Sitting, desk: AtDesk, view: AView, client: FromClient, event_id: UUID, adresse: Typed = ""
) -> Response:
    await desk.throttle.admit(client)
    async with desk.engine.connect() as tx:
        await invitations.check_offers(tx, me.account_id, event_id)
    try:
        wanted = AddressRequest.model_validate({"email": adresse})
    except ValidationError as refused:
        faults = faults_by_field(refused.errors(), {"email": "adresse"})
        return await _offer_page(desk, view, me, event_id, typed={"adresse": adresse}, faults=faults)
    async with desk.engine.begin() as tx:
        await invitations.offer_event(tx, desk, me.account_id, event_id, wanted.email)
    return RedirectResponse(f"/evenements/{event_id}?fait=proposer", status_code=303)


async def _offer_page(
    desk: Desk,
    view: View,
    me: Caller,
    event_id: UUID,
    *,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> Response:
    async with desk.engine.connect() as tx:
        event = await invitations.check_offers(tx, me.account_id, event_id)
        asked = await store.open_claims(tx, event_id)
    return view.render(
        "offer.html",
        me=me,
        room=MY_EVENTS,
        status=422 if faults else 200,
        event_id=event_id,
        title="Le remettre à son organisateur",
        event_title=event.draft.get("title") or UNTITLED,
        asked=asked,
        typed=typed or {},
        faults=faults or {},
    )
