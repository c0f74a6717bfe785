"""Everything about me, over HTTP."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import IO, Annotated, Any

from fastapi import Body
from fastapi.responses import StreamingResponse

from backbone.http.openapi import refusals, with_headers
from backbone.http.routes import api_routes

from ...domain.account import Credentials
from ...domain.refusals import AccountGone
from ...domain.rights import Door
from ...handlers import accounts
from ...handlers.exporting import export
from ..asking import AtDesk, FromClient
from ..manual.examples import CREDENTIALS
from ..rules import rule

log = logging.getLogger(__name__)

routes = api_routes(prefix="/v1", tags=["Comptes"])

ZIP = "application/zip"
CHUNK = 64 * 1024
_A_ZIP: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Une archive : un fichier JSON par genre de données, et README.txt qui les explique.",
        "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}},
        **with_headers("Content-Disposition"),
    }
}


# the password is asked for again, as for an erasure: a token that was stolen must not take all of it away
@routes.post(
    "/accounts/export",
    summary="Recevoir tout ce qui est gardé de moi",
    response_class=StreamingResponse,
    responses=_A_ZIP | refusals(401),
)
@rule(Door.ANYONE)
async def export_account(
    credentials: Annotated[Credentials, Body(openapi_examples=CREDENTIALS)], desk: AtDesk, client: FromClient
) -> StreamingResponse:
    account = await accounts.identify(desk, credentials, client)
    written = await export(desk, account.id)
    if written is None:
        raise AccountGone
    log.info("a person was handed what is kept of them", extra={"account": str(account.id)})
    headers = {
        "Content-Disposition": f'attachment; filename="mes-donnees-{desk.clock.now():%Y-%m-%d}.zip"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_pieces(written), media_type=ZIP, headers=headers)


def _pieces(written: IO[bytes]) -> Iterator[bytes]:
    with written:
        while piece := written.read(CHUNK):
            yield piece
