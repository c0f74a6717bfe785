"""The door of geocoding, put up when somebody first stands before it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from ..gazetteer import Gazetteer


def door(gazetteer: Gazetteer) -> Starlette:
    """Answers as `places` does. What that needs weighs 24 MB: a process that only looks up need not carry it."""

    def put_up() -> ASGIApp:
        from ..suggesting import Suggestions
        from .places import create_http

        return create_http(Suggestions(gazetteer))

    return Starlette(middleware=[Middleware(_WhenAsked, make=put_up)])


class _WhenAsked:
    """In place of what it is put before, which has no routes: a mounted app would be counted by another name. Its
    lifespan is the service's, though."""

    def __init__(self, app: ASGIApp, make: Callable[[], ASGIApp]) -> None:
        self._app, self._make, self._making = app, make, asyncio.Lock()
        self._made: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        async with self._making:
            if self._made is None:
                self._made = await asyncio.to_thread(self._make)
        return await self._made(scope, receive, send)
