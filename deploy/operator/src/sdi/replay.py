"""Replaying a dead letter: the message goes back to the partition it came from, as it was.

Who took it already does nothing (inbox); who is past its revision does nothing either. But a compacted topic keeps the
last record under a key, so an old message may not stay the last one:

facts about events   what was told after it under its key is told again after it, in order, with the same ids
facts about people   have no revision, and an erasure may never be undone: refused if anything came after it
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from backbone.publisher import Outgoing

from .kafka import Record, read, reading, spans_of, writing
from .letters import Letter, Outcome, Place, settle
from .output import progress
from .settings import Settings


class Superseded(Exception):
    """The letter may not be replayed; the message says why, and what to do."""


async def replay_all(settings: Settings, letters: Sequence[Letter]) -> dict[Place, str]:
    """Replays each message once, whoever set it aside, in the order in which they were told; why some were not."""
    of_message: defaultdict[Place, list[Letter]] = defaultdict(list)
    for letter in letters:
        of_message[letter.source or letter.place].append(letter)
    refused: dict[Place, str] = {}
    with progress() as bars:
        for _, same in bars.track(sorted(of_message.items()), description="Replaying"):
            try:
                await replay(settings, same)
            except Superseded as why:
                refused |= {letter.place: str(why) for letter in same}
    return refused


async def replay(settings: Settings, letters: Sequence[Letter]) -> None:
    """Replays letters that several services may have made of one message: it is told once, and all are settled.

    Raises Superseded. Cut short between the two, the letters stay open: replayed again, nobody acts twice.
    """
    letter = letters[0]
    if letter.source is None:
        raise Superseded("it does not say which topic it came from: discard it")
    async with reading(settings) as consumer, writing(settings) as producer:
        story = Story(consumer, producer, letter.source, letter.record.key)
        since, looked_until = await story.read_from(letter.source.offset)
        there = next((record for record in since if record.offset == letter.source.offset), None)
        later = [record for record in since if record is not there]
        message = letter.original or (_message(there) if there is not None else None)
        if message is None:
            raise Superseded("the letter had no room for the message, and its topic no longer has it: discard it")
        if letter.is_personal:
            _must_be_the_last_word(there, later)
        await story.tell([message, *map(_message, later)], looked_until, anew=letter.is_personal)
    await settle(settings, letters, Outcome.REPLAYED)


def _must_be_the_last_word(there: Record | None, later: Sequence[Record]) -> None:
    if later:
        raise Superseded("something newer was told of this person since, perhaps that they are forgotten: discard it")
    if there is None:
        raise Superseded("its topic no longer has it, as something newer was told of this person: discard it")


def _message(record: Record) -> Outgoing:
    headers = [(name, value) for name, value in record.headers if value is not None]
    return Outgoing(record.topic, record.key, record.value, headers)


def _with_new_id(message: Outgoing) -> Outgoing:
    others = [(name, value) for name, value in message.headers if name != "ce_id"]
    return replace(message, headers=[*others, ("ce_id", str(uuid4()).encode())])


class Story:
    """What was told under a letter's key, in the partition that it came from, since it was told."""

    def __init__(
        self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, source: Place, key: bytes | None
    ) -> None:
        self._consumer, self._producer, self._source, self._key = consumer, producer, source, key
        self._partition = TopicPartition(source.topic, source.partition)

    async def read_from(self, offset: int) -> tuple[list[Record], int]:
        """The letter's own record and those under its key, from that offset on; and how far was read."""
        begin, end = (await spans_of(self._consumer, [self._partition]))[self._partition]
        span = {self._partition: (max(begin, offset), end)}
        records = [record async for polled in read(self._consumer, span) for record in polled]
        return [record for record in records if self._is_of_the_story(record)], end

    def _is_of_the_story(self, record: Record) -> bool:
        return record.offset == self._source.offset or (self._key is not None and record.key == self._key)

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
            self._source.topic,
            partition=self._source.partition,
            key=message.key,
            value=b"" if nothing else message.value,
            headers=list(message.headers),
        )
        offset: int = done.offset
        return offset
