"""The public door: the page with map and list, the event pages, the GeoJSON."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from backbone.manual import BY_MANUAL, install_manual
from backbone.problems import install_problems

from . import geojson
from .board import Board, View
from .domain.colours import palette
from .domain.search import ListQuery, Search, in_order
from .errors import install_errors
from .headers import SecurityHeaders
from .packed import Kept, Packed, Press, Shelf, page
from .pages import Pages, Results

STATIC = Path(__file__).parent / "static"
PAGES = ["GET", "HEAD"]
ABOUT = "Les données ouvertes de la carte. La page /api les présente aux personnes."


def create_http(board: Board, public_url: str) -> FastAPI:
    """The HTTP application over one board."""
    app = FastAPI(
        title="La Semaine de l’industrie : carte des événements",
        version="1",
        description=ABOUT,
        **BY_MANUAL,
    )
    shelf = Shelf(STATIC)
    pages = Pages(board.edition, public_url, shelf.address)
    press = Press()
    app.add_middleware(SecurityHeaders)
    install_problems(app)
    install_errors(app, pages)
    _add_pages(app, board, pages, press)
    _add_feed(app, board, press)
    _add_files(app, board, shelf)
    install_manual(app)
    return app


def _add_pages(app: FastAPI, board: Board, pages: Pages, press: Press) -> None:
    kept = Kept(press, most=256, most_bytes=32_000_000)

    def draw_index(view: View, query: ListQuery, now: datetime) -> Packed:
        found = in_order((notice.listing for notice in view.found(query)), now)
        return page(pages.index(Results(query, found, now)))

    @app.api_route("/", methods=PAGES, include_in_schema=False)
    async def index(request: Request, query: Annotated[ListQuery, Query()]) -> Response:
        view = board.view
        if not view.is_open:
            return page(pages.closed()).respond(request)
        now = board.clock.now().replace(second=0, microsecond=0)  # what is over is told to the minute
        packed = await kept.get((view.number, query, now), lambda: draw_index(view, query, now))
        return packed.respond(request)

    @app.api_route("/evenements/{event_id}", methods=PAGES, include_in_schema=False)
    async def event(request: Request, event_id: str) -> Response:
        notice = board.view.notices.get(_uuid(event_id))
        if notice is None:
            raise HTTPException(404)
        now = board.clock.now()
        packed = await kept.get((notice, notice.listing.is_over(now)), lambda: page(pages.event(notice.listing, now)))
        return packed.respond(request)

    @app.api_route("/api", methods=PAGES, include_in_schema=False)
    async def api(request: Request) -> Response:
        return page(pages.api()).respond(request)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise HTTPException(404) from None


def _add_feed(app: FastAPI, board: Board, press: Press) -> None:
    kept = Kept(press, most=64, most_bytes=64_000_000)

    def draw(view: View, search: Search) -> Packed:
        features = (notice.feature for notice in view.found(search))
        return Packed(geojson.collection(features, board.edition), geojson.MEDIA_TYPE)

    @app.head("/evenements.geojson", include_in_schema=False)
    @app.get(
        "/evenements.geojson",
        summary="Les événements labellisés",
        response_class=Response,
        responses={200: {"content": {geojson.MEDIA_TYPE: {"schema": {"type": "object"}}}}, 304: {}},
    )
    async def feed(request: Request, search: Annotated[Search, Query()]) -> Response:
        """Tous les événements que la carte montre, avec les mêmes filtres qu’elle."""
        view = board.view
        packed = await kept.get((view.number, view.is_open, search.key), lambda: draw(view, search))
        return packed.respond(request, open_to_all=True)


def _add_files(app: FastAPI, board: Board, shelf: Shelf) -> None:
    variables = "".join(f"--{name}:{value};" for name, value in palette(board.edition.colours).items())
    colours = Packed(f":root{{{variables}}}\n".encode(), "text/css; charset=utf-8")

    @app.api_route("/couleurs.css", methods=PAGES, include_in_schema=False)
    async def css(request: Request) -> Response:
        return colours.respond(request)

    @app.api_route(f"{shelf.address}/{{name:path}}", methods=PAGES, include_in_schema=False)
    async def file(request: Request, name: str) -> Response:
        if packed := shelf.get(name):
            return packed.respond(request)
        raise HTTPException(404)
