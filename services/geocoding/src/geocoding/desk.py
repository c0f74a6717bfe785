"""What geocoding's handlers and look-ups are given, and who is asked for an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from backbone.campaign.clock import Clock
from backbone.service.service import Close

from .ban import BanGeocoder
from .domain import FirstThatKnows, Geocoder
from .gazetteer import Gazetteer
from .settings import Settings


@dataclass(frozen=True)
class Desk:
    """Whoever knows addresses, and the campaign's clock; `close` lets go of what was opened for it."""

    geocoder: Geocoder
    clock: Clock
    close: Close | None = None

    @classmethod
    def open(cls, settings: Settings, clock: Clock) -> Self:
        """The national service with the gazetteer behind it, or the gazetteer alone. Nothing is connected to yet."""
        gazetteer = Gazetteer.load()
        if settings.geocoder_url is None:
            return cls(gazetteer, clock)
        agent = f"semaine-industrie/1 (+{settings.public_map_url})"
        ban = BanGeocoder(settings.geocoder_url, gazetteer, user_agent=agent, per_second=settings.geocoder_per_second)
        return cls(FirstThatKnows(ban, gazetteer), clock, ban.aclose)
