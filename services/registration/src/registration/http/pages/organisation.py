"""The page of an organisation: what it is called, who shares its events, who is invited; and an event handed over."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from backbone.contracts import OrganisationKind
from backbone.http.access import Caller

from ... import store
from ...desk import Desk
from ...domain.invitation import InvitationKind, InvitationRequest
from ...domain.organisation import OrganisationRequest
from ...domain.refusals import AlreadyMember, InvitationExpired
from ...domain.rights import Act, Deed, Door, Role
from ...handlers import events, handing_over, invitations, membership, organisations
from ..asking import AtDesk, FromClient
from ..routes import page_routes
from ..rules import rule
from ..sentences import INVITED
from .asking import AView, PageRoute, Sitting, faults_by_field
from .my_events import HERE as MY_EVENTS
from .my_events import UNTITLED
from .steps import ORGANISATION_KINDS
from .view import View

HERE = "/organisation"
routes = page_routes(route_class=PageRoute)

Typed = Annotated[str, Form(max_length=1000)]
DONE: Mapping[str, str] = {
    "nom": "C’est enregistré.",
    "invitation": INVITED,
    "reprise": "L’invitation est annulée : son lien ne vaut plus.",
    "role": "Son rôle est enregistré.",
    "federation": "Votre organisation n’est plus accompagnée.",
    "membre": "Cette personne n’est plus de votre organisation ; ses événements y restent.",
}


@routes.get(HERE)
@rule(Door.SIGNED_IN)
async def show_first(me: Sitting, desk: AtDesk, view: AView) -> Response:
    async with desk.engine.connect() as tx:
        await events.check_account(tx, me.account_id)
        mine = await store.organisations_of(tx, me.account_id)
    if mine:
        return RedirectResponse(f"{HERE}/{mine[0][0].id}", status_code=303)
    return view.render("organisation_none.html", me=me, room=HERE, title="Mon organisation", name=me.organisation)


@routes.post(HERE)
@rule(Door.SIGNED_IN)
async def open_own(me: Sitting, desk: AtDesk) -> Response:
    async with desk.engine.begin() as tx:
        own = await organisations.organisation_for(tx, await events.hold_account(tx, me.account_id))
    return RedirectResponse(f"{HERE}/{own}", status_code=303)


@routes.get(HERE + "/{organisation_id}")
@rule(Deed.SEE)
async def show_organisation(
    me: Sitting, desk: AtDesk, view: AView, organisation_id: UUID, fait: Annotated[str, Query(max_length=50)] = ""
) -> Response:
    return await _page(desk, view, me, organisation_id, done=DONE.get(fait, ""))


@routes.post(HERE + "/{organisation_id}/nom")
@rule(Deed.CHANGE)
async def change(
    me: Sitting,
    desk: AtDesk,
    view: AView,
    organisation_id: UUID,
    nom: Typed = "",
    genre: Typed = "",
    siret: Typed = "",
) -> Response:
    typed = {"nom": nom, "genre": genre, "siret": siret}
    async with desk.engine.begin() as tx:
        await events.check_account(tx, me.account_id)
        await organisations.member_for(tx, me.account_id, organisation_id, Deed.CHANGE)
        try:
            wanted = OrganisationRequest.model_validate({"name": nom, "kind": genre or None, "siret": siret or None})
        except ValidationError as refused:
            faults = faults_by_field(refused.errors(), {"name": "nom", "kind": "genre"})
            return await _page(desk, view, me, organisation_id, typed=typed, faults=faults)
        await organisations.change(tx, me.account_id, organisation_id, wanted)
    return _done(organisation_id, "nom")


@routes.post(HERE + "/{organisation_id}/invitations")
@rule(Deed.INVITE)
async def invite(
    me: Sitting,
    desk: AtDesk,
    view: AView,
    client: FromClient,
    organisation_id: UUID,
    adresse: Typed = "",
    role: Typed = Role.MEMBER.value,
) -> Response:
    typed = {"adresse": adresse, "role": role}
    await desk.throttle.admit(client)
    async with desk.engine.begin() as tx:
        await events.check_account(tx, me.account_id)
        await organisations.member_for(tx, me.account_id, organisation_id, Deed.INVITE)
        try:
            wanted = InvitationRequest.model_validate({"email": adresse, "role": role})
            await invitations.invite(tx, desk, me.account_id, organisation_id, wanted)
        except ValidationError as refused:
            faults = faults_by_field(refused.errors(), {"email": "adresse"})
            return await _page(desk, view, me, organisation_id, typed=typed, faults=faults)
        except AlreadyMember:
            faults = {"adresse": "Cette personne est déjà de votre organisation."}
            return await _page(desk, view, me, organisation_id, typed=typed, faults=faults)
    return _done(organisation_id, "invitation")


@routes.post(HERE + "/{organisation_id}/invitations/{invitation_id}/reprise")
@rule(Deed.INVITE)
async def take_back(me: Sitting, desk: AtDesk, organisation_id: UUID, invitation_id: UUID) -> Response:
    async with desk.engine.begin() as tx:
        await events.check_account(tx, me.account_id)
        with suppress(InvitationExpired):  # taken back twice, it is taken back
            await invitations.take_back(tx, me.account_id, organisation_id, invitation_id)
    return _done(organisation_id, "reprise")


@routes.post(HERE + "/{organisation_id}/accompagnement/fin")
@rule(Deed.CHANGE)
async def leave_federation(me: Sitting, desk: AtDesk, organisation_id: UUID) -> Response:
    async with desk.engine.begin() as tx:
        await events.check_account(tx, me.account_id)
        await organisations.leave_federation(tx, me.account_id, organisation_id)
    return _done(organisation_id, "federation")


@routes.post(HERE + "/{organisation_id}/membres/{account_id}/role")
@rule(Deed.ARRANGE)
async def give_role(
    me: Sitting, desk: AtDesk, organisation_id: UUID, account_id: UUID, role: Annotated[Role, Form()] = Role.MEMBER
) -> Response:
    async with desk.engine.begin() as tx:
        await membership.give_role(tx, me.account_id, organisation_id, account_id, role)
    return _done(organisation_id, "role")


@routes.post(HERE + "/{organisation_id}/membres/{account_id}/retrait")
@rule(Deed.ARRANGE)
async def remove(me: Sitting, desk: AtDesk, organisation_id: UUID, account_id: UUID) -> Response:
    async with desk.engine.begin() as tx:
        await membership.remove(tx, desk, me.account_id, organisation_id, account_id)
    return _done(organisation_id, "membre")


@routes.post(HERE + "/{organisation_id}/depart")
@rule(Deed.LEAVE)
async def leave(me: Sitting, desk: AtDesk, organisation_id: UUID) -> Response:
    async with desk.engine.begin() as tx:
        await membership.leave(tx, desk, me.account_id, organisation_id)
    return RedirectResponse(MY_EVENTS, status_code=303)


def _done(organisation_id: UUID, what: str) -> Response:
    return RedirectResponse(f"{HERE}/{organisation_id}?fait={what}", status_code=303)


async def _page(
    desk: Desk,
    view: View,
    me: Caller,
    organisation_id: UUID,
    *,
    done: str = "",
    typed: Mapping[str, Any] | None = None,
    faults: Mapping[str, str] | None = None,
) -> Response:
    async with desk.engine.connect() as tx:
        await events.check_account(tx, me.account_id)
        it = await organisations.member_for(tx, me.account_id, organisation_id, Deed.SEE)
        mine = await store.organisations_of(tx, me.account_id)
        people = await store.members_of(tx, organisation_id)
        is_manager = await store.role_in(tx, organisation_id, me.account_id) == Role.MANAGER
        invited = await store.invitations_of(tx, organisation_id) if is_manager else []
        federation = await store.organisation_by_id(tx, it.federation_id) if it.federation_id else None
    known = {"nom": it.name, "genre": it.kind or "", "siret": it.siret or "", "adresse": "", "role": Role.MEMBER}
    return view.render(
        "organisation.html",
        me=me,
        room=HERE,
        status=422 if faults else 200,
        title=it.name,
        it=it,
        others=[one for one, _ in mine if one.id != organisation_id],
        people=people,
        invited=[one for one in invited if one.kind == InvitationKind.COLLEAGUE],
        federation=federation,
        is_federation=it.kind == OrganisationKind.FEDERATION,
        is_manager=is_manager,
        kinds=ORGANISATION_KINDS,
        roles={Role.MEMBER: "Membre : écrit et dépose", Role.MANAGER: "Responsable : invite et confie aussi"},
        typed=known | dict(typed or {}),
        faults=faults or {},
        done=done,
    )


# --- an event handed to a colleague -------------------------------------------------------------------


@routes.get("/evenements/{event_id}/confier")
@rule(Act.HAND_OVER)
async def ask_to_whom(me: Sitting, desk: AtDesk, view: AView, event_id: UUID) -> Response:
    return await _hand_over_page(desk, view, me, event_id)


async def _hand_over_page(desk: Desk, view: View, me: Caller, event_id: UUID, fault: str = "") -> Response:
    async with desk.engine.connect() as tx:
        event = await events.event_for(tx, me.account_id, event_id, Act.HAND_OVER)
        people = await store.members_of(tx, event.organisation_id) if event.organisation_id else []
    return view.render(
        "hand_over.html",
        me=me,
        status=422 if fault else 200,
        event_id=event_id,
        title="Le confier à un collègue",
        event_title=event.draft.get("title") or UNTITLED,
        organisation_id=event.organisation_id,
        people=[one for one in people if one.account_id != event.account_id],
        fault=fault,
    )


@routes.post("/evenements/{event_id}/confier")
@rule(Act.HAND_OVER)
async def hand_over(
    me: Sitting, desk: AtDesk, view: AView, event_id: UUID, collegue: Annotated[UUID | None, Form()] = None
) -> Response:
    if collegue is None:
        return await _hand_over_page(desk, view, me, event_id, "Choisissez un collègue.")
    async with desk.engine.begin() as tx:
        await handing_over.hand_over(tx, desk, me.account_id, event_id, collegue)
    return RedirectResponse(f"/evenements/{event_id}?fait=confier", status_code=303)
