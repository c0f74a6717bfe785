"""A page that is little more than a title and a sentence, in one look for all services: no script, nothing fetched.

Problems are such a page for whoever asks with a browser, and stay JSON for programs.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..campaign.typography import in_french
from .problem_kinds import MEDIA_TYPE

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@cache
def style() -> str:
    """The style sheet of these pages, to stand inside them."""
    return (Path(__file__).parent / "sheet.css").read_text()


def sheet(title: str, body: str) -> str:
    """The page of this title; `body` is HTML."""
    named = escape(in_french(title))
    return _SHEET.replace("{style}", style()).replace("{title}", named).replace("{body}", body)


def paragraphs(*sentences: str) -> str:
    """Sentences as HTML, with the spaces of French; an empty one is left out."""
    return "".join(f"<p>{escape(in_french(sentence))}</p>\n" for sentence in sentences if sentence)


_SHEET = """<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – Semaine de l’industrie</title>
<style>
{style}</style>
</head>
<body>
<header class="mark">La Semaine de l’industrie</header>
<main>
<h1>{title}</h1>
{body}</main>
</body>
</html>
"""


Problem = Mapping[str, Any]
Page = Callable[[Request, Problem], Awaitable[Response]]
"""The page of a problem that a request was answered with."""


async def plain_page(_: Request, problem: Problem) -> Response:
    """The page of a problem, where a service has none in a look of its own."""
    number = number_of(problem)
    wrong = [each["message"] for each in problem.get("errors", ())]
    sentences = [*wrong, "Rien n’a été enregistré."] if wrong else [problem.get("detail", "")]
    said = paragraphs(*sentences, f"Numéro à nous donner : {number}" if number else "")
    return HTMLResponse(sheet(problem.get("title", "Erreur"), said), headers=HEADERS)


def number_of(problem: Problem) -> str:
    """By which a fault of ours is found in the logs; empty for what is none."""
    return str(problem.get("instance", "")).removeprefix("urn:uuid:")


class PagesForPeople:
    """Makes a page of every problem for whoever asks with a browser, but under `/v1`, where programs are at home."""

    def __init__(self, app: ASGIApp, page: Page = plain_page) -> None:
        self._app, self._page = app, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/v1/") or not _reads_pages(scope):
            return await self._app(scope, receive, send)
        started: Message | None = None
        read = bytearray()

        async def turned(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start" and _is_problem(message):
                started = message
            elif started is None:
                await send(message)
            else:
                read.extend(message.get("body", b""))
                if not message.get("more_body"):
                    page = await self._page(Request(scope, receive), json.loads(read))
                    await _send_page(started, page, send)

        return await self._app(scope, receive, turned)


def _reads_pages(scope: Scope) -> bool:
    return "text/html" in Headers(scope=scope).get("accept", "")


def _is_problem(started: Message) -> bool:
    return Headers(raw=started["headers"]).get("content-type", "") == MEDIA_TYPE


async def _send_page(started: Message, page: Response, send: Send) -> None:
    headers = MutableHeaders(raw=list(started["headers"]))
    headers.update(page.headers)
    await send({**started, "headers": headers.raw})
    await send({"type": "http.response.body", "body": page.body})
