"""What the public may know of how the label is decided: by what, how often a person thought otherwise, how long it
took. Counted from the log's tallies, and kept for a minute: anybody may ask."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

KEPT_SECONDS = 60.0


@dataclass(frozen=True)
class Tally:
    """Of one edition. A decision is a label given or refused to one revision; hours are those of the clock on the wall,
    from the question to a person to their word, corrections not counted in."""

    decisions: int = 0
    automatic: int = 0
    """Taken by the rules alone."""
    by_persons: int = 0
    """Taken by a person, or resting on what one found."""
    by_silence: int = 0
    asked: int = 0
    """Questions to a person: reviews and appeals."""
    waiting: int = 0
    overdue: int = 0
    answered: int = 0
    answered_in_time: int = 0
    appeals: int = 0
    appeals_open: int = 0
    appeals_granted: int = 0
    appeals_refused: int = 0
    overturned: int = 0
    """Refusals by the rules alone that a person thought wrong."""
    hours_p50: float | None = None
    hours_p90: float | None = None


# a question that is told again (another region, an amendment that touches nothing) has the same end: it is one
_COUNT = text(
    "WITH told AS ("
    "  SELECT *, lag(due_at) OVER story AS question,"
    "   lag(label) OVER story AS label_before, lag(decided_by) OVER story AS by_before,"
    "   lag(automated) OVER story AS automated_before"
    "  FROM tallies WHERE edition = :edition WINDOW story AS (PARTITION BY event_id ORDER BY sequence)"
    "), decided AS (SELECT * FROM told WHERE NOT is_open AND label IN ('granted', 'refused')"
    "), asked AS ("
    "  SELECT event_id, due_at, label = 'refused' AS is_appeal, min(decided_at) AS asked_at,"
    "   bool_or(by_before <> 'organiser' AND automated_before AND label = 'refused') AS contests_rules"
    "  FROM told WHERE due_at IS NOT NULL GROUP BY event_id, due_at, label = 'refused'"
    "), answered AS ("
    "  SELECT decided.*, asked.asked_at, asked.is_appeal, asked.contests_rules FROM decided"
    "  JOIN asked ON asked.event_id = decided.event_id AND asked.due_at = decided.question"
    "   AND asked.is_appeal = (decided.label_before = 'refused')"
    "  WHERE decided.decided_by IN ('review', 'appeal', 'silence')"
    "), times AS ("
    "  SELECT CAST(extract(epoch FROM decided_at - asked_at) / 3600 AS float8) AS hours"
    "  FROM answered WHERE decided_by <> 'silence'"
    "), waiting AS ("
    "  SELECT cases.due_at, cases.asks FROM cases JOIN tallies USING (event_id, sequence)"
    "  WHERE tallies.edition = :edition AND cases.asks IN ('review', 'appeal'))"
    " SELECT"
    " (SELECT count(*) FROM decided) AS decisions,"
    " (SELECT count(*) FROM decided WHERE automated AND decided_by <> 'silence') AS automatic,"
    " (SELECT count(*) FROM decided WHERE NOT automated) AS by_persons,"
    " (SELECT count(*) FROM decided WHERE decided_by = 'silence') AS by_silence,"
    " (SELECT count(*) FROM asked) AS asked,"
    " (SELECT count(*) FROM waiting) AS waiting,"
    " (SELECT count(*) FROM waiting WHERE due_at < CAST(:now AS timestamptz)) AS overdue,"
    " (SELECT count(*) FROM times) AS answered,"
    " (SELECT count(*) FROM answered WHERE decided_by <> 'silence' AND decided_at <= question) AS answered_in_time,"
    " (SELECT count(*) FROM asked WHERE is_appeal) AS appeals,"
    " (SELECT count(*) FROM waiting WHERE asks = 'appeal') AS appeals_open,"
    " (SELECT count(*) FROM answered WHERE is_appeal AND label = 'granted') AS appeals_granted,"
    " (SELECT count(*) FROM answered WHERE is_appeal AND label = 'refused') AS appeals_refused,"
    " (SELECT count(*) FROM answered WHERE contests_rules AND label = 'granted' AND decided_by = 'appeal')"
    "  AS overturned,"
    " (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY hours) FROM times) AS hours_p50,"
    " (SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY hours) FROM times) AS hours_p90"
)


class Statistics:
    """Counts each edition at most once a minute in this process, however many ask."""

    def __init__(self, engine: AsyncEngine, kept_seconds: float = KEPT_SECONDS) -> None:
        self._engine, self._kept_seconds = engine, kept_seconds
        self._kept: dict[str, tuple[float, Tally]] = {}
        self._counting = asyncio.Lock()

    async def of(self, edition: str, now: datetime) -> Tally:
        """What is counted of an edition; `now` by the campaign's clock."""
        async with self._counting:
            at, tally = self._kept.get(edition, (0.0, Tally()))
            if edition not in self._kept or time.monotonic() - at > self._kept_seconds:
                tally = await self._count(edition, now)
                self._kept[edition] = time.monotonic(), tally
            return tally

    async def _count(self, edition: str, now: datetime) -> Tally:
        async with self._engine.connect() as tx:
            row = (await tx.execute(_COUNT, {"edition": edition, "now": now})).one()
        return Tally(**row._mapping)
