"""The page of an event: itself, the rules' findings in its own words, and all that a reviewer may do with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from backbone.http.access import Caller

from ... import sentences
from ...desk import Desk
from ...domain.marks import declared, marked
from ...workbench import claims, holds, queue
from ...workbench.dossier import open_dossier
from ..asking import AtDesk
from .asking import AFilters, AView, Filters, PageRoute, Sitting, query_of
from .view import PREFIX, View

routes = APIRouter(prefix=PREFIX, route_class=PageRoute, include_in_schema=False)


class Filled(dict[str, str]):
    """What stands in the fields of a form: nothing in those that nobody filled in."""

    def __missing__(self, _: str) -> str:
        return ""


@routes.get("/{event_id}")
async def show_event(
    me: Sitting,
    desk: AtDesk,
    view: AView,
    filters: AFilters,
    event_id: UUID,
    fait: UUID | None = None,
    repris: Annotated[str, Query(max_length=1)] = "",
) -> Response:
    return await event_page(desk, view, me, filters, event_id, batch=fait, is_taken_back=bool(repris))


async def event_page(
    desk: Desk,
    view: View,
    me: Caller,
    filters: Filters,
    event_id: UUID,
    *,
    status: int = 200,
    batch: UUID | None = None,
    is_taken_back: bool = False,
    read: int | None = None,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    """The page. `read`: the revision that was read before the organiser changed it; `typed` and `wrong`: what the
    reviewer wrote, and what is to be mended in it, by the names of the fields."""
    async with desk.engine.connect() as tx:
        dossier = await open_dossier(tx, event_id, me, read=read)
        before, after = await queue.neighbours(tx, filters.wanted, me, desk.clock.now(), dossier.waiting.place)
        done = await holds.of_batch(tx, batch, me) if batch else None
    event, verdicts = dossier.waiting.event, dossier.waiting.verdicts
    in_doubt = {verdict.condition: verdict for verdict in dossier.waiting.in_doubt}
    by_condition = {verdict.condition: verdict for verdict in verdicts}
    offered = {name: sentences.refusals(name, by_condition.get(name)) for name in sentences.CONDITIONS}
    return view.render(
        "event.html",
        status=status,
        me=me,
        filters=filters,
        file=dossier,
        it=event,
        map_url=desk.map_url,
        in_doubt=in_doubt,
        marked=lambda field: marked(getattr(event, field), field, verdicts),
        declared=lambda field: declared(field, verdicts),
        refusals=offered,
        corrections=sentences.corrections(),
        previous=before,
        following=after,
        done=done,
        batch=batch,
        is_taken_back=is_taken_back,
        read=read,
        typed=Filled(typed or {}),
        wrong=Filled(wrong or {}),
        is_refusing=any(name.startswith(("refus", "phrase_")) for name in (*(typed or {}), *(wrong or {}))),
        is_refusing_more=any((typed or {}).get(f"refus_{name}") for name in offered if name not in in_doubt),
    )


@routes.post("/{event_id}/reservation")
async def claim(me: Sitting, desk: AtDesk, filters: AFilters, event_id: UUID) -> Response:
    await claims.claim(desk, event_id, me)
    return back_to(event_id, filters)


@routes.post("/{event_id}/liberation")
async def release(me: Sitting, desk: AtDesk, filters: AFilters, event_id: UUID) -> Response:
    await claims.release(desk, event_id, me)
    return back_to(event_id, filters)


def sentence_of(error: ValidationError, otherwise: str) -> str:
    """What is to be mended, in the words of our own validators; `otherwise` for what is too short or too long."""
    first: Any = error.errors()[0]
    return str(first["ctx"]["error"]) if first["type"] == "value_error" else otherwise


def back_to(event_id: UUID, filters: Filters, place: str = "") -> Response:
    """On to the event’s page, at this place of it."""
    query = query_of(filters.wanted)
    address = f"{PREFIX}/{event_id}" + (f"?{query}" if query else "") + (f"#{place}" if place else "")
    return RedirectResponse(address, status_code=303)


def form_of(form: Any) -> dict[str, str]:
    """The texts of a form; of a name that comes twice, the last."""
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


async def read_form(request: Request) -> dict[str, str]:
    """The form that was sent."""
    return form_of(await request.form())
