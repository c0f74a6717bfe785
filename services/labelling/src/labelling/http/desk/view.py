"""The pages, made of their templates."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from backbone.campaign import dates, words
from backbone.campaign.typography import in_french
from backbone.http.access import Caller
from backbone.http.closing import banners
from backbone.http.session import origin_of

from ...desk import Desk
from ..closings import CLOSINGS
from . import french

STATIC = Path(__file__).parents[2] / "static"
PREFIX = "/relecture"


class View:
    """Renders the pages."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.sign_in, self.origin = desk.sign_in_url, origin_of(desk.sign_in_url)
        self.sign_out = f"{self.origin}/deconnexion"
        files = sorted(path for path in STATIC.rglob("*") if path.is_file())
        self.version = blake2b(b"".join(path.read_bytes() for path in files), digest_size=6).hexdigest()
        self._templates = Environment(
            loader=PackageLoader("labelling", "templates/relecture"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {"fr": in_french, "minutes": french.minutes}
        self._templates.globals |= {"dates": dates, "words": words, "french": french, "view": self}
        self._templates.globals |= {"edition": desk.editions.current, "root": PREFIX}

    def static(self, name: str) -> str:
        """Where a file of ours is; the address changes with the files."""
        return f"{PREFIX}/static/{name}?{self.version}"

    @property
    def headers(self) -> dict[str, str]:
        """No script but ours, none inside a page, and no frame around it."""
        away = f" {self.origin}" if self.origin else ""
        return {
            "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
            f" connect-src 'self'{away}; form-action 'self'{away}; base-uri 'none'; frame-ancestors 'none'",
            # a form says where it comes from: backbone.http.session
            "Referrer-Policy": "strict-origin-when-cross-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
            "Cross-Origin-Opener-Policy": "same-origin",
        }

    def render(self, name: str, /, *, status: int = 200, me: Caller | None = None, **context: Any) -> HTMLResponse:
        """The page, as whoever is signed in sees it."""
        told: Mapping[str, Any] = {"me": me, "now": self._desk.clock.now(), **context}
        told = {"banners": banners(self._desk.switches, CLOSINGS), **told}
        html = self._templates.get_template(name).render(told)
        return HTMLResponse(html, status_code=status, headers=self.headers)


def view_of(request: Request) -> View:
    view: View = request.app.state.view
    return view
