"""What the topics need on a broker, and who hears them: data, for those who deploy and those who look after it."""

from __future__ import annotations

from collections.abc import Mapping

from . import (
    COMMSKIT_KITS,
    FACT_TOPICS,
    GEOCODING_LOCATIONS,
    LABELLING_DECISIONS,
    REGISTRATION_EVENTS,
    REGISTRATION_ORGANISERS,
    EventSubmitted,
    Fact,
    Topic,
    dead_letters,
)

PARTITIONS = 6  # never changed afterwards: the partition of a key, and with it the order of its facts, would change
DAY = 24 * 3600 * 1000  # Kafka counts in milliseconds
CAMPAIGN = 300 * DAY  # from the first registrations in January to the end of the week in November
ERASED_WITHIN = 20 * DAY  # of the month that the GDPR gives: the other ten are for a segment to close and be cleaned
DEAD_LETTERS_KEPT = 28 * DAY  # and a day more until their segment closes: within the month too
LONGEST_OUTAGE = 7 * DAY  # a reader that was away so long still finds the tombstones it missed

HEARD: Mapping[str, tuple[Topic, ...]] = {
    "registration": (LABELLING_DECISIONS, GEOCODING_LOCATIONS, COMMSKIT_KITS),
    "labelling": (REGISTRATION_EVENTS,),
    "geocoding": (REGISTRATION_EVENTS,),
    "commskit": (REGISTRATION_EVENTS, REGISTRATION_ORGANISERS, LABELLING_DECISIONS),
    "map-feed": (REGISTRATION_EVENTS, LABELLING_DECISIONS, GEOCODING_LOCATIONS),
}
"""The topics that each service hears, in a consumer group of its own name."""

PASSED_OVER: Mapping[str, tuple[type[Fact], ...]] = {"commskit": (EventSubmitted,), "map-feed": (EventSubmitted,)}
"""What is told on topics that a service hears, and does not concern it: what it needs of it, the decision carries."""


def all_topics() -> list[Topic]:
    """Every topic of the platform: the facts, and each service's dead letters."""
    return [*FACT_TOPICS, *map(dead_letters, HEARD)]


def settings_of(topic: Topic) -> dict[str, str]:
    """The topic's settings on the broker."""
    settings: dict[str, object]
    if not topic.compacted:
        settings = {"cleanup.policy": "delete", "retention.ms": DEAD_LETTERS_KEPT, "segment.ms": DAY}
    elif topic.personal:
        # an erased person's facts may go at once, and must be gone in time. Kafka refuses a min above the max
        lags = {"min.compaction.lag.ms": 0, "max.compaction.lag.ms": ERASED_WITHIN, "segment.ms": DAY}
        settings = {"cleanup.policy": "compact", "delete.retention.ms": LONGEST_OUTAGE, **lags}
    else:
        # nobody's data: the whole story of every event stays readable until its edition is over
        settings = {
            "cleanup.policy": "compact",
            "delete.retention.ms": LONGEST_OUTAGE,
            "min.compaction.lag.ms": CAMPAIGN,
        }
    return {name: str(value) for name, value in settings.items()}
