"""What an operator sees of a dead letter. What may be personal is withheld unless it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backbone.contracts import Topic
from backbone.kafka.envelope import Unreadable
from backbone.kafka.publisher import MAX_RECORD_BYTES

from .letters import DeadLetter, RecordPlace
from .output import local_time, readable, write_table
from .story import essential, read_event_fact

LONGEST = 4000  # characters of a value
WITHHELD = "withheld: it may be personal data; --personal shows it"

# who wrote these are services and the operator, not people
_OURS = ("dlq.", "ce_id", "ce_type", "ce_source", "ce_time", "ce_specversion", "traceparent", "content-type")


def facts(letter: DeadLetter) -> dict[str, Any]:
    """Where the letter is and why, without anything of its content."""
    return {
        "service": letter.service,
        "topic": letter.place.topic,
        "partition": letter.place.partition,
        "offset": letter.place.offset,
        "set_aside_at": letter.set_aside_at,
        "source": _place(letter.source),
        "reason": letter.reason,
        "personal": letter.is_personal,
        "outcome": letter.outcome,
    }


def _place(place: RecordPlace | None) -> dict[str, object] | None:
    return None if place is None else {"topic": place.topic, "partition": place.partition, "offset": place.offset}


def contents(letter: DeadLetter, *, personal: bool, longest: int = LONGEST) -> dict[str, Any]:
    """Headers, key and value: text where they are UTF-8, else how they begin in hexadecimal."""
    record, is_open = letter.record, personal or not letter.is_personal
    headers = [(n, v) for n, v in record.headers if is_open or n.startswith(_OURS)]
    return {
        "headers": {name: legible(value, longest) for name, value in headers},
        "headers_withheld": len(record.headers) - len(headers),
        "key": legible(record.key, longest) if is_open else WITHHELD,
        "value": legible(record.value, longest) if is_open else WITHHELD,
        "value_bytes": len(record.value or b""),
    }


def in_full(letter: DeadLetter, topic: Topic) -> dict[str, Any]:
    """All of a letter that somebody is about to tell on their own word, and what its readers would make of it."""
    reads_as = {"would be told on": topic.name, "as a fact of": topic.writer, "reads as": _reading(letter, topic)}
    return {**facts(letter), **reads_as, **contents(letter, personal=True, longest=MAX_RECORD_BYTES)}


@dataclass
class _Message:
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


def _reading(letter: DeadLetter, topic: Topic) -> str:
    message = letter.original
    if message is None:
        return "nothing: the letter had no room for it"
    record = _Message(
        topic.name, letter.place.partition, letter.place.offset, message.key, message.value, message.headers
    )
    try:
        fact = read_event_fact(record)
    except Unreadable as why:
        return f"nothing: {why}"
    if fact is None:
        return "a type that is not known here"
    about = f"{type(fact).__name__} of event {fact.event_id}, revision {fact.revision}"
    return "; ".join([about, *essential(fact)])


def legible(data: bytes | None, longest: int = LONGEST) -> str | None:
    """The bytes as text, if they are; the beginning of them, if there are many."""
    if data is None:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = f"not UTF-8: {data[: longest // 2].hex()}"
    return text if len(text) <= longest else f"{text[:longest]}… ({len(data):,} bytes in all)"


def write_letters(letters: Sequence[DeadLetter]) -> None:
    """A table of letters."""
    rows = [
        (
            one.service,
            one.place.partition,
            one.place.offset,
            local_time(one.set_aside_at),
            one.source or "?",
            one.reason,
        )
        for one in letters
    ]
    write_table(("service", "partition", "offset", "set aside", "came from", "reason"), rows)


def write_letter(shown: Mapping[str, Any]) -> None:
    """One letter, a line for each thing that is known of it."""
    write_table(("", ""), _rows(shown))


def lines(shown: Mapping[str, Any]) -> list[str]:
    """The same without a table: nothing is cut or folded."""
    return [readable(f"{name}: {value}") for name, value in _rows(shown)]


def _rows(shown: Mapping[str, Any]) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for name, value in shown.items():
        if isinstance(value, dict):
            rows += [(f"{name}: {key}", "null" if part is None else str(part)) for key, part in value.items()]
        else:
            rows.append((name.replace("_", " "), "none" if value is None else str(value)))
    return rows
