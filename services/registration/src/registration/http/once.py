"""A creating call that may be sent again: under one `Idempotency-Key` it is done once, and answered alike for a day."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from backbone.postgres.database import Tx

from .. import store
from ..domain.refusals import KeyReused
from ..handlers.events import hold_account


class Once:
    """The call, with its key if it has one. A call that is refused leaves nothing, and may be mended under its key."""

    def __init__(self, key: str | None, fingerprint: bytes) -> None:
        self._key, self._fingerprint = key, fingerprint

    async def answered(self, tx: Tx, me: UUID) -> Response | None:
        """What was answered to it before. Raises AccountGone, or KeyReused if something else was asked under it."""
        if self._key is None:
            return None
        await hold_account(tx, me)
        before = await store.take_key(tx, me, self._key, self._fingerprint)
        if before is None:
            return None
        if before.fingerprint != self._fingerprint:
            raise KeyReused
        return Response(before.body, before.status, before.headers, media_type="application/json")

    async def keep(self, tx: Tx, me: UUID, view: BaseModel, response: Response, names: Mapping[str, str]) -> None:
        """Keeps what is answered, in the transaction of what was done. `names`: the headers that say what was made."""
        response.headers.update(names)
        if self._key is not None:
            status = response.status_code or 201
            await store.keep_answer(tx, me, self._key, status, dict(names), view.model_dump_json())


async def _once(
    request: Request,
    key: Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)] = None,
) -> Once:
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + await request.body()
    return Once(key, sha256(asked).digest())


ToDoOnce = Annotated[Once, Depends(_once)]
