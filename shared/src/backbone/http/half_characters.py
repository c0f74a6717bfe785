"""Half characters in a JSON text: « \\ud800 » is valid JSON, and nothing can store, hash or send it.

Where one stands in a request's body, in a value or in a name, in any field, the field is told to be wrong before
anything else is done with the body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..texts.pasted import CONTROL
from .problems import wrong

_MAYBE = re.compile(rb"\\u[dD][89a-fA-F]")
_HALF = re.compile("[\ud800-\udfff]")


class HalfCharacters(HTTPException):
    """The fields in which half characters stand. Raised while the body is read, where FastAPI lets only this kind
    of exception pass."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(422, CONTROL)
        self.fields = fields


def refuse_half_characters(app: FastAPI) -> None:
    """Makes the app answer 422 to them, with the fields. Comes before the limit of the body's size is added."""

    async def answer(_: Request, error: Exception) -> Response:
        assert isinstance(error, HalfCharacters)
        return wrong([{"field": field, "message": CONTROL} for field in error.fields])

    app.add_middleware(WholeCharacters)
    app.add_exception_handler(HalfCharacters, answer)


class WholeCharacters:
    """Looks at a request's body as it is read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        body = bytearray()

        async def read() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                body.extend(message.get("body", b""))
                if not message.get("more_body", False) and (fields := fields_with_halves(bytes(body))):
                    raise HalfCharacters(fields)
            return message

        return await self._app(scope, read, send)


def fields_with_halves(body: bytes) -> list[str]:
    """The fields of a JSON text in which half characters stand, as `venue.city` or `slots.0`; none for other texts."""
    if not _MAYBE.search(body):
        return []
    try:
        return list(dict.fromkeys(_fields(json.loads(body))))
    except (ValueError, RecursionError):
        return []  # no JSON: whoever parses it will say so


def _fields(value: Any) -> Iterator[str]:
    to_see: list[tuple[str, Any]] = [("", value)]
    while to_see:
        field, value = to_see.pop(0)
        if isinstance(value, str) and _HALF.search(value):
            yield field or "(corps)"
        inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for name, held in inside:
            path = f"{field}.{name}" if field else str(name)
            if _HALF.search(str(name)):
                yield path.encode("ascii", "backslashreplace").decode()
            else:
                to_see.append((path, held))
