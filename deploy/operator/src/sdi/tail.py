"""`sdi tail`: what is told on a topic, line by line, as it is told."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from bisect import insort
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic_core import from_json

from backbone.kafka.envelope import Unreadable, header
from backbone.service.settings import read_settings

from .errors import run
from .exporting.bounds import instant_of, parts_of
from .filtering import Term, picks, read_filter
from .kafka import Record, partitions_of, read, reading
from .output import Json, aside, local_time, write_json, write_line
from .public import CANARY, PUBLIC, refuse_unless_public
from .settings import Settings
from .stopping import until_told_to_stop
from .story import essential, read_event_fact

SHOWN = 160
"""Characters of a record's essence."""

Name = Annotated[str, typer.Argument(metavar="TOPIC", help="registration.events, labelling.decisions, …")]
From = Annotated[
    str | None,
    typer.Option("--from", help="beginning, now, 2026-11-16 (midnight in UTC), an ISO 8601 instant."),
]
Last = Annotated[int, typer.Option("--last", "-n", min=0, help="Where --from is not said: so many of the newest ones.")]
Filter = Annotated[
    str, typer.Option("--filter", help='What must hold of a record: "type=EventLabelled region=84 title~forge".')
]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is told from now on, until Ctrl-C.")]

Canary = Annotated[bool, typer.Option("--canary", help="What is told of the canary too, which is no event.")]


def tail(
    topic: Name,
    from_: From = None,
    filter_: Filter = "",
    follow: Follow = False,
    last: Last = 10,
    json: Json = False,
    canary: Canary = False,
) -> None:
    """Show what was told on a public topic: a line for each record, or with --json all of it.

    Terms of a filter: field=text (with commas: one of them), field!=text, field~text (whatever its accents and
    capitals), field!~text, and < <= > >=. A field is type, key, topic, partition, offset, at, or one of the value: the
    way to it (event.venue.address.city) or its last name alone (city; region is region_code too).

    The time at the beginning of a line is Kafka's, in the zone of this machine.
    """
    settings = read_settings(Settings)

    async def work() -> None:
        terms = read_filter(filter_)
        refuse_unless_public([topic])
        with until_told_to_stop() as stopping:
            look = _Look(terms, _write_whole if json else _write_a_line, stopping, canary)
            async with reading(settings) as consumer:
                ends, records = await _what_is_there(settings, consumer, topic, from_, follow)
                await look.at_what_is_there(records, last if from_ is None else None)
                if follow:
                    await look.at_what_comes(consumer, ends)

    run(work(), settings.kafka_bootstrap_servers)


@dataclass(frozen=True)
class _Look:
    terms: Sequence[Term]
    show: Callable[[Record], None]
    stopping: asyncio.Event
    with_canary: bool = False

    async def at_what_is_there(self, polls: AsyncIterator[list[Record]], last: int | None) -> None:
        """Shows the records, or only so many of the newest."""
        newest: list[tuple[int, int, int, Record]] = []
        unknown: list[Term] | None = None
        async for polled in polls:
            if self.stopping.is_set():
                return
            unknown = _in_none_of(polled, self.terms if unknown is None else unknown) if polled else unknown
            for record in self._picked(polled):
                if last is None:
                    self.show(record)
                else:
                    _keep_newest(newest, record, last)
        for *_, record in newest:
            self.show(record)
        for term in unknown or ():
            aside.print(f"sdi: no record that is there has a field {term.field}")

    async def at_what_comes(self, consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> None:
        """Shows the records as they come, until told to stop."""
        consumer.assign(list(ends))
        for tp, end in ends.items():
            consumer.seek(tp, end)
        while not self.stopping.is_set():
            polled = [record for some in (await consumer.getmany(timeout_ms=500)).values() for record in some]
            for record in self._picked(sorted(polled, key=lambda one: one.timestamp)):
                self.show(record)

    def _picked(self, records: Iterable[Record]) -> Iterator[Record]:
        events = (one for one in records if self.with_canary or one.key != CANARY)
        return (one for one in events if not self.terms or picks(self.terms, _around(one), _value(one)))


async def _what_is_there(
    settings: Settings, consumer: AIOKafkaConsumer, name: str, since: str | None, follow: bool
) -> tuple[dict[TopicPartition, int], AsyncIterator[list[Record]]]:
    """Up to where the topic goes now, and its records since then."""
    topics = [topic for topic in PUBLIC if topic.name == name]
    [partitions] = (await partitions_of(settings, topics)).values()
    from_now = since == "now" or (since is None and follow)
    begin = None if since is None or from_now else instant_of(since, "beginning")
    parts = await parts_of(consumer, partitions, begin, None)
    spans = {tp: (part.end if from_now else part.next, part.end) for tp, part in parts.items()}
    low = int(begin.timestamp() * 1000) if begin else 0

    async def records() -> AsyncIterator[list[Record]]:
        async for polled in read(consumer, spans):
            yield [record for record in polled if record.timestamp >= low]

    return {tp: part.end for tp, part in parts.items()}, records()


def _in_none_of(records: Iterable[Record], terms: Sequence[Term]) -> list[Term]:
    """The terms whose field no record has."""
    left = list(terms)
    for record in records:
        if not left:
            break
        around, value = _around(record), _value(record)
        left = [term for term in left if not term.is_told(around, value)]
    return left


def _keep_newest(newest: list[tuple[int, int, int, Record]], record: Record, most: int) -> None:
    """Keeps, in order, so many of the newest."""
    insort(newest, (record.timestamp, record.partition, record.offset, record), key=lambda one: one[:3])
    del newest[: max(0, len(newest) - most)]


# --- a record, for those who look at it ------------------------------------------------------------------------------


def _type(record: Record) -> str:
    return (header(record, "ce_type") or "?").rpartition(".")[2]


def _around(record: Record) -> dict[str, Any]:
    return {
        "type": _type(record),
        "key": _text(record.key),
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "at": _at(record).isoformat(),
    }


def _at(record: Record) -> datetime:
    return datetime.fromtimestamp(record.timestamp / 1000, UTC)


def _text(told: bytes | None) -> str | None:
    return None if told is None else told.decode(errors="backslashreplace")


def _value(record: Record) -> Any:
    try:
        return from_json(record.value or b"null")
    except ValueError:
        return None


def _write_a_line(record: Record) -> None:
    kind = "tombstone" if record.value is None else _type(record)
    words = [local_time(_at(record)), f"{kind:<20}", _text(record.key) or "-", _essence(record)]
    write_line(" ".join(words).replace("\n", " ").rstrip())


def _essence(record: Record) -> str:
    if record.value is None:
        return "takes back what its key said before"
    try:
        fact = read_event_fact(record)
    except Unreadable as error:
        return f"cannot be read: {error}"
    revision = f"r{fact.revision}.{fact.sequence} " if fact else ""
    said = " · ".join(essential(fact)) if fact else _text(record.value) or ""
    return revision + (said if len(said) <= SHOWN else f"{said[: SHOWN - 1]}…")


def _write_whole(record: Record) -> None:
    value = _value(record)
    is_json = value is not None or record.value in (None, b"null")
    told = {"value": value} if is_json else {"value_base64": b64encode(record.value or b"").decode()}
    headers = {name: _text(one) for name, one in record.headers}
    write_json({**_around(record), "headers": headers, **told})
