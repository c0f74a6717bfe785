"""What every answer says to whoever reads or keeps it, unless the route says it itself."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HSTS = "max-age=31536000"

FOR_PROGRAMS = {
    "Cache-Control": "no-store",  # tokens, addresses, drafts: nothing that a cache should hold
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class DefaultHeaders:
    """Adds headers to every answer that does not have them, errors included."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self._app, self._headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class StrictTransport:
    """Has browsers that came by HTTPS come by nothing else; by HTTP they would not listen to it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._secure = app, DefaultHeaders(app, {"Strict-Transport-Security": HSTS})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_secure = scope.get("scheme") == "https"  # as a proxy that is trusted said it
        await (self._secure if is_secure else self._app)(scope, receive, send)
