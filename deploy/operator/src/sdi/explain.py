"""`sdi explain`: why an event is or is not on the map, and why its organiser had a mail or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from backbone.campaign.edition import load_editions
from backbone.contracts import DecisionFact, EventFact, EventSubmitted
from backbone.contracts.topics import HEARD
from backbone.kafka.envelope import Unreadable, header
from backbone.service.settings import read_settings

from .errors import run
from .events import StoryLine, read_story, trace_of
from .explaining import Answer, Story, Told, explain
from .lag import Lag, read_lags
from .letters import DeadLetter, read_letters
from .output import Json, write_json, write_line
from .settings import Settings
from .story import read_event_fact

PARIS = ZoneInfo("Europe/Paris")
NEWEST = 5  # traces: of the canary there are thousands


def explain_event(
    event_id: Annotated[UUID, typer.Argument(metavar="ID", help="The event's number.")], json: Json = False
) -> None:
    """Say why an event is or is not on the map, and why its organiser had a mail or none: what every service has told
    of it, what it has not heard or set aside, and what to do. 1 if there is something to do, or nothing was told."""
    settings = read_settings(Settings)
    story = run(_read(settings, event_id), settings.kafka_bootstrap_servers)
    answers = explain(story)
    if json:
        write_json({question: asdict(answer) for question, answer in answers.items()})
    else:
        _show(answers)
        traces = [*dict.fromkeys(one.trace for one in story.told if one.trace)][-NEWEST:]
        write_line(
            f"In the logs and the traces it is {' and '.join(traces) or 'not to be found: no fact names a trace'}."
        )
    raise typer.Exit(1 if any(answer.is_stuck for answer in answers.values()) else 0)


def _show(answers: Mapping[str, Answer]) -> None:
    for question, answer in answers.items():
        write_line(f"{question} {answer.short}")
        for line in answer.lines:
            write_line(f"  {line}")


async def _read(settings: Settings, event_id: UUID) -> Story:
    records = await read_story(settings, event_id)
    lags, letters = await read_lags(settings), await read_letters(settings)
    told = list(_told(records, lags, [one for one in letters if one.record.key == str(event_id).encode()]))
    edition = next((one.fact.edition for one in told if isinstance(one.fact, EventSubmitted | DecisionFact)), "")
    today = settings.clock.now().astimezone(PARIS).date()
    return Story(event_id, told, today, _map_opens(settings, edition))


def _told(records: Iterable[StoryLine], lags: list[Lag], letters: list[DeadLetter]) -> Iterable[Told]:
    known: set[object] = set()
    for line in records:
        # a fact is delivered at least once: the same id is the same fact
        name = header(line.record, "ce_id")
        try:
            fact = read_event_fact(line.record)
        except Unreadable:
            fact = None
        if fact is None or name in known:
            continue
        known.add(name)
        yield Told(fact, _behind(line, lags), _set_aside(line, fact, letters), trace_of(line))


def _behind(line: StoryLine, lags: list[Lag]) -> frozenset[str]:
    record = line.record
    here = [one for one in lags if (one.topic, one.partition) == (record.topic, record.partition)]
    return frozenset(one.service for one in here if one.committed is None or one.committed <= record.offset)


def _set_aside(line: StoryLine, fact: EventFact, letters: list[DeadLetter]) -> Mapping[str, str]:
    hears = {service for service, topics in HEARD.items() if fact.topic in topics}
    own = [one for one in letters if one.service in hears and one.outcome is None and one.is_of(line.record)]
    return {one.service: one.reason for one in own}


def _map_opens(settings: Settings, edition: str) -> date | None:
    if not settings.edition.is_file():
        return None
    known = load_editions(settings.edition).get(edition)
    return known.map.opens if known else None
