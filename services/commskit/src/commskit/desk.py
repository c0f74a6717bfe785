"""What commskit's handlers and works are given."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.campaign.clock import Clock
from backbone.campaign.edition import Editions
from backbone.mail.mailers import Mailer
from backbone.runtime.metrics import Book

from .domain.look import Look
from .letter import Pages
from .metrics import Metrics
from .render import RenderPool

_YEAR = re.compile("[0-9]{4}")


@dataclass(frozen=True)
class Desk:
    """What it takes to make and send kits and notices."""

    engine: AsyncEngine
    renderers: RenderPool
    mailer: Mailer
    editions: Editions
    clock: Clock
    public_map_url: str
    public_registration_url: str
    mail_from: str
    metrics: Metrics = field(default_factory=lambda: Metrics(Book()))

    def look(self, edition: str) -> Look:
        """How an edition looks; one that nobody knows here looks like the current one."""
        return Look.of(self.editions.get(edition) or self.editions.current)

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
