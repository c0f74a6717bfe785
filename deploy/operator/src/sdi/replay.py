"""Replaying a dead letter: the message goes back to the partition it came from, as it was.

A letter is what its service says of a message. Whoever may write to a service's dead letters could make it say
anything, and an operator may write where that service may not. So what is told again is not the letter but the
message, and only if it still lies where the letter says, byte for byte. Where it does not, nothing is told but on the
operator's own word: one letter, shown in full, as a fact of the writer whom they name.

Who took a message already does nothing (inbox); who is past its revision does nothing either. But a compacted topic
keeps the last record under a key, so an old message may not stay the last one:

facts about events   what was told after it under its key is told again after it, in order, with the same ids
facts about people   have no revision, and an erasure may never be undone: refused if anything came after it
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from backbone.contracts import FACT_TOPICS
from backbone.kafka.publisher import Outgoing

from .kafka import Record, partition_of, partitions_of, read, reading, spans_of, writing
from .letters import DeadLetter, Outcome, RecordPlace, settle
from .output import progress
from .settings import Settings

_TOPICS = {topic.name: topic for topic in FACT_TOPICS}


async def replay_all(settings: Settings, letters: Sequence[DeadLetter]) -> dict[RecordPlace, str]:
    """Replays each message once, whoever set it aside, in the order in which they were told; why some were not."""
    of_message: defaultdict[RecordPlace, list[DeadLetter]] = defaultdict(list)
    for letter in letters:
        of_message[letter.source or letter.place].append(letter)
    refused: dict[RecordPlace, str] = {}
    with progress() as bars:
        for source, same in bars.track(sorted(of_message.items()), description="Replaying"):
            heard = [letter for letter in same if letter.topic]
            refused |= {letter.place: _comes_from_nowhere(letter) for letter in same if letter not in heard}
            if heard:
                refused |= await _replay(settings, source, heard)
    return refused


async def _replay(settings: Settings, source: RecordPlace, letters: Sequence[DeadLetter]) -> dict[RecordPlace, str]:
    """Tells the message at the source once more, and settles the letters that are of it, which several services may
    have made; why others are not.

    Cut short between the two, the letters stay open: replayed again, nobody acts twice.
    """
    async with reading(settings) as consumer, writing(settings) as producer:
        there = await _record_at(settings, consumer, source)
        story = Story(consumer, producer, TopicPartition(source.topic, source.partition), there.key if there else None)
        since, looked_until = await story.read_from(source.offset) if there else ([], 0)
        later = [record for record in since if record.offset != source.offset]
        refused = {letter.place: why for letter in letters if (why := _why_not(letter, there, later))}
        ours = [letter for letter in letters if letter.place not in refused]
        if ours and there:
            messages = [_message(there), *map(_message, later)]
            await story.tell(messages, looked_until, anew=ours[0].is_personal)
    if ours:
        await settle(settings, ours, Outcome.REPLAYED)
    return refused


def _comes_from_nowhere(letter: DeadLetter) -> str:
    if letter.source is None:
        return "it does not say which topic it came from: discard it"
    said = letter.source.topic
    return f"{letter.service} does not hear {said}, where it says it came from: see who wrote it, discard it"


def _why_not(letter: DeadLetter, there: Record | None, later: Sequence[Record]) -> str | None:
    """Why the message of the letter may not be told again; None if it may."""
    topic = letter.topic
    assert topic is not None
    on_their_word = f"it is told again only on your own word (--as-fact-of {topic.writer})"
    if there is not None and not letter.is_of(there):
        then = "discard it" if topic.personal else on_their_word
        return f"another message lies where it says it came from: see who wrote it; {then}"
    if topic.personal and (there is None or later):
        if there is None:
            return "its topic no longer has it, as something newer was told of this person: discard it"
        return "something newer was told of this person since, perhaps that they are forgotten: discard it"
    if there is None and letter.original is None:
        return "the letter had no room for the message, and its topic no longer has it: discard it"
    return f"its topic no longer has it: discard it, or {on_their_word}" if there is None else None


async def replay_on_their_word(settings: Settings, letter: DeadLetter) -> dict[RecordPlace, str]:
    """Replays one message; if its topic does not have it as the letter says, tells what the letter says, where facts
    with its key are told. Why that may not be."""
    refused = await replay_all(settings, [letter])
    message, topic = letter.original, letter.topic
    if not refused or message is None or topic is None or topic.personal:
        return refused
    if message.key is None:
        return {letter.place: "it has no key, without which no reader takes a fact: discard it"}
    [partitions] = (await partitions_of(settings, [topic])).values()
    partition = partition_of(message.key, partitions)
    async with reading(settings) as consumer, writing(settings) as producer:
        story = Story(consumer, producer, partition, message.key)
        # from the beginning: when it was told is the letter's word only, and what is told now must stay the last
        told, looked_until = await story.read_from(0)
        await story.tell([message, *map(_message, told)], looked_until, anew=False)
    await settle(settings, [letter], Outcome.REPLAYED)
    return {}


async def _record_at(settings: Settings, consumer: AIOKafkaConsumer, place: RecordPlace) -> Record | None:
    """The record at that place; None if there is none (any more)."""
    partition = TopicPartition(place.topic, place.partition)
    [there] = (await partitions_of(settings, [_TOPICS[place.topic]])).values()
    if partition not in there:
        return None
    begin, end = (await spans_of(consumer, [partition]))[partition]
    if not begin <= place.offset < end:
        return None
    found = [
        record async for polled in read(consumer, {partition: (place.offset, place.offset + 1)}) for record in polled
    ]
    return found[0] if found else None


def _message(record: Record) -> Outgoing:
    headers = [(name, value) for name, value in record.headers if value is not None]
    return Outgoing(record.topic, record.key, record.value, headers)


def _with_new_id(message: Outgoing) -> Outgoing:
    others = [(name, value) for name, value in message.headers if name != "ce_id"]
    return replace(message, headers=[*others, ("ce_id", str(uuid4()).encode())])


class Story:
    """What was told under a message's key, in the partition that facts with this key are told in."""

    def __init__(
        self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, partition: TopicPartition, key: bytes | None
    ) -> None:
        self._consumer, self._producer, self._partition, self._key = consumer, producer, partition, key

    async def read_from(self, offset: int) -> tuple[list[Record], int]:
        """The records under the key, from that offset on; and how far was read."""
        begin, end = (await spans_of(self._consumer, [self._partition]))[self._partition]
        span = {self._partition: (max(begin, offset), end)}
        records = [record async for polled in read(self._consumer, span) for record in polled]
        return [record for record in records if self._key is not None and record.key == self._key], end

    async def tell(self, messages: Sequence[Outgoing], looked_until: int, *, anew: bool) -> None:
        """Tells the messages, and again whatever came in between, until nobody's word but ours was overtaken.

        `anew`: under a new id, so that those who took it already obey it once more.
        """
        ours: set[int] = set()
        while messages:
            ours |= {await self._publish(message) for message in messages}
            since, looked_until = await self.read_from(looked_until)
            overtaken = [_message(r) for r in since if r.offset not in ours and r.offset < max(ours)]
            messages = [_with_new_id(message) if anew else message for message in overtaken]

    async def _publish(self, message: Outgoing) -> int:
        nothing = message.key is None and message.value is None  # aiokafka does not write such a record
        done = await self._producer.send_and_wait(
            self._partition.topic,
            partition=self._partition.partition,
            key=message.key,
            value=b"" if nothing else message.value,
            headers=list(message.headers),
        )
        offset: int = done.offset
        return offset
