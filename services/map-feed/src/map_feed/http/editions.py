"""The list and the feed of each edition: of the current one at the root, of all at an address that stays theirs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import FastAPI, Path, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backbone.campaign.edition import Edition

from .. import geojson
from ..board import Board
from ..domain.search import ListQuery, Search, in_order
from ..pages import Pages, Results
from ..posted import View
from .packed import READ_ONLY, Kept, Packed, Press, page

Name = Annotated[str, Path(description="Année de l’édition, par exemple 2026", alias="edition")]
FEED: dict[int | str, dict[str, Any]] = {
    200: {"content": {geojson.MEDIA_TYPE: {"schema": {"type": "object"}}}},
    304: {},
}


def add_editions(app: FastAPI, board: Board, pages: Pages, press: Press) -> None:
    """The pages with list and map, and the GeoJSON."""
    _add_lists(app, board, pages, Kept(press, most=256, most_bytes=32_000_000))
    _add_feeds(app, board, Kept(press, most=64, most_bytes=64_000_000))


def _known(board: Board, name: str) -> Edition:
    if edition := board.editions.get(name):
        return edition
    raise HTTPException(404)


def _add_lists(app: FastAPI, board: Board, pages: Pages, kept: Kept) -> None:
    def draw(view: View, query: ListQuery, now: datetime) -> Packed:
        found = in_order((notice.listing for notice in view.found(query)), now)
        others = [other.edition for other in board.views() if other.edition != view.edition]
        return page(pages.index(view.edition, Results(query, found, now), others))

    async def answer(request: Request, query: ListQuery, edition: Edition) -> Response:
        view = board.view(edition)
        if not view.is_open:
            return page(pages.closed(edition)).respond(request)
        now = board.clock.now().replace(second=0, microsecond=0)  # what is over is told to the minute
        key = edition.name, view.number, query, now
        return (await kept.get(key, lambda: draw(view, query, now))).respond(request)

    @app.api_route("/", methods=READ_ONLY, include_in_schema=False)
    async def current(request: Request, query: Annotated[ListQuery, Query()]) -> Response:
        return await answer(request, query, board.editions.current)

    @app.api_route("/editions/{edition}", methods=READ_ONLY, include_in_schema=False)
    async def one(request: Request, name: Name, query: Annotated[ListQuery, Query()]) -> Response:
        edition = _known(board, name)
        if edition == board.editions.current:  # for now: one day it will be an earlier one
            return RedirectResponse(f"/?{request.url.query}" if request.url.query else "/", 302)
        return await answer(request, query, edition)


def _add_feeds(app: FastAPI, board: Board, kept: Kept) -> None:
    def draw(view: View, search: Search) -> Packed:
        features = (notice.feature for notice in view.found(search))
        return Packed(geojson.collection(features, view.edition), geojson.MEDIA_TYPE)

    async def answer(request: Request, search: Search, edition: Edition) -> Response:
        view = board.view(edition)
        key = edition.name, view.number, view.is_open, search.key
        return (await kept.get(key, lambda: draw(view, search))).respond(request, open_to_all=True)

    @app.head("/evenements.geojson", include_in_schema=False)
    @app.get("/evenements.geojson", summary="Les événements labellisés", response_class=Response, responses=FEED)
    async def list_labelled_events(request: Request, search: Annotated[Search, Query()]) -> Response:
        """Tous les événements de l’édition en cours que la carte montre, avec les mêmes filtres qu’elle."""
        return await answer(request, search, board.editions.current)

    @app.head("/editions/{edition}/evenements.geojson", include_in_schema=False)
    @app.get(
        "/editions/{edition}/evenements.geojson",
        summary="Les événements labellisés d’une édition",
        response_class=Response,
        responses={**FEED, 404: {}},
    )
    async def list_labelled_events_of_edition(
        request: Request, name: Name, search: Annotated[Search, Query()]
    ) -> Response:
        """Les mêmes, de l’édition que nomme son année, à une adresse qui reste."""
        return await answer(request, search, _known(board, name))
