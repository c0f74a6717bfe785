"""Organisations over HTTP: those that one is of, who else is of them, and what the national directory knows of one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Body, Path, Response
from pydantic import BaseModel

from backbone.contracts import OrganisationKind
from backbone.http.openapi import refusals, with_headers
from backbone.postgres.database import Tx

from ... import store
from ...directory import DirectoryAway
from ...domain.organisation import OrganisationRequest, Siret
from ...domain.rights import Deed, Door, Role
from ...handlers import organisations
from ...handlers.events import check_account, hold_account
from ...store import Member, Organisation
from ..asking import AtDesk, FromClient, Me
from ..manual.examples import ORGANISATIONS
from ..once import ToDoOnce
from ..routes import routes_behind_bearer
from ..rules import rule
from ..sentences import DIRECTORY

routes = routes_behind_bearer("/v1/organisations", "Organisations")

Given = Annotated[OrganisationRequest, Body(openapi_examples=ORGANISATIONS)]


class OrganisationView(BaseModel):
    """An organisation that one is of. `my_role`: what one is in it."""

    id: UUID
    name: str
    kind: OrganisationKind | None
    siret: str | None
    federation_id: UUID | None
    my_role: Role

    @classmethod
    def of(cls, organisation: Organisation, role: str) -> OrganisationView:
        return cls(**organisation._asdict(), my_role=Role(role))


class MemberView(BaseModel):
    """Somebody of an organisation."""

    account_id: UUID
    name: str
    email: str
    role: Role
    since: datetime

    @classmethod
    def of(cls, member: Member) -> MemberView:
        return cls(**member._asdict())


class OrganisationWithMembers(OrganisationView):
    """An organisation, and who is of it."""

    members: list[MemberView]


class DirectoryView(BaseModel):
    """What the national directory says of a SIRET, or why it says nothing."""

    siret: str
    state: Literal["found", "unknown", "unavailable", "off"]
    detail: str
    name: str | None = None
    city: str | None = None
    is_open: bool | None = None


@routes.get("", summary="Mes organisations")
@rule(Door.SIGNED_IN)
async def list_organisations(me: Me, desk: AtDesk) -> list[OrganisationView]:
    async with desk.engine.begin() as tx:
        await organisations.organisation_for(tx, await hold_account(tx, me.account_id))
        return [OrganisationView.of(*one) for one in await store.organisations_of(tx, me.account_id)]


@routes.post(
    "",
    status_code=201,
    summary="Créer une organisation de plus, que je gère",
    response_model=OrganisationWithMembers,
    responses={201: with_headers("Location"), **refusals(409, 422)},
)
@rule(Door.SIGNED_IN)
async def found_organisation(given: Given, me: Me, desk: AtDesk, once: ToDoOnce, response: Response) -> Any:
    async with desk.engine.begin() as tx:
        if answer := await once.answered(tx, me.account_id):
            return answer
        made = await organisations.found(tx, await hold_account(tx, me.account_id), given)
        view = await _seen(tx, me.account_id, made)
        return await once.keep(tx, me.account_id, view, response, {"Location": f"/v1/organisations/{made}"})


# before what is asked by an id
@routes.get("/directory/{siret}", summary="Ce que l’annuaire national des entreprises dit d’un SIRET")
@rule(Door.SIGNED_IN)
async def look_up_siret(siret: Annotated[Siret, Path()], me: Me, desk: AtDesk, client: FromClient) -> DirectoryView:
    async with desk.engine.connect() as tx:
        await check_account(tx, me.account_id)
    if desk.directory is None:
        return DirectoryView(siret=siret, state="off", detail=DIRECTORY["off"])
    await desk.throttle.admit(client)
    try:
        found = await desk.directory.find(siret)
    except DirectoryAway:
        return DirectoryView(siret=siret, state="unavailable", detail=DIRECTORY["unavailable"])
    if found is None:
        return DirectoryView(siret=siret, state="unknown", detail=DIRECTORY["unknown"])
    detail = DIRECTORY["found" if found.is_open else "closed"]
    return DirectoryView(state="found", detail=detail, **found._asdict())


@routes.get("/{organisation_id}", summary="Une organisation et ses membres", responses=refusals(404))
@rule(Deed.SEE)
async def read_organisation(organisation_id: UUID, me: Me, desk: AtDesk) -> OrganisationWithMembers:
    async with desk.engine.connect() as tx:
        await check_account(tx, me.account_id)
        return await _seen(tx, me.account_id, organisation_id)


@routes.put("/{organisation_id}", summary="Modifier une organisation que je gère", responses=refusals(403, 404))
@rule(Deed.CHANGE)
async def change_organisation(organisation_id: UUID, given: Given, me: Me, desk: AtDesk) -> OrganisationWithMembers:
    async with desk.engine.begin() as tx:
        await check_account(tx, me.account_id)
        await organisations.change(tx, me.account_id, organisation_id, given)
        return await _seen(tx, me.account_id, organisation_id)


async def _seen(tx: Tx, me: UUID, organisation_id: UUID) -> OrganisationWithMembers:
    organisation = await organisations.member_for(tx, me, organisation_id, Deed.SEE)
    people = [MemberView.of(member) for member in await store.members_of(tx, organisation_id)]
    [role] = [member.role for member in people if member.account_id == me]
    return OrganisationWithMembers(**organisation._asdict(), my_role=role, members=people)
