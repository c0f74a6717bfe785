"""A key of an organisation: by it a program does for the organisation what its scopes say, until its end."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from .account import Line
from .rights import Act

MOST_KEYS = 20
LONGEST_DAYS = 365
KEPT_AFTER = timedelta(days=30)
"""One that has ended is shown for so long, so that whoever looks for what has stopped finds it."""
NOTICES = (timedelta(days=14), timedelta(days=2))
"""So long before its end whoever made it is told."""
KEYS_BEGIN = "sdi_"
_SHAPE = re.compile(r"(sdi_[a-z2-7]{8})_[A-Za-z0-9_-]{43}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


class Scope(StrEnum):
    """What a program may do by a key."""

    EVENTS_READ = "events:read"
    EVENTS_WRITE = "events:write"


class KeyRequest(BaseModel):
    """What somebody says of a key that they make."""

    model_config = ConfigDict(extra="forbid")

    name: Line
    scopes: Annotated[set[Scope], Field(min_length=1)]
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)] = LONGEST_DAYS


class Secret(NamedTuple):
    """A key as its program shows it: `prefix` names it, in lists and logs."""

    prefix: str
    text: str

    @classmethod
    def new(cls) -> Secret:
        prefix = f"sdi_{''.join(secrets.choice(_LETTERS) for _ in range(8))}"
        return cls(prefix, f"{prefix}_{secrets.token_urlsafe(32)}")

    @classmethod
    def read(cls, shown: str) -> Secret | None:
        """None for what is no key of ours."""
        found = _SHAPE.fullmatch(shown)
        return cls(found[1], shown) if found else None

    @property
    def kept(self) -> bytes:
        """What is kept of it: it was drawn, not chosen, and needs no slow hash."""
        return hashlib.sha256(self.text.encode()).digest()


SCOPES: Mapping[Act, Scope] = MappingProxyType(
    {
        Act.READ: Scope.EVENTS_READ,
        Act.KIT: Scope.EVENTS_READ,
        Act.EDIT: Scope.EVENTS_WRITE,
        Act.SUBMIT: Scope.EVENTS_WRITE,
        Act.WITHDRAW: Scope.EVENTS_WRITE,
        Act.ANNOUNCE: Scope.EVENTS_WRITE,
    }
)
"""Which scope an act with an event takes; those that are not here no program does."""


def notices_before(life: timedelta) -> list[timedelta]:
    """After how long, from now on, the end of a key that lives for so long is told."""
    return [life - before for before in NOTICES if life > before]
