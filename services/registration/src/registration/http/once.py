"""A creating call that may be sent again: under one `Idempotency-Key` it is done once, and answered alike for a day."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from backbone.postgres.database import Tx

from .. import store
from ..domain.refusals import KeyReused
from ..handlers.events import hold_account
from ..sealing import Seal, Unsealable
from .asking import AtDesk

View = TypeVar("View", bound=BaseModel)
AKey = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


class Once:
    """The call, with its key if it has one. A call that is refused leaves nothing, and may be mended under its key.
    With a `seal`, what is answered holds a secret that is kept nowhere else."""

    def __init__(self, request: Request, key: str | None, body: bytes, *, seal: Seal | None = None) -> None:
        asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
        self._key, self._fingerprint, self._seal = key, sha256(asked + body).digest(), seal
        self._status: int = request.scope["route"].status_code or 200

    async def answered(self, tx: Tx, me: UUID) -> Response | None:
        """What was answered to it before. It holds the account: an organisation that is locked too, is so before.

        Raises AccountGone, or KeyReused if something else was asked under it."""
        if self._key is None:
            return None
        await hold_account(tx, me)
        before = await store.take_key(tx, me, self._key, self._fingerprint)
        if before is None:
            return None
        if before.fingerprint != self._fingerprint:
            raise KeyReused
        return Response(self._opened(before.body), before.status, before.headers, media_type="application/json")

    async def keep(
        self, tx: Tx, me: UUID, view: View, response: Response, names: Mapping[str, str] | None = None
    ) -> View:
        """Keeps what is answered, in the transaction of what was done. `names`: the headers that say what was made."""
        named = dict(names or {})
        response.headers.update(named)
        if self._key is not None:
            body = view.model_dump_json()
            kept = self._seal.sealed(body) if self._seal else body
            await store.keep_answer(tx, me, self._key, self._status, named, kept)
        return view

    def _opened(self, body: str) -> str:
        try:
            return self._seal.opened(body) if self._seal else body
        except Unsealable:  # its key was taken away within the day
            raise KeyReused from None


async def _once(request: Request, key: AKey = None) -> Once:
    return Once(request, key, await request.body())


async def _once_with_a_secret(request: Request, desk: AtDesk, key: AKey = None) -> Once:
    return Once(request, key, await request.body(), seal=desk.vault)


ToDoOnce = Annotated[Once, Depends(_once)]
ToTellOnce = Annotated[Once, Depends(_once_with_a_secret)]
"""What is answered holds a secret."""
