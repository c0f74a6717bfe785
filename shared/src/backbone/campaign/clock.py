"""The campaign's clock, which can be set back to play an edition again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the campaign's time, in UTC: `now` as it was at `since` (a real instant; by default this one), and on from
    there; without `now`, the real time. Clocks made with the same two agree, in all services, whenever each started.

    For the campaign's own dates only (may one still register, is the map open). Leases, tokens and waits go
    by the real time, and what was stored when by the database's.
    """

    def __init__(self, now: datetime | None = None, since: datetime | None = None) -> None:
        self._ahead = now - (since or datetime.now(UTC)) if now else timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


class StoppedClock(Clock):
    """A clock that stands at one instant until it is moved: for tests and for deterministic kits."""

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self.at = now

    def now(self) -> datetime:
        return self.at
