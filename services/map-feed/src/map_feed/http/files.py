"""What stays as it is: style and scripts, the legal texts."""

from __future__ import annotations

from dataclasses import replace

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from backbone.campaign.colours import palette
from backbone.campaign.edition import Edition

from .. import catalogue
from ..board import Board
from ..pages import IMAGE, Pages
from .packed import FOR_A_DAY, READ_ONLY, Packed, Shelf, page

BASEMAP = "basemap/france.json"


def add_texts(app: FastAPI, pages: Pages) -> None:
    """How to use the data, the catalogue of the topics, and the legal pages."""
    add_file(app, "/api", page(pages.api()))
    add_file(app, "/catalogue", page(pages.catalogue()))
    for name in pages.texts.pages:
        add_file(app, f"/{name}", page(pages.text(name)))


def add_contracts(app: FastAPI) -> None:
    """What programs read of the catalogue: the topics as one document, and each schema where `ce_dataschema` says."""
    files = {f"/contracts/{name}": schema for name, schema in catalogue.schemas().items()}
    for path, text in {"/catalogue/asyncapi.json": catalogue.document(), **files}.items():
        add_file(app, path, Packed(text.encode(), "application/json", FOR_A_DAY), open_to_all=True)


def add_files(app: FastAPI, board: Board, shelf: Shelf) -> None:
    """The colours of each edition, the picture that is shared, and all files of `static`."""
    add_file(app, "/couleurs.css", _colours(board.editions.current))
    for edition in board.editions:
        add_file(app, f"/editions/{edition.name}/couleurs.css", _colours(edition))
    # at an address that stays: what was shared once is fetched again
    image = shelf.get(IMAGE.removeprefix("/"))
    assert image
    add_file(app, IMAGE, replace(image, cache=FOR_A_DAY))

    # of the pages where organisers put their pins, at an address that stays too
    basemap = shelf.get(BASEMAP)
    assert basemap
    add_file(app, f"/{BASEMAP}", replace(basemap, cache=FOR_A_DAY), open_to_all=True)

    @app.api_route(f"{shelf.address}/{{name:path}}", methods=READ_ONLY, include_in_schema=False)
    async def file(request: Request, name: str) -> Response:
        if packed := shelf.get(name):
            return packed.respond(request)
        raise HTTPException(404)


def _colours(edition: Edition) -> Packed:
    variables = "".join(f"--{name}:{value};" for name, value in palette(edition.colours).items())
    return Packed(f":root{{{variables}}}\n".encode(), "text/css; charset=utf-8")


def add_file(app: FastAPI, path: str, packed: Packed, *, open_to_all: bool = False) -> None:
    """The same body for whoever asks at this path."""

    async def file(request: Request) -> Response:
        return packed.respond(request, open_to_all=open_to_all)

    app.add_api_route(path, file, methods=READ_ONLY, include_in_schema=False)
