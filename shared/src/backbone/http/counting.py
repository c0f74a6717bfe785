"""Counts requests by route, as it is declared: addresses are more than anybody can keep, and may name a person."""

from __future__ import annotations

import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..runtime.metrics import FloorMetrics, known

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "(none)"


class Counting:
    """The outermost layer of a service's public door."""

    def __init__(self, app: ASGIApp, metrics: FloorMetrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        began, status = time.monotonic(), "cut"

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            status = "500" if status == "cut" else status  # as what is around this will answer
            raise
        finally:
            about = known(scope["method"], METHODS), route_of(scope)
            self._metrics.requests.labels(*about, status).inc()
            self._metrics.request_seconds.labels(*about).observe(time.monotonic() - began)
        return None


def route_of(scope: Scope) -> str:
    """The route that was taken, as it is declared, with what it is under: `/v1/events/{event_id}`."""
    # a route of a router that was included knows its own part alone; FastAPI notes the whole beside it
    included: Any = scope.get("fastapi", {}).get("effective_route_context")
    route = included or scope.get("route")
    if path := getattr(route, "path_format", None) or getattr(route, "path", None):
        return f"{scope.get('root_path', '')}{path}"
    if scope.get("endpoint") is None or scope.get("path_params"):
        return NO_ROUTE
    # what is mounted: files of a folder; or what FastAPI adds by itself, at addresses without parameters
    return f"{root}/*" if (root := scope.get("root_path")) else str(scope["path"])
