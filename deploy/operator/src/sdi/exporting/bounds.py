"""From when to when: what a person says of time, and the offsets that it means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from aiokafka import AIOKafkaConsumer, TopicPartition

from ..errors import Refusal
from ..kafka import spans_of
from .kept import Part

SLACK = timedelta(days=1)
"""By how much the clocks of those who write may disagree, at the most: a record that is later by its time may lie
before one that is earlier."""


def instant_of(said: str, word: str) -> datetime | None:
    """The instant in UTC; None for the word (`beginning`, `now`). A date is its midnight in UTC. Raises Refusal."""
    if said == word:
        return None
    try:
        if len(said) == len("2026-11-16"):
            return datetime.combine(date.fromisoformat(said), time(), UTC)
        moment = datetime.fromisoformat(said)
    except ValueError:
        raise Refusal(f"« {said} » is no time: say {word}, 2026-11-16, or 2026-11-16T09:00:00+01:00") from None
    if moment.tzinfo is None:
        raise Refusal(f"« {said} » does not say in which zone: add Z or an offset, as in {said}+01:00")
    return moment.astimezone(UTC)


async def parts_of(
    consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition], since: datetime | None, until: datetime | None
) -> dict[TopicPartition, Part]:
    """Where to begin and to end in each partition, to find every record of that time."""
    spans = await spans_of(consumer, partitions)
    begins = {tp: begin for tp, (begin, _) in spans.items()}
    ends = {tp: end for tp, (_, end) in spans.items()}
    if since is not None:
        begins = await _first_from(consumer, since, ends)
    if until is not None:
        ends = await _first_from(consumer, until + SLACK, ends)
    return {tp: Part(begins[tp], max(begins[tp], ends[tp])) for tp in partitions}


async def _first_from(
    consumer: AIOKafkaConsumer, moment: datetime, otherwise: dict[TopicPartition, int]
) -> dict[TopicPartition, int]:
    asked = dict.fromkeys(otherwise, int(moment.timestamp() * 1000))
    found = await consumer.offsets_for_times(asked)
    return {tp: found[tp].offset if found.get(tp) else otherwise[tp] for tp in otherwise}
