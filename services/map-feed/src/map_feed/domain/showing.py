"""Which editions the public sees: those that are known here, from the day on which their map opens."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from backbone.campaign.edition import Edition

PARIS = ZoneInfo("Europe/Paris")


def is_open(edition: Edition, now: datetime) -> bool:
    """Whether the day on which its map opens has come, in Paris."""
    return now.astimezone(PARIS).date() >= edition.map.opens
