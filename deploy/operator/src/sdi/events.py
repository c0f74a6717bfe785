"""`sdi events`: the whole story of one event, as the topics tell it; and many called off at once, in a crisis."""

from __future__ import annotations

import base64
import json as jsonlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from backbone.contracts import FACT_TOPICS, EventFact
from backbone.kafka.envelope import Unreadable, header
from backbone.runtime.trace import well_formed
from backbone.service.settings import read_settings

from .errors import Refusal, run
from .kafka import Record, partition_of, partitions_of, read, reading, spans_of
from .output import Json, counted, local_time, progress, write_json, write_line, write_table
from .passing_on import AS_IT_IS, pass_on
from .settings import RegistrationSettings, Settings
from .story import essential, happened_at, read_event_fact

events = typer.Typer(no_args_is_help=True, help="What was told of an event; and many called off at once.")

# keyed by event; what is told of organisers is closed to most, and is keyed otherwise
OF_EVENTS = [topic for topic in FACT_TOPICS if not topic.personal]


@dataclass(frozen=True)
class StoryLine:
    """One record of an event's story."""

    record: Record
    at: datetime

    @property
    def order(self) -> tuple[datetime, int, int]:
        """By time; what one service told at one time, as it told it."""
        return self.at, [topic.name for topic in OF_EVENTS].index(self.record.topic), self.record.offset


@events.command()
def show(
    event_id: Annotated[UUID, typer.Argument(metavar="ID", help="The event's number.")], json: Json = False
) -> None:
    """Show all that was told of an event, in the order of telling, at the hours of the campaign's clock. 1 if nothing
    was."""
    settings = read_settings(Settings)
    story = run(read_story(settings, event_id), settings.kafka_bootstrap_servers)
    if json:
        write_json([as_json(told) for told in story])
    else:
        _show(story)


@events.command("bulk-cancel", context_settings=AS_IT_IS, add_help_option=False)
def bulk_cancel(context: typer.Context) -> None:
    """Cancel the events of a region (--region, --from, --to, --note, --dry-run or --apply). Needs registration's
    DATABASE_URL."""
    _in_registrations_name("bulk-cancel", context)


@events.command("move-online", context_settings=AS_IT_IS, add_help_option=False)
def move_online(context: typer.Context) -> None:
    """Have the events of a region held online (the same words). Needs registration's DATABASE_URL."""
    _in_registrations_name("move-online", context)


@events.command("bulk-reinstate", context_settings=AS_IT_IS, add_help_option=False)
def bulk_reinstate(context: typer.Context) -> None:
    """Lift what was measured for these days (the same words, no note). Needs registration's DATABASE_URL."""
    _in_registrations_name("bulk-reinstate", context)


def _in_registrations_name(command: str, context: typer.Context) -> None:
    from registration.commands import MEASURES  # here: it takes its time to load, and other commands do not need it

    pass_on(MEASURES[command], RegistrationSettings, context)


def _show(story: list[StoryLine]) -> None:
    once = {_identity(told): told for told in reversed(story)}
    rows = [_row(told) for told in story if once[_identity(told)] is told]
    write_table(("when", "revision", "fact", "the essential"), rows)
    if again := len(story) - len(rows):
        write_line(f"{counted(again, 'record')} left out: told again, with the same id.")


def _identity(told: StoryLine) -> object:
    # a fact is delivered at least once: the same id is the same fact
    return header(told.record, "ce_id") or (told.record.topic, told.record.partition, told.record.offset)


def _row(told: StoryLine) -> tuple[str, ...]:
    ce_type = header(told.record, "ce_type")
    name = ce_type.rsplit(".", 1)[-1] if ce_type else "?"
    said, revision, at = ["cannot be read by this version"], "?", told.at
    try:
        if fact := read_event_fact(told.record):
            said, revision, at = essential(fact), _revision(fact), happened_at(fact)
    except Unreadable as why:
        said = [f"no reader takes it: {why}"]
    return local_time(at), revision, name, "\n".join([*said, f"trace {trace_of(told) or 'unknown'}"])


def _revision(fact: EventFact) -> str:
    return f"{fact.revision}.{fact.sequence}" if fact.sequence else str(fact.revision)


def trace_of(told: StoryLine) -> str | None:
    """The trace that the fact belongs to: what logs and traces know the work by."""
    traceparent = well_formed(header(told.record, "traceparent"))
    return traceparent.split("-")[1] if traceparent else None


async def read_story(settings: Settings, event_id: UUID) -> list[StoryLine]:
    """All records about the event, in order of time; only the partitions that its key leads to are read."""
    key = str(event_id).encode()
    partitions = [partition_of(key, tps) for tps in (await partitions_of(settings, OF_EVENTS)).values()]
    found = []
    async with reading(settings) as consumer:
        spans = await spans_of(consumer, partitions)
        with progress() as bars:
            bar = bars.add_task("Reading", total=sum(end - begin for begin, end in spans.values()))
            async for records in read(consumer, spans):
                found += [record for record in records if record.key == key]
                bars.advance(bar, len(records))
    if not found:
        raise Refusal(f"no topic knows an event {event_id}: is the number right, was it ever submitted?", code=1)
    return sorted((StoryLine(record, _told_at(record)) for record in found), key=lambda told: told.order)


def _told_at(record: Record) -> datetime:
    """When the fact was told; when it was written, if the record does not say."""
    try:
        said = datetime.fromisoformat(header(record, "ce_time") or "")
        return said if said.tzinfo else said.replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(record.timestamp / 1000, UTC)


def as_json(told: StoryLine) -> dict[str, Any]:
    """The record, whole."""
    record = told.record
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "at": told.at,
        "headers": {name: value and value.decode(errors="replace") for name, value in record.headers},
        "value": _value(record.value),
    }


def _value(value: bytes | None) -> Any:
    if value is None:
        return None
    try:
        return jsonlib.loads(value)
    except ValueError:
        return {"base64": base64.b64encode(value).decode()}
