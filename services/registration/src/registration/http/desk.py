"""What the routes work with, and who stands before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.campaign.clock import Clock
from backbone.campaign.edition import Edition
from backbone.http.access import Caller, Signer
from backbone.http.bearer import caller_of

from ..confirmation import Confirmations
from ..passwords import Passwords
from ..throttle import Throttle


@dataclass(frozen=True)
class Desk:
    """The collaborators of every route; `app.state.desk` holds it."""

    engine: AsyncEngine
    edition: Edition
    clock: Clock
    passwords: Passwords
    confirmations: Confirmations
    signer: Signer
    throttle: Throttle
    tombstone_again_after: Sequence[timedelta]


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
