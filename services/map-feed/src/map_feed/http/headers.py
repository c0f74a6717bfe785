"""What every response says to the browser."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'; connect-src 'self'{places}; img-src 'self' data:{pictures}; object-src 'none';"
    " base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class SecurityHeaders:
    """Sets the security headers on every response, errors included. `pictures_url`: where pictures of events are;
    `places_url`: where communes are asked for."""

    def __init__(self, app: ASGIApp, pictures_url: str = "", places_url: str = "") -> None:
        pictures = f" {pictures_url}/images/" if pictures_url else ""
        policy = POLICY.format(pictures=pictures, places=f" {places_url}" if places_url else "")
        self._app, self._said = app, {"Content-Security-Policy": policy, **SECURITY}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._said)
            await send(message)

        await self._app(scope, receive, send_with_headers)
