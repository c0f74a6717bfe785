"""A code by which a reviewer lets one late event in. Pure."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backbone.campaign.edition import Edition

from .deadline import PARIS, day_in_paris
from .refusals import Unacceptable

NOT_THEN = "Choisissez un jour à venir, au plus tard le dernier de la Semaine."
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that one reads as another
_GROUP, _GROUPS = 4, 3  # 58 bits: whoever has the table and a month finds none


class LateCodeRequest(BaseModel):
    """A code for one event of a region, until the end of a day in Paris."""

    model_config = ConfigDict(extra="forbid")

    region: Annotated[str, Field(pattern=r"^[0-9]{2}$")] | None = None
    until: date | None = None


@dataclass(frozen=True)
class LateCode:
    """What is kept of a code. `region`: whose events it lets in; None: any. `event_id`: the one that it let in."""

    region: str | None
    ends_at: datetime
    event_id: UUID | None

    def lets_in(self, event_id: UUID, region: str | None, now: datetime) -> bool:
        """Whether this event comes in by it; one that has come in may be mended by it too."""
        is_its_own = self.event_id in (None, event_id)
        return is_its_own and now < self.ends_at and self.region in (None, region)


def a_code() -> str:
    """« 7KQ4-XM2P-9TRA »."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))


def hash_of(code: str) -> bytes:
    """What is kept of it, however it is typed."""
    return sha256("".join(code.split()).replace("-", "").upper().encode()).digest()


def end_of(request: LateCodeRequest, edition: Edition, now: datetime) -> datetime:
    """The first instant at which the code is not good any more; where none is asked for, the week's. Raises
    Unacceptable."""
    until = request.until or edition.amendable_until
    if not day_in_paris(now) <= until <= edition.week.last:
        raise Unacceptable.field("until", ValueError(NOT_THEN))
    return datetime.combine(until + timedelta(days=1), time(), PARIS)
