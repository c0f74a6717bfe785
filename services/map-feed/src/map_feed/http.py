"""The public door: the page with map and list, the event pages, the GeoJSON."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from backbone.http.manual import BY_MANUAL, install_manual
from backbone.http.problems import install_problems

from . import crawlers, geojson
from .board import Board, View
from .domain.colours import palette
from .domain.search import ListQuery, Search, in_order
from .errors import install_errors
from .headers import SecurityHeaders
from .legal import NAMES, Texts
from .packed import FOR_A_DAY, Kept, Packed, Press, Shelf, page
from .pages import IMAGE, Pages, Results

STATIC = Path(__file__).parent / "static"
PAGES = ["GET", "HEAD"]
ABOUT = "Les données ouvertes de la carte. La page /api les présente aux personnes."


def create_http(board: Board, public_url: str, texts: Texts) -> FastAPI:
    """The HTTP application over one board."""
    app = FastAPI(
        title="La Semaine de l’industrie : carte des événements",
        version="1",
        description=ABOUT,
        **BY_MANUAL,
    )
    shelf = Shelf(STATIC)
    pages = Pages(board.edition, public_url, shelf.address, texts)
    press = Press()
    app.add_middleware(SecurityHeaders)
    install_problems(app)
    install_errors(app, pages)
    _add_pages(app, board, pages, press)
    _add_texts(app, pages)
    _add_feed(app, board, press)
    _add_sitemaps(app, board, public_url, press)
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

    _add_file(app, "/api", page(pages.api()))


def _add_texts(app: FastAPI, pages: Pages) -> None:
    for name in pages.texts.pages:
        _add_file(app, f"/{name}", page(pages.text(name)))


def _add_sitemaps(app: FastAPI, board: Board, public_url: str, press: Press) -> None:
    kept = Kept(press, most=16, most_bytes=16_000_000)
    _add_file(app, "/robots.txt", Packed(crawlers.robots(public_url), "text/plain; charset=utf-8", FOR_A_DAY))
    staying = Packed(crawlers.pages(public_url, ("/", "/api", *(f"/{name}" for name in NAMES))), crawlers.MEDIA_TYPE)
    _add_file(app, "/sitemap-pages.xml", staying)

    def draw(view: View, number: int | None) -> Packed:
        if number is None:
            return Packed(crawlers.index(public_url, view.ordered), crawlers.MEDIA_TYPE)
        part = list(crawlers.parts(view.ordered))[number - 1 : number]
        return Packed(crawlers.events(public_url, part[0]) if part else b"", crawlers.MEDIA_TYPE)

    async def answer(request: Request, number: int | None) -> Response:
        view = board.view
        packed = await kept.get((view.number, view.is_open, number), lambda: draw(view, number))
        if not packed.body:
            raise HTTPException(404)
        return packed.respond(request)

    @app.api_route("/sitemap.xml", methods=PAGES, include_in_schema=False)
    async def index(request: Request) -> Response:
        return await answer(request, None)

    @app.api_route("/sitemap-evenements-{number}.xml", methods=PAGES, include_in_schema=False)
    async def events(request: Request, number: str) -> Response:
        if not re.fullmatch("[1-9][0-9]{0,2}", number):
            raise HTTPException(404)
        return await answer(request, int(number))


def _add_file(app: FastAPI, path: str, packed: Packed) -> None:
    async def file(request: Request) -> Response:
        return packed.respond(request)

    app.add_api_route(path, file, methods=PAGES, include_in_schema=False)


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

    _add_file(app, "/couleurs.css", colours)
    # at an address that stays: what was shared once is fetched again
    image = shelf.get(IMAGE.removeprefix("/"))
    assert image
    _add_file(app, IMAGE, replace(image, cache=FOR_A_DAY))

    @app.api_route(f"{shelf.address}/{{name:path}}", methods=PAGES, include_in_schema=False)
    async def file(request: Request, name: str) -> Response:
        if packed := shelf.get(name):
            return packed.respond(request)
        raise HTTPException(404)
