"""Codes by which late events come in, over HTTP: for who decides for a region."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Body, Response
from pydantic import BaseModel

from backbone.http.openapi import refusals

from ...domain.late import LateCodeRequest
from ...domain.rights import Door
from ...handlers.events import check_account
from ...handlers.late import give_code
from ..asking import AtDesk, Me
from ..manual.examples import LATE_CODES
from ..once import ToTellOnce
from ..routes import routes_behind_bearer
from ..rules import rule

routes = routes_behind_bearer("/v1/late-codes", "Relecture")


class LateCodeView(BaseModel):
    """A code, said this once: only a hash of it is kept."""

    code: str
    region: str | None
    ends_at: datetime


ARequest = Annotated[LateCodeRequest, Body(openapi_examples=LATE_CODES)]


@routes.post(
    "",
    status_code=201,
    summary="Donner un code qui laisse entrer un événement en retard",
    response_model=LateCodeView,
    responses=refusals(403, 422),
)
@rule(Door.REVIEWING)
async def give_late_code(asked: ARequest, me: Me, desk: AtDesk, once: ToTellOnce, response: Response) -> Any:
    async with desk.engine.begin() as tx:
        account = await check_account(tx, me.account_id)
        if answer := await once.answered(tx, me.account_id):
            return answer
        code, region, ends_at = await give_code(tx, desk, account, asked)
        view = LateCodeView(code=code, region=region, ends_at=ends_at)
        return await once.keep(tx, me.account_id, view, response)
