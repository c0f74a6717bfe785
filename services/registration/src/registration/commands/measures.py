"""In a crisis: the events of a region are called off, or held online, or take place after all."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from backbone.campaign.edition import load_editions
from backbone.campaign.geography import REVIEW_REGIONS
from backbone.contracts import EventStatus, SlotStatus
from backbone.postgres.database import open_database
from backbone.runtime.trace import trace
from backbone.runtime.waiting import is_transient
from backbone.service.settings import ServiceSettings

from .. import store
from ..domain.fields import Note
from ..domain.measure import Measure
from ..handlers.measures import Looked, Order, Outcome, carry_out

log = logging.getLogger(__name__)

SAID_EVERY = 2.0
"""Seconds between two words on how far a command has come."""
_NOTE: TypeAdapter[str] = TypeAdapter(Note)
_WHY_LEFT = "it also opens on other days, or is online already: its organiser decides"


async def bulk_cancel(settings: ServiceSettings, arguments: Sequence[str]) -> None:
    """`registration bulk-cancel --region CODE … --dry-run|--apply`: the openings of these days are cancelled; an event
    all of whose openings are, is."""
    await _carry_out(settings, "bulk-cancel", EventStatus.CANCELLED, arguments)


async def move_online(settings: ServiceSettings, arguments: Sequence[str]) -> None:
    """`registration move-online --region CODE … --dry-run|--apply`: events on these days are held online."""
    await _carry_out(settings, "move-online", EventStatus.MOVED_ONLINE, arguments)


async def bulk_reinstate(settings: ServiceSettings, arguments: Sequence[str]) -> None:
    """`registration bulk-reinstate --region CODE … --dry-run|--apply`: what was measured for these days is lifted."""
    await _carry_out(settings, "bulk-reinstate", EventStatus.SCHEDULED, arguments)


async def _carry_out(settings: ServiceSettings, command: str, status: EventStatus, arguments: Sequence[str]) -> None:
    asked = _read(command, arguments)
    order = _order(settings, status, asked)
    counted: Counter[str] = Counter()
    with _stopped_in_a_line(counted, apply=asked.apply):
        await _go_through(settings, order, asked, counted)
    if asked.apply:
        log.info(
            "a measure was taken", extra={"measure": command, "regions": [*order.regions], "told": counted["told"]}
        )
    _answer(_sum_as_json(command, order, counted, asked) if asked.json else _sum(command, order, counted, asked))
    if counted[Outcome.LOST]:
        raise SystemExit(1)


async def _go_through(
    settings: ServiceSettings, order: Order, asked: argparse.Namespace, counted: Counter[str]
) -> None:
    engine = open_database(settings.database_url.get_secret_value(), statement_seconds=None)
    try:
        async with engine.connect() as tx:
            progress = _Progress(await store.count_submitted(tx, order.edition))
        with trace(None):
            async for lot in carry_out(engine, settings.clock, order, apply=asked.apply):
                counted["read"] += lot.read
                for one in lot.found:
                    counted.update(_kinds(one))
                    if one.outcome is not Outcome.ALREADY:
                        _answer(_as_json(one) if asked.json else _shown(one))
                progress.say(counted["read"])
    finally:
        await engine.dispose()


@contextmanager
def _stopped_in_a_line(counted: Counter[str], *, apply: bool) -> Iterator[None]:
    """What ends the command half-way is told in one line, which says how to go on."""
    try:
        yield
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise SystemExit(f"registration: stopped after {_to_go_on(counted, apply=apply)}") from None
    except Exception as error:
        if not is_transient(error):
            raise
        why = f"PostgreSQL is busy or away, after {_to_go_on(counted, apply=apply)}"
        raise SystemExit(f"registration: {why}") from None


def _read(command: str, arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"registration {command}", description=__doc__)
    parser.add_argument(
        "--region", required=True, nargs="+", action="extend", metavar="CODE", help="INSEE codes, e.g. 84; 00: online"
    )
    parser.add_argument("--edition", metavar="NAME", help="the current one, unless another is named")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, metavar="DAY", help="e.g. 2026-11-16")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, metavar="DAY", help="that day included")
    if command != "bulk-reinstate":
        parser.add_argument("--note", help="why, to visitors, in French: 500 characters at most")
    parser.add_argument("--json", action="store_true", help="a line of JSON for each event, the sum in the last")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--dry-run", action="store_true", help="say which events it would be; tell nobody")
    which.add_argument("--apply", action="store_true", help="do it, and tell each once")
    asked = parser.parse_args(arguments)
    if unknown := sorted({*asked.region} - REVIEW_REGIONS.keys()):
        known = ", ".join(f"{code} {name}" for code, name in sorted(REVIEW_REGIONS.items()))
        parser.error(f"no region has the code {', '.join(unknown)}; those there are: {known}")
    if asked.first and asked.last and asked.last < asked.first:
        parser.error("--to is a day before --from")
    asked.note = _note(parser, getattr(asked, "note", None))
    return asked


def _note(parser: argparse.ArgumentParser, given: str | None) -> str | None:
    try:
        return _NOTE.validate_python(given) if given else None
    except ValidationError as refused:
        parser.error(f"--note: {refused.errors()[0]['msg']}")


def _order(settings: ServiceSettings, status: EventStatus, asked: argparse.Namespace) -> Order:
    try:
        editions = load_editions(settings.edition)
    except OSError:
        raise SystemExit(f"registration: EDITION names no file that can be read: {settings.edition}") from None
    name = asked.edition or editions.current.name
    if editions.get(name) is None:
        known = ", ".join(sorted(editions.by_name))
        raise SystemExit(f"registration: nothing is known here of an edition {name}; of these it is: {known}")
    measure = Measure(status=status, note=asked.note, first=asked.first, last=asked.last)
    return Order(name, frozenset(asked.region), measure, lifts=status is EventStatus.SCHEDULED)


def _kinds(one: Looked) -> list[str]:
    return [one.outcome, *([f"was {one.stored.state}"] if one.outcome is Outcome.TOLD else [])]


def _shown(one: Looked) -> str:
    about = f"{one.stored.id}  {one.stored.state}"
    if one.event is None:
        return f"{about}  lost: what was submitted cannot be read; its organiser must submit it again"
    named = f"{one.event.slots[0].starts_at:%Y-%m-%d}  {_readable(f'{one.event.organisation} : {one.event.title}')}"
    what = {Outcome.TOLD: _becomes(one), Outcome.LEFT: f"left: {_WHY_LEFT}", Outcome.LOST: "lost: it cannot be told"}
    return f"{about}  {what[one.outcome]}  {named}"


def _becomes(one: Looked) -> str:
    assert one.event
    slots = one.event.slots
    off = sum(slot.status == SlotStatus.CANCELLED for slot in slots)
    in_part = f" ({off} of {len(slots)} openings cancelled)" if 0 < off < len(slots) else ""
    return f"{one.event.status}{in_part}"


def _as_json(one: Looked) -> str:
    event = one.event
    told = {"event": one.stored.id, "state": one.stored.state, "outcome": one.outcome}
    if event:
        told |= {"organisation": event.organisation, "title": event.title, "status": event.status}
        told |= {
            "cancelled": sum(slot.status == SlotStatus.CANCELLED for slot in event.slots),
            "openings": len(event.slots),
        }
    return to_json(told).decode()


def _sum(command: str, order: Order, counted: Counter[str], asked: argparse.Namespace) -> str:
    where = ", ".join(f"{code} {REVIEW_REGIONS[code]}" for code in sorted(order.regions))
    days = f"from {asked.first or 'the first day'} to {asked.last or 'the last'}"
    which = ", ".join(
        f"{number} {kind.removeprefix('was ')}" for kind, number in sorted(counted.items()) if "was " in kind
    )
    told = "were told anew" if asked.apply else "would be told anew"
    others = (
        f"{counted[Outcome.ALREADY]} are so already; {counted[Outcome.LEFT]} are left; {counted[Outcome.LOST]} are lost"
    )
    lines = [
        f"registration: {command}, edition {order.edition}, {where}, {days}:",
        f"{counted[Outcome.TOLD]} events {told}{f' ({which})' if which else ''}; {others}.",
    ]
    return "\n".join([*lines, *([] if asked.apply else ["Nobody was told. To do it: --apply in place of --dry-run"])])


def _sum_as_json(command: str, order: Order, counted: Counter[str], asked: argparse.Namespace) -> str:
    about: dict[str, Any] = {"command": command, "edition": order.edition, "regions": sorted(order.regions)}
    return to_json(about | {"applied": asked.apply} | {one.value: counted[one] for one in Outcome}).decode()


def _to_go_on(counted: Counter[str], *, apply: bool) -> str:
    done = f"{counted['read']} events"
    return f"{done}: what was told stays; the same command goes on" if apply else f"{done}: nobody was told"


def _readable(text: str) -> str:
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def _answer(words: str) -> None:
    print(words)  # noqa: T201 (the answer of a command)


class _Progress:
    """How far the command has come, on standard error, where a person looks on."""

    def __init__(self, total: int) -> None:
        self._total, self._is_looked_at, self._next = total, sys.stderr.isatty(), time.monotonic() + SAID_EVERY

    def say(self, read: int) -> None:
        if self._is_looked_at and (now := time.monotonic()) >= self._next:
            self._next = now + SAID_EVERY
            print(f"registration: {read:,} of {self._total:,} events …", file=sys.stderr)  # noqa: T201
