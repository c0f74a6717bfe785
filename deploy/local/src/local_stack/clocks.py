"""The one clock of a stack: when the campaign's time began, and what the real time was then."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from backbone.campaign.clock import Clock
from backbone.campaign.edition import Edition

from .places import middle_of_registration


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


def begin_clock(file: Path, edition: Edition, environ: Mapping[str, str]) -> Begun:
    """`NOW` as it is given; else the clock kept in `file`, so that what is told after a new start is later than what
    was told before it; else, and once nobody may register any more by that one, the middle of the registrations."""
    if given := environ.get("NOW"):
        return Begun(given, environ.get("NOW_SINCE") or datetime.now(UTC).isoformat())
    if file.exists() and not _is_over(kept := Begun(**json.loads(file.read_text())), edition):
        return kept
    begun = Begun.at(middle_of_registration(edition))
    file.write_text(json.dumps({"now": begun.now, "since": begun.since}))
    return begun


def _is_over(kept: Begun, edition: Edition) -> bool:
    return kept.clock.now().date() > edition.registration.last_day
