"""The bus: what a service hears, taken in polls, each poll one transaction.

Unreadable            to the dead letters, with the original bytes, and why; the others go on
is_transient(error)   the whole poll waits in place and is tried again; nothing is skipped or set aside
any other error       the poll is gone through one by one; only the guilty one goes to the dead letters
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import MessageSizeTooLargeError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from sqlalchemy.ext.asyncio import AsyncEngine

from ..contracts import Fact, dead_letters
from ..contracts.schema import name_of
from ..kafka.cluster import Cluster
from ..kafka.envelope import Heard, Polled, Record, Unreadable, Untellable, header, read_fact
from ..kafka.publisher import Outgoing, Publisher
from ..kafka.spans import processed
from ..postgres.inbox import take_new
from ..runtime.failpoints import failpoint
from ..runtime.metrics import OTHER, FloorMetrics, types
from ..runtime.spans import OFF, Tracing
from ..runtime.waiting import (
    CLOSE_SECONDS,
    backoff,
    close_for_good,
    is_transient,
    once_up,
    sleep_until,
    what_failed,
    what_is_away,
)
from .folding import Happening, Way, fold_all
from .lag import Lag
from .reading import MAX_POLL_SECONDS, Reading

log = logging.getLogger(__name__)

GRACEFUL_SECONDS = 15.0  # for the poll in hand when the service stops; cut short, it is delivered again
PATIENCE_SECONDS = 240.0  # of waiting inside one poll; well under MAX_POLL_SECONDS, after which Kafka gives up on us

# The same partition of every topic to one reader, so that all that is told of one event reaches one replica: dealt out
# one by one, two replicas' polls would wait for each other's rows. Never two strategies: for each, aiokafka 0.14 joins
# the group anew, and the group comes to no rest
ASSIGNORS = (RangePartitionAssignor,)


async def _parse_safely(records: tuple[Any, ...], original: Callable[[Any], Awaitable[Any]]) -> Any:
    # FastStream 0.7.8 silently drops a record whose header is null or not UTF-8 (its issue 2458):
    # it gets the records without headers, and we read the headers ourselves
    message = await original(tuple(replace(record, headers=()) for record in records))
    message.raw_message = records
    return message


async def _leave_undecoded(message: Any, original: Callable[[Any], Awaitable[Any]]) -> Any:
    return message.body


def open_broker(service: str, cluster: Cluster) -> KafkaBroker:
    """FastStream's broker for a service that only listens: facts leave through the outbox."""
    return KafkaBroker(
        cluster.servers.split(","),  # of one text with several addresses FastStream makes one address
        client_id=service,
        security=cluster.security(),
        acks="all",
        enable_idempotence=True,
        allow_auto_create_topics=False,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        graceful_timeout=GRACEFUL_SECONDS,
        parser=_parse_safely,
        decoder=_leave_undecoded,
        logger=logging.getLogger("faststream"),  # its word on a commit or a fetch that failed is the only one
    )


@dataclass(frozen=True)
class Ears:
    """Where a service hears, and where it sets aside what it cannot take. Without a sign of life for
    `session_seconds`, what it was to hear goes to its other replicas."""

    service: str
    broker: KafkaBroker
    publisher: Publisher
    session_seconds: float = 30.0
    tracing: Tracing = OFF


class Listener:
    """One consumer of one group for all that a service hears."""

    name = "listener"

    def __init__(
        self,
        ears: Ears,
        engine: AsyncEngine,
        hears: Mapping[type[Fact], Way],
        desk: Any = None,
        metrics: FloorMetrics | None = None,
    ) -> None:
        """`hears` says how each fact is folded into what the service keeps; handlers are given the `desk`."""
        self.service, self.broker, self.connected = ears.service, ears.broker, False
        self._engine, self._hears = engine, hears
        self.publisher, self.desk = ears.publisher, desk
        self._tracing = ears.tracing
        self._known = {fact.ce_type: fact for fact in hears}
        self._names = {**types(), **{fact.ce_type: name_of(fact) for fact in hears}}
        self._metrics, self._counted = metrics or FloorMetrics(), Counter[tuple[str, str, str]]()
        self._metrics.expect_heard((fact.topic.name, name_of(fact)) for fact in hears)
        self._stopping = asyncio.Event()
        self.passed_over: Counter[str] = Counter()
        self.set_aside = 0
        topics = sorted({fact.topic.name for fact in hears})
        seconds = ears.session_seconds
        subscriber = self.broker.subscriber(
            *topics,
            batch=True,
            max_records=500,
            group_id=self.service,
            auto_offset_reset="earliest",
            session_timeout_ms=int(seconds * 1000),
            heartbeat_interval_ms=int(min(3.0, seconds / 3) * 1000),
            max_poll_interval_ms=int(MAX_POLL_SECONDS * 1000),
            max_partition_fetch_bytes=262_144,
            partition_assignment_strategy=ASSIGNORS,
        )
        subscriber(self._hear)
        self._reading = Reading(subscriber)
        self.lag = Lag(self._reading)

    async def run(self, stopping: asyncio.Event) -> None:
        self._stopping = stopping
        await once_up("Kafka", self._connect, stopping, log)
        self.connected = not stopping.is_set()
        try:
            await stopping.wait()
        finally:
            self.connected = False
            await self._close()

    async def is_connected(self) -> bool:
        """Whether this service has joined its group, and Kafka answers now."""
        return self.connected and await self.broker.ping(timeout=2.0)

    async def examine(self, *, database_answers: bool) -> None:
        """Notes whether the loop that reads from Kafka turns while nothing keeps it from that."""
        if self.connected:
            await self._reading.examine(database_answers=database_answers)

    @property
    def is_stuck(self) -> bool:
        return self.connected and self._reading.is_stuck

    async def _connect(self) -> None:
        try:
            await self.broker.start()
        except BaseException:
            await self._close()
            raise

    async def _close(self) -> None:
        # first it lets the poll in hand come to its end
        await close_for_good("the consumer", self.broker.stop(), seconds=GRACEFUL_SECONDS + CLOSE_SECONDS)

    async def _hear(self, body: Any, message: KafkaMessage) -> None:
        with self._reading.poll_in_hand(message.raw_message):
            await self.take(message.raw_message)
        failpoint("after-commit-before-ack")

    async def take(self, records: Sequence[Record]) -> None:
        """Takes the records of one poll: all effects are committed, or set aside, when it returns."""
        began = time.monotonic()
        try:
            await self._take(records)
        finally:
            self._metrics.poll_messages.observe(len(records))
            self._metrics.poll_seconds.observe(time.monotonic() - began)
            self._metrics.count_heard(self._counted)
            self._counted.clear()

    async def _take(self, records: Sequence[Record]) -> None:
        poll = [heard for record in records if (heard := await self._open(record))]
        if not poll:
            return
        try:
            await self._patiently(lambda: self._act(poll))
        except Exception as error:
            if is_transient(error):
                raise
            for heard in poll:
                await self._act_alone(heard)

    async def _open(self, record: Record) -> Heard | None:
        try:
            heard = read_fact(record, self._known)
        except Unreadable as unreadable:
            await self._set_aside(record, str(unreadable))
            return None
        if heard is None:
            self.passed_over[record.topic] += 1
            self._count(record, "passed_over")
        return heard

    def _count(self, record: Record, outcome: str) -> None:
        self._counted[record.topic, self._names.get(header(record, "ce_type") or "", OTHER), outcome] += 1

    async def _act(self, poll: Sequence[Heard]) -> None:
        acted: list[Heard] = []
        async with self._tracing.together() as spans, self._engine.begin() as tx:
            new = await take_new(tx, self.service, [heard.id for heard in poll])
            happenings = []
            for heard in poll:
                if heard.id in new:
                    new.remove(heard.id)  # the same id twice in one poll acts once
                    way = self._hears[type(heard.fact)]
                    mark = processed(spans, heard, self.service)
                    happenings.append(Happening(heard.fact, heard.fact.key, way, mark))
                    acted.append(heard)
            await fold_all(tx, happenings, self.desk)
            failpoint("before-commit")
        self._count_acted(poll, acted)

    def _count_acted(self, poll: Sequence[Heard], acted: Sequence[Heard]) -> None:
        kinds = Counter([type(heard.fact) for heard in poll])
        folded = kinds if len(acted) == len(poll) else Counter([type(heard.fact) for heard in acted])
        for kind, number in kinds.items():
            about = kind.topic.name, name_of(kind)
            self._counted[*about, "folded"] += folded[kind]
            self._counted[*about, "known"] += number - folded[kind]
        now, topics = time.time(), {kind.topic.name for kind in folded}
        for topic in topics:
            # to tell the topics apart costs more than the rest: mostly there is one
            these = acted if len(topics) == 1 else [heard for heard in acted if heard.record.topic == topic]
            delays = [max(0.0, now - cast(Polled, heard.record).timestamp / 1000) for heard in these]
            if delays:
                self._metrics.delay.note(delays, topic)

    async def _act_alone(self, heard: Heard) -> None:
        try:
            await self._patiently(lambda: self._act([heard]))
        except Exception as error:
            if is_transient(error):
                raise
            log.exception("a message cannot be taken and is set aside", extra={"message_id": heard.id})
            why = f": {error}" if isinstance(error, Untellable) else ""  # the only one whose words quote nothing
            await self._set_aside(heard.record, f"{type(error).__name__} while handling it{why}")

    async def _patiently(self, act: Callable[[], Awaitable[None]]) -> None:
        """Tries again in place while the world is away; raises what it met once patience or the service ends."""
        give_up, attempt = time.monotonic() + PATIENCE_SECONDS, 0
        while True:
            attempt += 1
            try:
                return await act()
            except Exception as error:
                wait = backoff(attempt, cap=10.0)
                if not is_transient(error) or time.monotonic() + wait > give_up:
                    raise
                log.warning("cannot take messages for now: waiting", extra={"error": what_failed(error)})
                self._metrics.polls_retried.labels(what_is_away(error) or OTHER).inc()
                if await sleep_until(self._stopping, wait):
                    raise

    async def _set_aside(self, record: Record, reason: str) -> None:
        facts = {"topic": record.topic, "partition": record.partition, "offset": record.offset, "reason": reason}
        why = [(f"dlq.{name}", str(value).encode()) for name, value in {**facts, "group": self.service}.items()]
        theirs = [(name, value) for name, value in record.headers if value is not None]
        letter = Outgoing(dead_letters(self.service).name, record.key, record.value, [*theirs, *why])
        try:
            await self._patiently(lambda: self.publisher.publish([letter]))
        except MessageSizeTooLargeError:
            # its own topic took what the dead letters' does not: say where it is
            letter = replace(letter, value=b"", headers=[*why, ("dlq.left_out", b"value and headers: too large")])
            await self._patiently(lambda: self.publisher.publish([letter]))
        self.set_aside += 1
        self._count(record, "set_aside")
        log.error("a message was set aside", extra=facts)
