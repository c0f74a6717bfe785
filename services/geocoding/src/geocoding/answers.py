"""What the national service answered, kept for all replicas."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from hashlib import sha256

from pydantic import TypeAdapter
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.contracts import Address
from backbone.texts.pasted import skeleton

from .domain import Hit
from .names import fold
from .store import answers

_HIT: TypeAdapter[Hit] = TypeAdapter(Hit)  # what a newer release adds to it is passed over


class Answers:
    """Its hits, and that it has none; what is made of a hit is decided anew each time."""

    def __init__(self, engine: AsyncEngine, kept: timedelta) -> None:
        self._engine, self._kept = engine, kept

    async def known_or(self, key: bytes, ask: Callable[[], Awaitable[Hit | None]]) -> Hit | None:
        """The answer to this question, if it is no older than it may be; otherwise it is asked, and what it raises is
        kept by nobody."""
        async with self._engine.connect() as tx:
            is_it = (answers.c.key == key) & (answers.c.asked_at > func.now() - self._kept)
            known = (await tx.execute(select(answers.c.hit).where(is_it))).one_or_none()
        if known is not None:
            return None if known.hit is None else _HIT.validate_python(known.hit)
        hit = await ask()
        told = {"hit": None if hit is None else _HIT.dump_python(hit), "asked_at": func.now()}
        async with self._engine.begin() as tx:
            new = insert(answers).values(key=key, **told)
            await tx.execute(new.on_conflict_do_update(index_elements=[answers.c.key], set_=told))
        return hit


def key_of(address: Address, bounds: Mapping[str, str]) -> bytes:
    """The same for all ways to write an address, within the same bounds. A digest: nobody reads addresses here."""
    city = fold(address.city) or _plain(address.city)
    asked = (_plain(address.street or ""), address.postcode, city, *sorted(bounds.items()))
    return sha256(repr(asked).encode()).digest()


def _plain(written: str) -> str:
    return " ".join(re.findall(r"\w+", skeleton(written)))
