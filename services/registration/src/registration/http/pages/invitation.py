"""The page behind the link of an invitation: what it is to, and a button; a name and a password for a new account."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form, Query
from fastapi.responses import HTMLResponse
from pydantic import SecretStr, ValidationError

from backbone.http.problems import field_errors

from ...domain.invitation import Acceptance, InvitationKind
from ...domain.refusals import InvitationExpired, NotYours, Unacceptable
from ...domain.rights import Door
from ...handlers import invitations
from ...known_passwords import hold_against_the_commonest
from ...store import Invitation
from ..asking import AtDesk, FromClient
from ..routes import page_routes
from ..rules import rule
from ..sentences import ACCEPTED, INVITATION_OVER, INVITATIONS
from .sheet import NO_LONGER, sheet

routes = page_routes(first=[hold_against_the_commonest])

TITLE = "Une invitation"
NOT_MANAGER = "Vous ne gérez pas votre organisation : transmettez ce courriel à la personne qui la gère."


# a page with a button, because mail scanners open every link they see
@routes.get("/invitation")
@rule(Door.ANYONE)
async def show_invitation(desk: AtDesk, jeton: Annotated[str, Query(max_length=2000)] = "") -> HTMLResponse:
    try:
        invitation, has_account = await invitations.look(desk, jeton)
    except InvitationExpired:
        return sheet(desk, NO_LONGER, INVITATION_OVER, status=410)
    homes = await invitations.homes_for(desk, invitation)
    return sheet(desk, TITLE, _sentence(invitation), form=_form(invitation, has_account), token=jeton, homes=homes)


@routes.post("/invitation")
@rule(Door.ANYONE)
async def accept_by_page(
    desk: AtDesk,
    client: FromClient,
    jeton: Annotated[str, Form(max_length=2000)] = "",
    nom: Annotated[str, Form(max_length=500)] = "",
    organisation: Annotated[str, Form(max_length=500)] = "",
    mot_de_passe: Annotated[str, Form(max_length=1000)] = "",
    pour: Annotated[UUID | None, Form()] = None,
) -> HTMLResponse:
    try:
        invitation, has_account = await invitations.look(desk, jeton)
        said = {"name": nom or None, "organisation": organisation or None, "password": _typed(mot_de_passe)} | {
            "organisation_id": pour
        }
        acceptance = Acceptance.model_validate({"token": jeton, **said})
        taken_up = await invitations.accept(desk, acceptance, client)
    except InvitationExpired:
        return sheet(desk, NO_LONGER, INVITATION_OVER, status=410)
    except NotYours:
        return sheet(desk, TITLE, NOT_MANAGER, status=403)
    except (Unacceptable, ValidationError) as refused:
        faults = refused.faults if isinstance(refused, Unacceptable) else refused.errors()
        sentence = str(field_errors(faults)[0]["message"])
        form = _form(invitation, has_account)
        return sheet(desk, TITLE, sentence, status=422, form=form, token=jeton, name=nom, organisation=organisation)
    return sheet(desk, "C’est fait", ACCEPTED[taken_up.kind], form="to-sign-in")


def _typed(password: str) -> SecretStr | None:
    return SecretStr(password) if password else None


def _form(invitation: Invitation, has_account: bool) -> str:
    if has_account:
        return "accept"
    return "accept-and-name" if invitation.kind == InvitationKind.FEDERATION else "accept-and-open"


def _sentence(invitation: Invitation) -> str:
    names = {"organisation": invitation.organisation or "", "title": invitation.title or "sans titre"}
    return INVITATIONS[invitation.kind].format(**names)
