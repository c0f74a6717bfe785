"""The queue: what waits in a reviewer's regions, the most urgent first."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from backbone.http.paging import place_of

from ...workbench import claims, holds, queue
from ..asking import AtDesk
from .asking import AFilters, AView, PageRoute, Sitting, query_of
from .view import PREFIX

routes = APIRouter(prefix=PREFIX, route_class=PageRoute, include_in_schema=False)

PAGE = 50


@routes.get("")
async def show_queue(
    me: Sitting,
    desk: AtDesk,
    view: AView,
    filters: AFilters,
    suite: Annotated[str | None, Query(max_length=200)] = None,
    fait: UUID | None = None,
) -> Response:
    now, wanted = desk.clock.now(), filters.wanted
    async with desk.engine.connect() as tx:
        found = await queue.waiting(tx, wanted, me, now, after=place_of(suite), limit=PAGE + 1)
        shown, rest = found[:PAGE], found[PAGE:]
        return view.render(
            "queue.html",
            me=me,
            filters=filters,
            wanted=wanted,
            shown=shown,
            is_first=suite is None,
            more=query_of(wanted, suite=shown[-1].place.as_cursor()) if rest else None,
            total=await queue.count(tx, wanted, me, now),
            urgent=await queue.urgencies(tx, wanted, me, now),
            totals=await queue.totals(tx, wanted, me, now),
            done=await holds.of_batch(tx, fait, me) if fait else None,
            failed=await holds.failed_of(tx, me),
        )


@routes.get("/aide")
async def show_help(me: Sitting, view: AView) -> Response:
    return view.render("help.html", me=me)


@routes.get("/connecte")
async def show_signed_in(me: Sitting, view: AView) -> Response:
    text = "Revenez à l’onglet précédent et renvoyez votre décision."
    return view.render("notice.html", me=me, title="Vous êtes connecté", text=text)


@routes.post("/commencer")
async def begin(me: Sitting, desk: AtDesk, filters: AFilters) -> Response:
    """Takes the first event that nobody is at."""
    found = await claims.claim_next(desk, filters.wanted, me, None)
    path = f"{PREFIX}/{found}" if found else PREFIX
    return RedirectResponse(f"{path}?{filters.query}", status_code=303)


@routes.get("/annulation/{batch}")
async def show_undo(me: Sitting, desk: AtDesk, view: AView, filters: AFilters, batch: UUID) -> Response:
    """How long a decision may still be taken back: a part of a page."""
    async with desk.engine.connect() as tx:
        return view.render("_undo.html", me=me, done=await holds.of_batch(tx, batch, me), filters=filters, batch=batch)


@routes.post("/annulation/{batch}")
async def undo(me: Sitting, desk: AtDesk, filters: AFilters, batch: UUID) -> Response:
    async with desk.engine.connect() as tx:
        events = [one.event_id for one in await holds.of_batch(tx, batch, me)]
    await holds.undo(desk, batch, me)
    path = f"{PREFIX}/{events[0]}" if len(events) == 1 else PREFIX
    return RedirectResponse(f"{path}?{query_of(filters.wanted, repris='1')}", status_code=303)


@routes.post("/echecs/{hold}")
async def dismiss(me: Sitting, desk: AtDesk, filters: AFilters, hold: UUID) -> Response:
    await holds.dismiss(desk, hold, me)
    return RedirectResponse(f"{PREFIX}?{filters.query}", status_code=303)
