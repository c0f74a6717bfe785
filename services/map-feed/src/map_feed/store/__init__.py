"""The tables, and the few questions asked of them: the read model, and what was told of it."""

from .changes import changes, journal
from .events import (
    EVENTS,
    Bookmark,
    Seen,
    Sum,
    Written,
    count_seen,
    events,
    oldest_running,
    seen_of,
    sum_seen,
    written_after,
)
from .tables import metadata
from .webhooks import webhooks

__all__ = [
    "EVENTS",
    "Bookmark",
    "Seen",
    "Sum",
    "Written",
    "changes",
    "count_seen",
    "events",
    "journal",
    "metadata",
    "oldest_running",
    "seen_of",
    "sum_seen",
    "webhooks",
    "written_after",
]
