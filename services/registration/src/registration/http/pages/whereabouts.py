"""The page where an organiser reads where their event is, why, what comes next and by when."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response

from backbone.campaign.dates import moment
from backbone.contracts import EventLabelled
from backbone.http.access import Caller

from ... import store
from ...desk import Desk
from ...domain.deadline import last_day
from ...domain.rights import Act
from ...domain.whereabouts import Known, whereabouts
from ...handlers.events import event_for
from ...store import StoredEvent
from ..asking import AtDesk
from ..rules import rule
from .asking import AView, PageRoute, Sitting
from .my_events import UNTITLED

routes = APIRouter(include_in_schema=False, route_class=PageRoute)

LABELLED = EventLabelled.__name__
PARIS = ZoneInfo("Europe/Paris")


@routes.get("/evenements/{event_id}")
@rule(Act.READ)
async def show_whereabouts(me: Sitting, desk: AtDesk, view: AView, event_id: UUID) -> Response:
    event, known = await _known(desk, event_id, me)
    return view.render(
        "event.html",
        me=me,
        title=event.draft.get("title") or UNTITLED,
        told=whereabouts(known),
        steps=known.steps,
        revision=event.revision,
        when=_when,
        page_url=f"{desk.public_map_url}/evenements/{event.id}",
        appeal_url=f"{desk.public_desk_url}/evenements/{event.id}/reexamen",
    )


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
        amendable_until=last_day(edition, event.state, was_labelled=any(step.kind == LABELLED for step in steps)),
        map_opens=edition.map.opens,
    )


def _when(at: datetime) -> str:
    return moment(at.astimezone(PARIS))
