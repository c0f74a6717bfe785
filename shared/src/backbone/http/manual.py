"""What a programmer reads: the documentation of the API at /docs, and a page for each kind of problem.

All of it comes from the service itself, and its pages may load nothing from elsewhere: they work without the internet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from .openapi import describe
from .problem_kinds import KINDS, PAGES, Kind
from .routes import id_of

STATIC = Path(__file__).parent / "static" / "manual"
FILES = "/docs/files"
PAGE = ["GET", "HEAD"]

BY_MANUAL: dict[str, Any] = {
    "docs_url": None,
    "redoc_url": None,
    "separate_input_output_schemas": False,
    "generate_unique_id_function": id_of,
}
"""For FastAPI: its own pages load their scripts from elsewhere, and this has one of its own."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
}


def install_manual(
    app: FastAPI,
    *,
    kinds: Iterable[Kind] = (),
    words: Mapping[str, str] | None = None,
    examples: Mapping[str, Any] | None = None,
    schemes: Mapping[str, Any] | None = None,
) -> None:
    """Adds the documentation. `kinds`: the problems that this service alone tells of; `words`: what the models and
    parameters of its API mean, in French, by their names; `examples`: of what fields hold, by theirs; `schemes`: how
    one shows who one is, besides by a token."""
    told = {kind.slug: kind for kind in (*KINDS, *kinds)}
    describe(app, kinds=tuple(told.values()), words=words or {}, examples=examples, schemes=schemes)
    app.mount(FILES, _Files(directory=STATIC))

    @app.api_route("/docs", methods=PAGE, include_in_schema=False)
    async def docs() -> Response:
        return _docs_page(app)

    @app.api_route(PAGES, methods=PAGE, include_in_schema=False)
    async def problems() -> Response:
        return _page("Les problèmes que l’API peut signaler", _list_of(told.values()))

    @app.api_route(PAGES + "/{slug}", methods=PAGE, include_in_schema=False)
    async def problem(slug: str) -> Response:
        if slug not in told:
            raise HTTPException(404)
        return _page(told[slug].title, _sheet_of(told[slug]))


class _Files(StaticFiles):
    """Kept by browsers, and asked for again: not sent again unless changed."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


def _docs_page(app: FastAPI) -> Response:
    description = escape(app.openapi_url or "")
    body = (
        f'<div id="manual" data-description="{description}"><main class="sheet"><h1>{escape(app.title)}</h1>'
        f'<p>La description complète de l’API : <a href="{description}">{description}</a>. La page qui permet de '
        f"l’essayer demande JavaScript.</p></main></div>"
        f'<script src="{FILES}/swagger/swagger-ui-bundle.js"></script><script src="{FILES}/manual.js"></script>'
    )
    return _html(app.title, body, styles=("swagger/swagger-ui.css", "manual.css"))


def _page(title: str, body: str) -> Response:
    return _html(title, f'<main class="sheet"><h1>{escape(title)}</h1>{body}</main>', styles=("manual.css",))


def _html(title: str, body: str, *, styles: Iterable[str]) -> Response:
    links = "".join(f'<link rel="stylesheet" href="{FILES}/{style}">' for style in styles)
    return HTMLResponse(
        '<!doctype html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)} – Semaine de l’industrie</title><link rel="icon" href="data:,">{links}</head>'
        f"<body>{body}</body></html>",
        headers=HEADERS,
    )


def _sheet_of(kind: Kind) -> str:
    return (
        f"<p>Réponse <code>{kind.status} {escape(kind.phrase)}</code>, type <code>{escape(kind.address)}</code></p>"
        f"<h2>Ce que cela veut dire</h2><p>{escape(kind.meaning)}</p>"
        f"<h2>Ce que vous pouvez faire</h2><p>{escape(kind.remedy)}</p>"
        f'<p><a href="{PAGES}">Tous les problèmes</a> · <a href="/docs">La documentation de l’API</a></p>'
    )


def _list_of(kinds: Iterable[Kind]) -> str:
    ordered = sorted(kinds, key=lambda kind: (kind.status, kind.slug))
    items = "".join(
        f'<li><code>{kind.status}</code> <a href="{escape(kind.address)}">{escape(kind.title)}</a></li>'
        for kind in ordered
    )
    return f'<ul>{items}</ul><p><a href="/docs">La documentation de l’API</a></p>'
