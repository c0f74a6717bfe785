"""The page where an organiser reads where their event is, why, what comes next and by when."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse

from backbone.campaign.dates import moment
from backbone.contracts import EventStatus
from backbone.http.access import Caller

from ... import store
from ...desk import Desk
from ...domain.kept import Kept
from ...domain.known import Known
from ...domain.rights import Act, Relation, may
from ...domain.whereabouts import whereabouts
from ...handlers.events import check_account, event_and_relations
from ...handlers.helping import enters_for_others
from ...handlers.kits import kit_for
from ...handlers.knowing import known_of
from ...handlers.placing import place_pin
from ...store import StoredEvent
from ..asking import AtDesk
from ..routes import page_routes
from ..rules import rule
from .asking import AView, PageRoute, Sitting
from .my_events import UNTITLED
from .typed import HALF_A_PIN, read_position

routes = page_routes(route_class=PageRoute)

PARIS = ZoneInfo("Europe/Paris")


@routes.get("/evenements/{event_id}")
@rule(Act.READ)
async def show_whereabouts(
    me: Sitting,
    desk: AtDesk,
    view: AView,
    event_id: UUID,
    fait: Annotated[str, Query(max_length=50)] = "",
    depose: Annotated[str, Query(max_length=1)] = "",
) -> Response:
    event, known, who, offers, put = await _looked_at(desk, event_id, me)
    return view.render(
        "event.html",
        me=me,
        event_id=event_id,
        title=event.draft.get("title") or UNTITLED,
        done=DONE.get("deposer" if depose else fait, ""),
        doors=[*doors(event, who, known), *([OFFER] if offers and may(who, Act.OFFER) else [])],
        told=whereabouts(known),
        steps=known.steps,
        revision=event.revision,
        has_kit=may(who, Act.KIT),
        pin=known.pin if may(who, Act.ANNOUNCE) and event.is_submitted and not known.is_over else None,
        put=put,
        postcode=(event.draft.get("venue") or {}).get("postcode", ""),
        when=_when,
        page_url=f"{desk.public_map_url}/evenements/{event.id}",
        appeal_url=f"{desk.public_desk_url}/evenements/{event.id}/reexamen",
    )


@routes.post("/evenements/{event_id}/repere")
@rule(Act.ANNOUNCE)
async def confirm_pin(request: Request, me: Sitting, desk: AtDesk, event_id: UUID) -> Response:
    form = await request.form()
    said = {name: str(form.get(name, "")).strip() for name in ("latitude", "longitude")}
    async with desk.engine.begin() as tx:
        await event_and_relations(tx, me.account_id, event_id, Act.ANNOUNCE)
        at = read_position(said, is_said_twice=form.get("encore") == "oui")
        if at:
            await place_pin(tx, desk, me.account_id, event_id, at)
    done = "repere" if at else "pas-de-repere"
    return RedirectResponse(f"/evenements/{event_id}?fait={done}#fait", 303)


@routes.get("/evenements/{event_id}/participation")
@rule(Act.ANNOUNCE)
async def lead_to_report(me: Sitting, desk: AtDesk, event_id: UUID) -> Response:
    """To the page that the mail after the event leads to."""
    async with desk.engine.connect() as tx:
        event, _ = await event_and_relations(tx, me.account_id, event_id, Act.ANNOUNCE)
    token = desk.confirmations.attendance_token(event.id, event.account_id)
    return RedirectResponse(f"/participation?jeton={token}", 303, headers={"Cache-Control": "no-store"})


@routes.get("/evenements/{event_id}/kit")
@rule(Act.KIT)
async def lead_to_kit(me: Sitting, desk: AtDesk, event_id: UUID) -> Response:
    async with desk.engine.connect() as tx:
        _, way = await kit_for(tx, desk, me.account_id, event_id)
    # made at each click: the link that it leads to is over in minutes
    address = way.url if way else f"/evenements/{event_id}#kit"
    return RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})


DONE: Mapping[str, str] = {
    "deposer": "Votre événement est déposé.",
    "reporter": "Le report est annoncé.",
    "en-ligne": "Il est annoncé en ligne.",
    "annuler": "L’annulation est annoncée.",
    "retablir": "Il est de nouveau annoncé comme ayant lieu.",
    "repere": "Le repère est confirmé : la carte suit dans l’instant.",
    "pas-de-repere": HALF_A_PIN,
    "retirer": "Votre événement est retiré.",
    "proposer": "Un lien part à cette adresse : la personne reprendra l’événement en l’ouvrant.",
    "confier": "Votre collègue s’en occupe désormais ; un courriel le lui dit.",
    "creneaux": "Ses créneaux sont annoncés ainsi.",
    "image": "L’image est enregistrée ; elle paraît une fois la version déposée.",
    "sans-image": "L’événement n’a plus d’image.",
    "copier": "Voici sa copie : complétez-la, puis déposez-la.",
}
"""What has just been done, at the top of the page that it leads to."""


class Way(NamedTuple):
    """A way from the page of an event."""

    path: str
    words: str


OFFER = Way("proposer", "Le remettre à son organisateur")


def doors(event: StoredEvent, who: Collection[Relation], known: Known) -> list[Way]:
    """What may be done with the event now, by whoever is this to it."""
    ways = []
    if may(who, Act.ANNOUNCE) and known.may_report:
        said = "Corriger la participation, avoir l’attestation" if known.visitors is not None else "Dire qui est venu"
        ways.append(Way("participation", said))
    if may(who, Act.EDIT):
        ways.append(Way("modifier", "Le modifier" if event.revision else "Continuer"))
    ways.append(Way("apercu", "Voir ce que le public lit" if event.revision else "Voir ce que le public lira"))
    if event.is_submitted and may(who, Act.ANNOUNCE):
        if event.draft.get("status") in (None, EventStatus.SCHEDULED):
            ways += [
                Way("reporter", "Le reporter"),
                Way("en-ligne", "Le déplacer en ligne"),
                Way("annuler", "L’annuler"),
            ]
        else:
            ways.append(Way("retablir", "Il a lieu, après tout"))
        ways.append(Way("creneaux", "Annoncer un créneau complet ou annulé"))
    if may(who, Act.EDIT):
        ways.append(Way("image", "Lui donner une image" if not event.draft.get("picture") else "Changer son image"))
        ways.append(Way("copier", "Le copier"))
    if may(who, Act.HAND_OVER):
        ways.append(Way("confier", "Le confier à un collègue"))
    if event.is_submitted and may(who, Act.WITHDRAW):
        ways.append(Way("retirer", "Le retirer"))
    return ways


class _LookedAt(NamedTuple):
    """An event, as its page shows it to somebody."""

    event: StoredEvent
    known: Known
    who: Collection[Relation]
    offers: bool
    put: Kept | None
    """Where the organiser has put the pin of what is submitted."""


async def _looked_at(desk: Desk, event_id: UUID, me: Caller) -> _LookedAt:
    async with desk.engine.connect() as tx:
        offers = await enters_for_others(tx, await check_account(tx, me.account_id))
        event, who = await event_and_relations(tx, me.account_id, event_id, Act.READ)
        submitted = await store.submitted_draft(tx, event_id) or {}
        put = (submitted.get("venue") or {}).get("position")
        return _LookedAt(event, await known_of(tx, desk, event), who, offers, put)


def _when(at: datetime) -> str:
    return moment(at.astimezone(PARIS))
