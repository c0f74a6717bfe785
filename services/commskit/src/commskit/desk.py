"""What commskit's handlers and works are given."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.campaign.clock import Clock
from backbone.campaign.edition import Editions
from backbone.contracts import canary
from backbone.http.access import KeySource
from backbone.mail.mailers import Mailer
from backbone.runtime.metrics import Book

from .domain.look import Look
from .letter import Pages
from .metrics import Metrics
from .render import RenderPool

_YEAR = re.compile("[0-9]{4}")


class EditionUnknown(Exception):
    """Nobody here knows this edition: its kit would bear another's week. An operator adds its file to those beside
    EDITION, and tries what failed again."""


@dataclass(frozen=True)
class Desk:
    """What it takes to make and send kits and notices."""

    engine: AsyncEngine
    renderers: RenderPool
    mailer: Mailer
    keys: KeySource
    editions: Editions
    clock: Clock
    public_map_url: str
    public_registration_url: str
    mail_from: str
    metrics: Metrics = field(default_factory=lambda: Metrics(Book()))

    def look(self, edition: str) -> Look:
        """How an edition looks. What no campaign prints (the canary's, a name that is no year) looks like the current
        one. Raises EditionUnknown."""
        known = self.editions.current if edition == canary.EDITION else self.editions.get(self.edition(edition))
        if known is None:
            raise EditionUnknown(f"no file beside that of the current edition describes {edition}")
        return Look.of(known)

    def edition(self, name: str) -> str:
        """What is told as the edition of an event of this one. Names that are no years are for those to tell who make
        them: a fact that is refused when its mail has left would have it sent again."""
        return name if _YEAR.fullmatch(name) else self.editions.current.name

    def pages(self, event_id: UUID) -> Pages:
        """Where the public reads of this event, and its organiser."""
        public, own = self.public_map_url.rstrip("/"), self.public_registration_url.rstrip("/")
        return Pages(
            event=f"{public}/evenements/{event_id}", contact=f"{public}/contact", own=f"{own}/evenements/{event_id}"
        )

    async def close(self) -> None:
        await self.renderers.close()
