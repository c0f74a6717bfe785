"""What geocoding's handlers and look-ups are given, and who is asked for an address."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.campaign.clock import Clock
from backbone.runtime.metrics import Book
from backbone.service.service import Close

from .answers import Answers
from .ban import BanGeocoder
from .budget import Budget
from .counted import Counted
from .domain import Geocoder
from .gazetteer import Gazetteer
from .metrics import Metrics
from .pipeline import Pipeline
from .settings import Settings


@dataclass(frozen=True)
class Desk:
    """The way of an address to a point, and the campaign's clock; `close` lets go of what was opened for it."""

    pipeline: Pipeline
    clock: Clock
    close: Close | None = None
    metrics: Metrics = field(default_factory=lambda: Metrics(Book()))

    @classmethod
    def open(cls, settings: Settings, engine: AsyncEngine, clock: Clock, metrics: Metrics | None = None) -> Self:
        """The providers in the order of the settings. Nothing is connected to yet."""
        gazetteer, metrics = Gazetteer.load(), metrics or Metrics(Book())
        providers: dict[str, Geocoder] = {"gazetteer": Counted(gazetteer, "gazetteer", metrics)}
        close = None
        if settings.geocoder_url is not None:
            ban = BanGeocoder(
                settings.geocoder_url,
                gazetteer,
                budget=Budget(engine, settings.geocoder_per_second),
                answers=Answers(engine, timedelta(days=settings.geocoder_answers_kept_days)),
                batches=settings.geocoder_batches,
                user_agent=f"semaine-industrie/1 (+{settings.public_map_url})",
                timed=metrics.call_seconds.labels("ban").time,
            )
            providers["ban"], close = Counted(ban, "ban", metrics), ban.aclose
        order = [name for name in settings.geocoder_order.split() if name in providers]
        return cls(Pipeline({name: providers[name] for name in order}, gazetteer), clock, close, metrics)
