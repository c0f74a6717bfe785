"""The canary: an event of nobody's that goes the way of all others once a minute, so that one sees how long that takes.

It is told like any other, on the public topics, and is none: whoever shows, counts or takes out events leaves out those
of its edition.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

EDITION = "0000"
"""The edition of the canary alone. No campaign bears this name."""
EVENT = UUID("ca9a5100-0000-4000-8000-000000000001")
"""There is one of it, in every deployment the same: it is submitted again and again."""
ORGANISER = UUID("ca9a5100-0000-4000-8000-000000000002")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PASSAGE = re.compile(r"Passage (\d{13})\b")


def passage(at: datetime) -> str:
    """The words in its description that say when it was submitted, by the real time."""
    return f"Passage {(at - _EPOCH) // timedelta(milliseconds=1)}"


def submitted_at(description: str) -> float | None:
    """When it was submitted, in seconds of Unix' time; None where its description does not say."""
    said = _PASSAGE.search(description)
    return int(said[1]) / 1000 if said else None
