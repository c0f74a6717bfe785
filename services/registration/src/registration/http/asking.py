"""Who stands at the door, and the desk behind it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request

from backbone.http.access import Caller
from backbone.http.bearer import caller_of
from backbone.http.session import refuse_foreign

from ..desk import Desk


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(_desk)]


def _client(request: Request) -> str:
    # behind a reverse proxy the server has put here what the proxy says, if TRUSTED_PROXIES names it
    return request.client.host if request.client else "unknown"


FromClient = Annotated[str, Depends(_client)]
"""The address that a request came from."""


async def _me(request: Request, desk: AtDesk) -> Caller:
    return await caller_of(request, desk.signer)


Me = Annotated[Caller, Depends(_me)]


async def our_own_form(request: Request, desk: AtDesk) -> None:
    """A dependency of every page. Raises ForeignForm for what another site's page has sent."""
    refuse_foreign(request, [desk.public_desk_url] if desk.public_desk_url else ())


IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=300)]
"""The version that was read, of what is to be changed."""
