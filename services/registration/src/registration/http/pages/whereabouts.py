"""The page where an organiser reads where their event is, why, what comes next and by when."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from backbone.campaign.dates import moment
from backbone.http.access import Caller, NotSignedIn
from backbone.http.session import page_caller

from ... import store
from ...desk import Desk
from ...domain.refusals import AccountGone, UnknownEvent
from ...domain.rights import Act
from ...domain.whereabouts import Known, whereabouts
from ...handlers.events import event_for
from ...store import StoredEvent
from ..asking import AtDesk
from ..rules import rule
from .sheet import HEADERS, sheet

routes = APIRouter(include_in_schema=False)

PARIS = ZoneInfo("Europe/Paris")
NOT_YOURS = (
    "Cet événement n’est pas dans votre compte",
    "L’adresse est peut-être incomplète, ou vous êtes connecté avec un autre compte que celui qui l’a déposé, "
    "ou que celui d’un de ses collègues.",
)


@routes.get("/evenements/{event_id}")
@rule(Act.READ)
async def show_whereabouts(request: Request, event_id: UUID, desk: AtDesk) -> Response:
    try:
        me = await page_caller(request, desk.signer)
    except NotSignedIn:
        return RedirectResponse(f"/connexion?retour={quote(request.url.path)}", status_code=303)
    try:
        return _page(desk, *await _known(desk, event_id, me))
    except UnknownEvent:
        return sheet(desk, *NOT_YOURS, status=404, form="sign-out")
    except AccountGone:
        return sheet(desk, *NOT_YOURS, status=401, form="sign-out")


async def _known(desk: Desk, event_id: UUID, me: Caller) -> tuple[StoredEvent, Known]:
    async with desk.engine.connect() as tx:
        event = await event_for(tx, me.account_id, event_id, Act.READ)
        word, steps = await store.word_on(tx, event), await store.steps(tx, event_id)
    edition = desk.edition
    return event, Known(
        state=event.state,
        word=word,
        steps=tuple(steps),
        today=desk.clock.now().astimezone(PARIS).date(),
        amendable_until=edition.registration.last_day,
        map_opens=edition.map.opens,
    )


def _page(desk: Desk, event: StoredEvent, known: Known) -> Response:
    words = {
        "title": event.draft.get("title") or "Votre événement",
        "told": whereabouts(known),
        "steps": known.steps,
        "revision": event.revision,
        "when": _when,
        "page_url": f"{desk.public_map_url}/evenements/{event.id}",
        "contact_url": f"{desk.public_map_url}/contact",
        "appeal_url": f"{desk.public_desk_url}/evenements/{event.id}/reexamen",
    }
    html = desk.confirmations.templates.get_template("event.html").render(words)
    policy = f"{HEADERS['Content-Security-Policy']} {desk.public_desk_url}; frame-ancestors 'none'"
    # the form says where it comes from, to labelling too where that is at another origin
    headers = HEADERS | {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "strict-origin",
        "Cache-Control": "no-store",
    }
    return Response(html, media_type="text/html", headers=headers)


def _when(at: datetime) -> str:
    return moment(at.astimezone(PARIS))
