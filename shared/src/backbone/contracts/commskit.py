"""What commskit tells: whether a kit reached the mail server. Never to whom."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from .base import EventFact, Topic

COMMSKIT_KITS = Topic("commskit.kits", writer="commskit")


class KitSent(EventFact):
    """The mail server accepted the kit of this revision."""

    topic: ClassVar[Topic] = COMMSKIT_KITS
    kit_id: UUID
    pieces: tuple[str, ...] = Field(description="Names of the files in the kit, e.g. « affiche-a4.pdf »")
    sent_at: AwareDatetime


class KitFailed(EventFact):
    """The kit of this revision could not be made or sent; an operator sees why in commskit."""

    topic: ClassVar[Topic] = COMMSKIT_KITS
    reason: str = Field(description="A short code without personal data, e.g. « address-refused »")
    failed_at: AwareDatetime
