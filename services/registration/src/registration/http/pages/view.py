"""The pages, made of their templates, in the house of the public map."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from backbone.campaign import dates, words
from backbone.http.access import Caller

from ...desk import Desk

STATIC = Path(__file__).parents[2] / "static"
ADDRESS = "/static"
ROOMS = {
    "/mes-evenements": "Mes événements",
    "/import": "Importer un fichier",
    "/organisation": "Mon organisation",
    "/compte": "Mon compte",
}


class View:
    """Renders the pages."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        files = sorted(path for path in STATIC.rglob("*") if path.is_file())
        self.version = blake2b(b"".join(path.read_bytes() for path in files), digest_size=6).hexdigest()
        self.map_url, self.desk_url = desk.public_map_url, desk.public_desk_url
        self.places_url = f"{desk.public_places_url}/v1/places" if desk.public_places_url else ""
        self.templates = desk.confirmations.templates
        self.templates.globals |= {"dates": dates, "words": words, "view": self, "edition": desk.edition}

    @property
    def rooms(self) -> list[tuple[str, str]]:
        """Where somebody who is signed in may go, by its address and its name."""
        return list(ROOMS.items())

    def static(self, name: str) -> str:
        """Where a file of ours is; the address changes with the files."""
        return f"{ADDRESS}/{name}?{self.version}"

    @property
    def headers(self) -> dict[str, str]:
        """No script but ours, none inside a page, and no frame around it."""
        away = f" {self.desk_url}" if self.desk_url else ""
        places = f" {self.places_url}" if self.places_url else ""
        return {
            "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
            f" connect-src 'self' {self.map_url}{places}; form-action 'self'{away}; base-uri 'none';"
            " frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            # a form says where it comes from, to labelling too where that is at another origin
            "Referrer-Policy": "strict-origin-when-cross-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cache-Control": "no-store",
        }

    def render(self, name: str, /, *, status: int = 200, me: Caller | None = None, **context: Any) -> HTMLResponse:
        """The page, as whoever is signed in sees it."""
        told = {"me": me, **context}
        html = self.templates.get_template(f"pages/{name}").render(told)
        return HTMLResponse(html, status_code=status, headers=self.headers)


def view_of(request: Request) -> View:
    view: View = request.app.state.view
    return view
