"""What search engines ask for: where every page is, of every edition of which there is something to see."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from .. import crawlers
from ..desk import Desk
from ..legal import NAMES
from ..pages import root_of
from ..posted import Notice, View
from .files import add_file
from .packed import FOR_A_DAY, READ_ONLY, Kept, Packed, Press

TEXTS = ("/api", "/catalogue", *(f"/{name}" for name in NAMES))


def add_sitemaps(app: FastAPI, desk: Desk, press: Press) -> None:
    """`robots.txt`, and the sitemaps that it leads to."""
    board, url = desk.board, desk.public_url
    kept = Kept(press, most=16, most_bytes=16_000_000)
    add_file(app, "/robots.txt", Packed(crawlers.robots(url), "text/plain; charset=utf-8", FOR_A_DAY))

    async def answer(request: Request, name: str, draw: Callable[[Sequence[View]], bytes]) -> Response:
        views = board.views()
        key = name, *((view.edition.name, view.number) for view in views)
        packed = await kept.get(key, lambda: Packed(draw(views), crawlers.MEDIA_TYPE))
        if not packed.body:
            raise HTTPException(404)
        return packed.respond(request)

    @app.api_route("/sitemap.xml", methods=READ_ONLY, include_in_schema=False)
    async def index(request: Request) -> Response:
        return await answer(request, "index", lambda views: crawlers.index(url, _notices(views)))

    @app.api_route("/sitemap-pages.xml", methods=READ_ONLY, include_in_schema=False)
    async def pages(request: Request) -> Response:
        def paths(views: Sequence[View]) -> list[str]:
            return [*dict.fromkeys(["/", *(root_of(view.edition, board.editions) for view in views)]), *TEXTS]

        return await answer(request, "pages", lambda views: crawlers.pages(url, paths(views)))

    @app.api_route("/sitemap-evenements-{number}.xml", methods=READ_ONLY, include_in_schema=False)
    async def events(request: Request, number: str) -> Response:
        if not re.fullmatch("[1-9][0-9]{0,2}", number):
            raise HTTPException(404)
        return await answer(request, number, lambda views: _part(url, _notices(views), int(number)))


def _part(public_url: str, notices: Sequence[Notice], number: int) -> bytes:
    """Nothing of a part that there is not."""
    part = list(crawlers.parts(notices))[number - 1 : number]
    return crawlers.events(public_url, part[0]) if part else b""


def _notices(views: Sequence[View]) -> list[Notice]:
    return [notice for view in views for notice in view.ordered]
