"""Who stands at the door, and the desk behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request

from backbone.http.access import Caller
from backbone.http.bearer import bearer, caller_of
from backbone.http.session import refuse_foreign

from ..desk import Desk
from ..domain.api_key import KEYS_BEGIN
from ..domain.refusals import UnknownOrganisation
from ..domain.reviewing import ORGANISER
from ..handlers import api_keys
from .rules import scope_of


# `async` though it waits for nothing: FastAPI runs what is not in a thread, which costs more than all that it does
async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(_desk)]


async def _client(request: Request) -> str:
    # behind a reverse proxy the server has put here what the proxy says, if TRUSTED_PROXIES names it
    return request.client.host if request.client else "unknown"


FromClient = Annotated[str, Depends(_client)]
"""The address that a request came from."""


@dataclass(frozen=True)
class Program(Caller):
    """A program that shows a key: it does what the account that made the key may do as an organiser, with the events of
    one organisation."""

    organisation_id: UUID | None = None


async def _me(request: Request, desk: AtDesk) -> Caller:
    given = await bearer(request)
    if given is None or not given.credentials.startswith(KEYS_BEGIN):
        return await caller_of(request, desk.signer)
    event_id, scope = request.path_params.get("event_id"), scope_of(request.scope["endpoint"])
    key = await api_keys.shown(desk, given.credentials, scope, UUID(event_id) if event_id else None)
    return Program(key.account_id, ORGANISER, organisation_id=key.organisation_id)


def organisation_for(me: Caller, wanted: UUID | None) -> UUID | None:
    """The organisation that a new event is to be of: a program's own. Raises UnknownOrganisation."""
    if not isinstance(me, Program):
        return wanted
    if wanted not in (None, me.organisation_id):
        raise UnknownOrganisation
    return me.organisation_id


Me = Annotated[Caller, Depends(_me)]


async def our_own_form(request: Request, desk: AtDesk) -> None:
    """A dependency of every page. Raises ForeignForm for what another site's page has sent."""
    refuse_foreign(request, [desk.public_desk_url] if desk.public_desk_url else ())


IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=300)]
"""The version that was read, of what is to be changed."""
