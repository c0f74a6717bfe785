"""A request is where a trace begins, unless a reverse proxy that is trusted has begun it.

What an outsider says of traces is not listened to: their `traceparent` would have every request of theirs recorded,
under ids of their choice, perhaps somebody else's.
"""

from __future__ import annotations

from opentelemetry.trace import SpanKind
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..runtime.spans import Span, Tracing, spanning
from ..runtime.trace import event_of, well_formed

_TOLD = "sdi.traceparent"  # in the scope: what a trusted proxy has told
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"})


def believing(app: ASGIApp) -> ASGIApp:
    """The application as a reverse proxy reaches it that is trusted: the trace that it names is gone on with."""

    async def with_its_trace(scope: Scope, receive: Receive, send: Send) -> None:
        if told := next((value for name, value in scope.get("headers", ()) if name == b"traceparent"), None):
            scope[_TOLD] = told.decode("latin-1")
        await app(scope, receive, send)

    return with_its_trace


class Traced:
    """Every request is part of a trace; of those that are recorded a span says the route and the answer."""

    def __init__(self, app: ASGIApp, tracing: Tracing) -> None:
        self._app, self._tracing = app, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        parent = well_formed(scope.get(_TOLD))
        span = self._begun(parent, scope["method"])
        with spanning(span, parent, scope):
            await (self._app(scope, receive, send) if span is None else self._spanned(span, scope, receive, send))

    def _begun(self, parent: str | None, method: str) -> Span | None:
        said = {"http.request.method": method if method in _METHODS else "_OTHER"}
        if parent:
            return self._tracing.begin(said["http.request.method"], SpanKind.SERVER, parent, said)
        return self._tracing.begin_trace(said["http.request.method"], SpanKind.SERVER, said)

    async def _spanned(self, span: Span, scope: Scope, receive: Receive, send: Send) -> None:
        status = 0

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            _say(span, scope, status)


def _say(span: Span, scope: Scope, status: int) -> None:
    route, event = getattr(scope.get("route"), "path", None), event_of(scope)
    method = scope["method"] if scope["method"] in _METHODS else "HTTP"
    said: dict[str, str | int | bool] = {"http.response.status_code": status} if status else {}
    if route:
        said["http.route"] = route
        span.name(f"{method} {route}")
    if event:
        said["sdi.event.id"] = event
    span.say(said)
    if status >= 500:
        span.failed(str(status))
