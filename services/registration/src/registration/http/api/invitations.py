"""Colleagues over HTTP: invite, take up, leave, take out, make a manager; and an event handed to one of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Body, Depends, Response
from pydantic import BaseModel

from backbone.contracts import OrganisationKind
from backbone.http.openapi import refusals
from backbone.http.routes import api_routes

from ... import store
from ...domain.invitation import Acceptance, AddressRequest, InvitationRequest, RoleRequest
from ...domain.rights import Act, Deed, Door, Role
from ...handlers import invitations, membership, organisations
from ...handlers.events import check_account
from ...handlers.organisations import member_for
from ...known_passwords import hold_against_the_commonest
from ...store import Invitation
from ..asking import AtDesk, FromClient, Me
from ..manual.examples import ADDRESSES, INVITATIONS, ROLES
from ..once import ToDoOnce
from ..routes import routes_behind_bearer
from ..rules import rule
from ..sentences import ACCEPTED, INVITED
from .accounts import Said

routes = routes_behind_bearer("/v1/organisations", "Organisations")
for_others = routes_behind_bearer("/v1/events", "Événements")
links = api_routes(prefix="/v1", tags=["Organisations"], dependencies=[Depends(hold_against_the_commonest)])

Given = Annotated[InvitationRequest, Body(openapi_examples=INVITATIONS)]
AnAddress = Annotated[AddressRequest, Body(openapi_examples=ADDRESSES)]
ARole = Annotated[RoleRequest, Body(openapi_examples=ROLES)]


class HelpedView(BaseModel):
    """An organisation that a federation helps."""

    id: UUID
    name: str
    kind: OrganisationKind | None
    siret: str | None
    federation_id: UUID | None


class InvitationView(BaseModel):
    """An invitation that nobody has taken up yet."""

    id: UUID
    kind: Literal["colleague", "federation"]
    email: str
    role: Role
    since: datetime
    expires_at: datetime

    @classmethod
    def of(cls, one: Invitation) -> InvitationView:
        role = Role(one.role) if one.role else Role.MEMBER
        kind: Any = one.kind
        return cls(id=one.id, kind=kind, email=one.email, role=role, since=one.created_at, expires_at=one.expires_at)


@routes.post(
    "/{organisation_id}/invitations",
    status_code=202,
    summary="Inviter une personne par courriel",
    response_model=Said,
    responses=refusals(403, 404, 409, 422),
)
@rule(Deed.INVITE)
async def invite_colleague(
    organisation_id: UUID, given: Given, me: Me, desk: AtDesk, client: FromClient, once: ToDoOnce, response: Response
) -> Any:
    await desk.throttle.admit(client)
    async with desk.engine.begin() as tx:
        await check_account(tx, me.account_id)
        await member_for(tx, me.account_id, organisation_id, Deed.INVITE, lock=True)
        if answer := await once.answered(tx, me.account_id):
            return answer
        await invitations.invite(tx, desk, me.account_id, organisation_id, given)
        return await once.keep(tx, me.account_id, Said(detail=INVITED), response)


@routes.get("/{organisation_id}/invitations", summary="Les invitations en attente", responses=refusals(403, 404))
@rule(Deed.INVITE)
async def list_invitations(organisation_id: UUID, me: Me, desk: AtDesk) -> list[InvitationView]:
    async with desk.engine.connect() as tx:
        await check_account(tx, me.account_id)
        await member_for(tx, me.account_id, organisation_id, Deed.INVITE)
        return [InvitationView.of(one) for one in await store.invitations_of(tx, organisation_id)]


@routes.delete(
    "/{organisation_id}/invitations/{invitation_id}",
    status_code=204,
    response_class=Response,
    summary="Reprendre une invitation : son lien ne vaut plus",
    responses=refusals(403, 404, 410),
)
@rule(Deed.INVITE)
async def take_back_invitation(organisation_id: UUID, invitation_id: UUID, me: Me, desk: AtDesk) -> None:
    async with desk.engine.begin() as tx:
        await check_account(tx, me.account_id)
        await invitations.take_back(tx, me.account_id, organisation_id, invitation_id)


@routes.delete(
    "/{organisation_id}/members/me",
    status_code=204,
    response_class=Response,
    summary="Quitter une organisation ; mes événements y restent",
    responses=refusals(404, 409),
)
@rule(Deed.LEAVE)
async def leave_organisation(organisation_id: UUID, me: Me, desk: AtDesk) -> None:
    async with desk.engine.begin() as tx:
        await membership.leave(tx, desk, me.account_id, organisation_id)


@routes.delete(
    "/{organisation_id}/members/{account_id}",
    status_code=204,
    response_class=Response,
    summary="Retirer un membre ; ses événements restent à l’organisation",
    responses=refusals(403, 404, 409),
)
@rule(Deed.ARRANGE)
async def remove_member(organisation_id: UUID, account_id: UUID, me: Me, desk: AtDesk) -> None:
    async with desk.engine.begin() as tx:
        await membership.remove(tx, desk, me.account_id, organisation_id, account_id)


@routes.put(
    "/{organisation_id}/members/{account_id}",
    status_code=204,
    response_class=Response,
    summary="Donner un rôle à un membre",
    responses=refusals(403, 404, 409),
)
@rule(Deed.ARRANGE)
async def give_role(organisation_id: UUID, account_id: UUID, given: ARole, me: Me, desk: AtDesk) -> None:
    async with desk.engine.begin() as tx:
        await membership.give_role(tx, me.account_id, organisation_id, account_id, given.role)


@routes.post(
    "/{organisation_id}/offers",
    status_code=202,
    summary="Proposer à une organisation que ma fédération l’accompagne",
    response_model=Said,
    responses=refusals(403, 404, 409, 422),
)
@rule(Deed.HELP)
async def offer_help(
    organisation_id: UUID,
    given: AnAddress,
    me: Me,
    desk: AtDesk,
    client: FromClient,
    once: ToDoOnce,
    response: Response,
) -> Any:
    await desk.throttle.admit(client)
    async with desk.engine.begin() as tx:
        await check_account(tx, me.account_id)
        await member_for(tx, me.account_id, organisation_id, Deed.HELP, lock=True)
        if answer := await once.answered(tx, me.account_id):
            return answer
        await invitations.offer_help(tx, desk, me.account_id, organisation_id, given.email)
        return await once.keep(tx, me.account_id, Said(detail=INVITED), response)


@routes.get(
    "/{organisation_id}/helped", summary="Les organisations que ma fédération accompagne", responses=refusals(404)
)
@rule(Deed.SEE)
async def list_helped(organisation_id: UUID, me: Me, desk: AtDesk) -> list[HelpedView]:
    async with desk.engine.connect() as tx:
        await check_account(tx, me.account_id)
        await member_for(tx, me.account_id, organisation_id, Deed.SEE)
        return [HelpedView(**one._asdict()) for one in await store.helped_by(tx, organisation_id)]


@routes.delete(
    "/{organisation_id}/federation",
    status_code=204,
    response_class=Response,
    summary="Ne plus être accompagné par une fédération",
    responses=refusals(403, 404),
)
@rule(Deed.CHANGE)
async def leave_federation(organisation_id: UUID, me: Me, desk: AtDesk) -> None:
    async with desk.engine.begin() as tx:
        await check_account(tx, me.account_id)
        await organisations.leave_federation(tx, me.account_id, organisation_id)


@for_others.post(
    "/{event_id}/offer",
    status_code=202,
    summary="Proposer un événement à la personne pour qui je l’ai saisi",
    response_model=Said,
    responses=refusals(403, 404, 422),
)
@rule(Act.OFFER)
async def offer_event(
    event_id: UUID, given: AnAddress, me: Me, desk: AtDesk, client: FromClient, once: ToDoOnce, response: Response
) -> Any:
    await desk.throttle.admit(client)
    async with desk.engine.begin() as tx:
        if answer := await once.answered(tx, me.account_id):
            return answer
        await invitations.offer_event(tx, desk, me.account_id, event_id, given.email)
        return await once.keep(tx, me.account_id, Said(detail=INVITED), response)


@links.post(
    "/invitations/acceptances",
    summary="Accepter une invitation, par le lien reçu",
    responses=refusals(403, 404, 410),
)
@rule(Door.ANYONE)
async def accept_invitation(acceptance: Acceptance, desk: AtDesk, client: FromClient) -> Said:
    taken_up = await invitations.accept(desk, acceptance, client)
    return Said(detail=ACCEPTED[taken_up.kind])
