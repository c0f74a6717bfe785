"""How the read model of map-feed is rebuilt: folded up to now, compared with the live one, switched."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from backbone.contracts.topics import HEARD

from .errors import Refusal
from .fold import SERVICE, TopicsFold
from .kafka import partitions_of, reading
from .lag import read_lags
from .output import counted, progress
from .settings import MapFeedSettings
from .shadow import Comparison, ShadowTable, shadow_table

TABLE_HELD_SECONDS = 60.0  # at most, while the live service waits; after it, nothing was changed


@dataclass(frozen=True)
class Outcome:
    """What a rebuild came to; the comparison is of before the switch."""

    comparison: Comparison
    facts: int
    set_aside: int
    behind: int
    switched: bool
    seconds: float

    @property
    def how_they_differ(self) -> str:
        return how_they_differ(self.comparison, self.behind)


def how_they_differ(found: Comparison, behind: int) -> str:
    """What the live table lacks or has too much, in a sentence."""
    amiss = f"{found.missing} missing, {found.different} different, {found.too_many} too many in the live one"
    why = f" The live service has yet to hear {counted(behind, 'fact')}." if behind else ""
    more = "" if len(found.some) == found.missing + found.different + found.too_many else " …"
    return f"They differ: {amiss}: {', '.join(found.some)}{more}.{why}"


async def rebuild_map_feed(
    settings: MapFeedSettings, wait: float, agree_to: Callable[[str], None] | None = None
) -> Outcome:
    """Rebuilds and compares; and switches, if there is somebody to agree to what differs. Raises Refusal."""
    partitions = await partitions_of(settings, HEARD[SERVICE])
    url = settings.database_url.get_secret_value()
    async with shadow_table(url) as shadow, reading(settings) as consumer:
        fold = TopicsFold(shadow, consumer, [tp for tps in partitions.values() for tp in tps])
        began = time.monotonic()
        with progress() as bars:
            await fold.follow(bars)
        seconds = time.monotonic() - began
        comparison, behind = await _compare(settings, shadow, fold, wait)
        if agree_to is not None:
            if not fold.facts:
                raise Refusal("the topics are empty, and so would the map be: is KAFKA_BOOTSTRAP_SERVERS right?")
            if not comparison.agree:
                agree_to(how_they_differ(comparison, behind))
                await fold.catch_up()  # the question may have stood for long
            async with asyncio.timeout(TABLE_HELD_SECONDS):
                comparison = await shadow.switch(fold.catch_up)
    return Outcome(comparison, fold.facts, fold.set_aside, behind, agree_to is not None, seconds)


async def _compare(
    settings: MapFeedSettings, shadow: ShadowTable, fold: TopicsFold, wait: float
) -> tuple[Comparison, int]:
    """Compares until the two agree; else until the live service has heard what was told, or has had its time."""
    give_up = time.monotonic() + wait
    while True:
        await fold.catch_up()
        # in this order: a service that had heard everything before the look, and is told nothing before the next,
        # was compared with exactly what it heard
        behind = sum(one.lag for one in await read_lags(settings, {SERVICE: HEARD[SERVICE]}))
        comparison = await shadow.compare()
        told_meanwhile = await fold.catch_up()
        if comparison.agree or (not behind and not told_meanwhile) or time.monotonic() > give_up:
            return comparison, behind
        await asyncio.sleep(0.5)
