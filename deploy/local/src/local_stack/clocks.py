"""The one clock of a stack, kept from start to start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from backbone.campaign.edition import Edition
from provision.clocks import Begun, middle_of_registration


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
