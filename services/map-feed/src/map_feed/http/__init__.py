"""The public door: the page with map and list, the event pages, the GeoJSON; each edition at its own address."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from backbone.http.manual import BY_MANUAL, install_manual
from backbone.http.problems import install_problems

from ..desk import Desk
from ..pages import Pages
from .changes import GONE, MEANINGS, add_changes
from .editions import add_editions
from .errors import install_errors
from .events import add_event_pages
from .files import add_contracts, add_files, add_texts
from .headers import SecurityHeaders
from .packed import Press, Shelf
from .sitemaps import add_sitemaps

STATIC = Path(__file__).parents[1] / "static"
ABOUT = "Les données ouvertes de la carte. La page /api les présente aux personnes."

WORDS = {"name": "L’édition, par son année : « 2020 ».", **MEANINGS}


def create_http(desk: Desk) -> FastAPI:
    """The HTTP application over one board."""
    board = desk.board
    app = FastAPI(
        title="La Semaine de l’industrie : carte des événements",
        version="1",
        description=ABOUT,
        **BY_MANUAL,
    )
    shelf = Shelf(STATIC)
    pages = Pages(
        board.editions,
        desk.public_url,
        shelf.address,
        desk.texts,
        desk.deposit_url,
        desk.pictures_url,
        desk.places_url,
    )
    press = Press()
    app.add_middleware(SecurityHeaders, pictures_url=desk.pictures_url, places_url=desk.places_url)
    install_problems(app)
    install_errors(app, pages)
    add_editions(app, board, pages, press)
    add_event_pages(app, board, pages, press)
    add_changes(app, desk, press)
    add_texts(app, pages)
    add_contracts(app)
    add_sitemaps(app, desk, press)
    add_files(app, board, shelf)
    install_manual(app, kinds=(GONE,), words=WORDS)
    return app
