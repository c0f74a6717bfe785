"""What geocoding's handlers and look-ups are given, and who is asked for an address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from backbone.campaign.clock import Clock
from backbone.runtime.metrics import Book
from backbone.service.service import Close

from .ban import BanGeocoder
from .counted import Counted
from .domain import FirstThatKnows, Geocoder
from .gazetteer import Gazetteer
from .metrics import Metrics
from .settings import Settings
from .territories import Territories


@dataclass(frozen=True)
class Desk:
    """Whoever knows addresses, and the campaign's clock; `close` lets go of what was opened for it."""

    geocoder: Geocoder
    clock: Clock
    close: Close | None = None
    metrics: Metrics = field(default_factory=lambda: Metrics(Book()))
    territories: Territories = field(default_factory=Territories.load)

    @classmethod
    def open(cls, settings: Settings, clock: Clock, metrics: Metrics | None = None) -> Self:
        """The national service with the gazetteer behind it, or the gazetteer alone. Nothing is connected to yet."""
        gazetteer, metrics = Gazetteer.load(), metrics or Metrics(Book())
        behind = Counted(gazetteer, "gazetteer", metrics)
        if settings.geocoder_url is None:
            return cls(behind, clock, metrics=metrics)
        ban = BanGeocoder(
            settings.geocoder_url,
            gazetteer,
            user_agent=f"semaine-industrie/1 (+{settings.public_map_url})",
            per_second=settings.geocoder_per_second,
            timed=metrics.call_seconds.labels("ban").time,
        )
        return cls(FirstThatKnows(Counted(ban, "ban", metrics), behind), clock, ban.aclose, metrics)
