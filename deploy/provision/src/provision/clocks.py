"""The one clock of a deployment that plays an edition: when the campaign's time began, and the real time then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from backbone.campaign.clock import Clock
from backbone.campaign.edition import Edition


@dataclass(frozen=True)
class Begun:
    """A clock as services are told of it: it was `now` at the real instant `since`."""

    now: str
    since: str

    @classmethod
    def at(cls, now: datetime) -> Begun:
        """A clock that begins at this moment."""
        return cls(now.isoformat(), datetime.now(UTC).isoformat())

    @property
    def clock(self) -> Clock:
        return Clock(datetime.fromisoformat(self.now), datetime.fromisoformat(self.since))

    @property
    def settings(self) -> dict[str, str]:
        """The environment that tells it."""
        return {"NOW": self.now, "NOW_SINCE": self.since}


def middle_of_registration(edition: Edition) -> datetime:
    """Noon in Paris, half-way through the time in which events are registered: when a demonstration plays."""
    period = edition.registration
    day = period.opens + timedelta(days=(period.last_day - period.opens).days // 2)
    return datetime.combine(max(day, edition.map.opens), time(12), ZoneInfo("Europe/Paris"))
