"""Dead letters: what the services set aside, and what an operator has done about each.

A letter is settled by a mark: one more record in the letter's own partition, whose key is `partition:offset` of the
letter (docs/decisions/0008-a-dead-letter-is-settled-by-a-mark.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from backbone.contracts import FACT_TOPICS, Topic, dead_letters
from backbone.contracts.topics import HEARD
from backbone.kafka.publisher import Outgoing

from .kafka import Record, partitions_of, read, reading, spans_of, writing
from .output import progress
from .settings import Settings

_FACTS = {topic.name for topic in FACT_TOPICS}


class Outcome(StrEnum):
    """What an operator has done about a letter."""

    REPLAYED = "replayed"
    DISCARDED = "discarded"


@dataclass(frozen=True, order=True)
class RecordPlace:
    """Where a record is, or was."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic} {self.partition} {self.offset}"


@dataclass(frozen=True)
class DeadLetter:
    """A message that a service set aside."""

    service: str
    place: RecordPlace
    source: RecordPlace | None
    reason: str
    set_aside_at: datetime
    record: Record = field(repr=False, compare=False)
    outcome: Outcome | None = None

    @property
    def topic(self) -> Topic | None:
        """The topic that it says it came from; None where it says none, or one that its service does not hear."""
        heard = {topic.name: topic for topic in HEARD[self.service]}
        return heard.get(self.source.topic) if self.source else None

    @property
    def is_personal(self) -> bool:
        """Whether it may hold personal data; of what comes from nowhere known, we cannot say that it does not."""
        return self.topic.personal if self.topic else True

    @property
    def original(self) -> Outgoing | None:
        """The message as it was; None where the letter had no room for it."""
        if _last(self.record, "dlq.left_out") is not None:
            return None
        return Outgoing(
            self.source.topic if self.source else "", self.record.key, self.record.value, _theirs(self.record)
        )

    def is_of(self, record: Record) -> bool:
        """Whether it was made of this record: the same key, value and headers, byte for byte, as far as it had room."""
        original = self.original
        if original is None:
            return self.record.key == record.key
        ours = original.key, original.value, list(original.headers)
        theirs = record.key, record.value, _theirs(record)
        # neither key nor value: a letter holds no bytes there, as aiokafka does not write such a record
        return ours == theirs or (record.key is record.value is None and ours == (None, b"", theirs[2]))


def _theirs(record: Record) -> list[tuple[str, bytes]]:
    # as a service writes it into a letter: without null headers, and with its own behind
    return [(name, value) for name, value in record.headers if value is not None and not name.startswith("dlq.")]


async def read_letters(settings: Settings, services: Iterable[str] = HEARD) -> list[DeadLetter]:
    """All letters that the topics still hold, settled or not, the oldest first."""
    topics = {dead_letters(service).name: service for service in services}
    partitions = await partitions_of(settings, map(dead_letters, topics.values()))
    records: list[Record] = []
    async with reading(settings) as consumer:
        spans = await spans_of(consumer, [tp for tps in partitions.values() for tp in tps])
        with progress() as bars:
            bar = bars.add_task("Reading", total=sum(end - begin for begin, end in spans.values()))
            async for polled in read(consumer, spans):
                records += polled
                bars.advance(bar, len(polled))
    return sorted(_letters(records, topics), key=lambda letter: (letter.set_aside_at, letter.place))


def _letters(records: Sequence[Record], topics: dict[str, str]) -> Iterable[DeadLetter]:
    outcomes: dict[RecordPlace, Outcome] = {}
    for record in records:
        if (marked := _marked(record)) is not None:
            outcomes[marked[0]] = marked[1]
    for record in records:
        if _marked(record) is None:
            place = RecordPlace(record.topic, record.partition, record.offset)
            reason = _last(record, "dlq.reason") or "it does not say why"
            at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
            yield DeadLetter(topics[record.topic], place, _source(record), reason, at, record, outcomes.get(place))


def _source(record: Record) -> RecordPlace | None:
    topic, partition, offset = (_last(record, f"dlq.{name}") or "" for name in ("topic", "partition", "offset"))
    if topic not in _FACTS or not (partition.isdecimal() and offset.isdecimal()):
        return None
    return RecordPlace(topic, int(partition), int(offset))


def _marked(record: Record) -> tuple[RecordPlace, Outcome] | None:
    # a letter always says why it is one, so that no message can be made to look like a mark by its own headers
    outcome, key = _last(record, "dlq.settled"), record.key
    if outcome not in tuple(Outcome) or key is None or _last(record, "dlq.reason") is not None:
        return None
    partition, _, offset = key.decode(errors="replace").partition(":")
    if partition != str(record.partition) or not offset.isdecimal():
        return None
    return RecordPlace(record.topic, record.partition, int(offset)), Outcome(outcome)


def _last(record: Record, name: str) -> str | None:
    # the service's own word comes after whatever the message brought along
    values = [value for key, value in record.headers if key == name and value is not None]
    return values[-1].decode(errors="replace") if values else None


async def settle(settings: Settings, letters: Sequence[DeadLetter], outcome: Outcome) -> None:
    """Records what was done about the letters; done when Kafka has it."""
    async with writing(settings) as producer:
        for letter in letters:
            at = datetime.now(UTC).isoformat()
            await producer.send_and_wait(
                letter.place.topic,
                partition=letter.place.partition,
                key=f"{letter.place.partition}:{letter.place.offset}".encode(),
                value=json.dumps({"outcome": outcome, "at": at}).encode(),
                headers=[("dlq.settled", outcome.encode())],
            )
