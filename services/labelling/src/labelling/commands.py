"""The commands of labelling, besides those that every service has."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from pydantic import SecretStr
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.campaign.clock import Clock
from backbone.campaign.edition import Edition, load_editions
from backbone.contracts import Finding, Label, Verdict
from backbone.postgres.database import open_database
from backbone.runtime.trace import trace
from backbone.runtime.waiting import is_transient

from . import store
from .domain.again import Rejudged, Standing
from .domain.lexicon import use_lexicons
from .domain.lexicon_files import UnusableLexicons
from .domain.ruleset import ruleset
from .log import faults
from .rejudgement import rejudge as judge_all_again

SAID_EVERY = 2.0
"""Seconds between two words on how far a command has come."""


class Told(Protocol):
    """What these commands must be told: by labelling's settings, or by an operator's."""

    @property
    def database_url(self) -> SecretStr: ...
    @property
    def edition(self) -> Path: ...
    @property
    def lexicons(self) -> Path | None: ...
    @property
    def clock(self) -> Clock: ...


async def verify(settings: Told, arguments: Sequence[str]) -> None:
    """`labelling verify`: goes through the log of decisions; exits with 1, and a line for each event whose story is not
    whole."""
    argparse.ArgumentParser(prog="labelling verify", description="Says whether the log is whole.").parse_args(arguments)
    events = entries = wrong = 0
    progress = Progress()
    async with _database(settings) as engine, engine.connect() as tx:
        async for event_id, decisions, what in faults(tx):
            events, entries = events + 1, entries + decisions
            progress.say(f"{entries:,} decisions read")
            if what:
                wrong += 1
                _answer(f"labelling: {event_id}: {what}")
    if wrong:
        raise SystemExit(1)
    _answer(f"labelling: the decisions on {events} events are as they were told: {entries} in all")


async def rejudge(settings: Told, arguments: Sequence[str]) -> None:
    """`labelling rejudge --edition NAME [--rules RULES] [--lexicons FOLDER] --dry-run|--apply`: whose label changes by
    today's rules and window, and why; with `--apply` it is told. Stopped half-way, it is simply begun again."""
    asked = _read_rejudge(arguments)
    _judge_by(asked.lexicons or settings.lexicons)
    edition = _edition(settings, asked.edition)
    if asked.rules not in (None, ruleset()):
        raise SystemExit(
            f"labelling: the rules here are {ruleset()}, not {asked.rules}: look at a dry run of these first"
        )
    counted: Counter[str] = Counter()
    progress = Progress()
    try:
        async with _database(settings) as engine:
            async with engine.connect() as tx:
                total = await store.count_decided(tx, edition.name)
            with trace(None):
                async for lot in judge_all_again(engine, settings.clock, edition, apply=asked.apply):
                    counted["read"] += lot.read
                    for one in lot.found:
                        counted[_kind(one)] += 1
                        _answer(_as_json(one) if asked.json else _shown(one))
                    progress.say(f"{counted['read']:,} of {total:,} events")
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise SystemExit(f"labelling: stopped after {_to_go_on(counted, apply=asked.apply)}") from None
    except Exception as error:
        if not is_transient(error):
            raise
        why = f"PostgreSQL is busy or away, after {_to_go_on(counted, apply=asked.apply)}"
        raise SystemExit(f"labelling: {why}") from None
    if asked.json:
        _answer(_summary_as_json(edition, counted, applied=asked.apply))
    else:
        _answer(_summary(edition, counted, applied=asked.apply))


def _read_rejudge(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="labelling rejudge", description="Judges an edition's events again.")
    parser.add_argument("--edition", required=True, help="its name, e.g. 2026")
    parser.add_argument("--rules", help="only by these rules: what a dry run said it was by")
    parser.add_argument(
        "--lexicons",
        type=Path,
        metavar="FOLDER",
        help="tries these, in place of LABELLING_LEXICONS; in a dry run alone",
    )
    parser.add_argument("--json", action="store_true", help="a line of JSON for each event, the sum in the last")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--dry-run", action="store_true", help="say whose label would change, and why; tell nobody")
    which.add_argument("--apply", action="store_true", help="decide so, and tell each once")
    asked = parser.parse_args(arguments)
    if asked.apply and asked.lexicons:
        parser.error(
            "--lexicons only tries a folder: to decide by it, LABELLING_LEXICONS names it to labelling and sdi"
        )
    return asked


def _judge_by(lexicons: Path | None) -> None:
    try:
        use_lexicons(lexicons)
    except UnusableLexicons as error:
        raise SystemExit(f"labelling: the lexicons cannot be used: {error}") from None


def _edition(settings: Told, name: str) -> Edition:
    try:
        editions = load_editions(settings.edition)
    except OSError:
        raise SystemExit(f"labelling: EDITION names no file that can be read: {settings.edition}") from None
    if found := editions.get(name):
        return found
    known = ", ".join(sorted(editions.by_name))
    raise SystemExit(f"labelling: nothing is known here of an edition {name}; of these it is: {known}")


def _kind(one: Rejudged) -> str:
    return f"{one.before.label} → {one.after.label}" if one.is_told else one.standing


def _shown(one: Rejudged) -> str:
    event, before, after = one.before.event, one.before, one.after
    becomes = {
        Standing.CHANGED: f"{before.label} → {after.label}",
        Standing.FOR_A_PERSON: f"{before.label} by {before.decided_by} → {after.label}, for a person",
        Standing.LEFT: f"{before.label} by {before.decided_by}, left; the rules say {after.label}",
    }[one.standing]
    about = f"{before.event_id}  revision {before.revision}  {becomes}  {_readable(event.title)}"
    return "\n".join([about, *(f"    {line}" for line in _why(one))])


def _why(one: Rejudged) -> list[str]:
    if one.after.label == Label.GRANTED:
        return [f"no longer {verdict.code}" for verdict in _amiss(one.before.verdicts)]
    return [f"{verdict.code}: {verdict.message}{_quoted(verdict)}" for verdict in _amiss(one.after.verdicts)]


def _amiss(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """What led to the decision: the conditions that are not met; if there are none, those in doubt."""
    unmet = [verdict for verdict in verdicts if verdict.finding == Finding.NOT_MET]
    return unmet or [verdict for verdict in verdicts if verdict.finding != Finding.MET]


def _quoted(verdict: Verdict) -> str:
    words = ", ".join(f"« {_readable(evidence.text)} »" for evidence in verdict.evidence)
    return f" ({words})" if words else ""


def _as_json(one: Rejudged) -> str:
    reasons = [{"code": verdict.code, "message": verdict.message} for verdict in _amiss(one.after.verdicts)]
    return _line(
        event=one.before.event_id,
        revision=one.before.revision,
        title=one.before.event.title,
        before=one.before.label,
        after=one.after.label,
        standing=one.standing,
        reasons=reasons,
        no_longer=[verdict.code for verdict in _amiss(one.before.verdicts)],
    )


def _summary(edition: Edition, counted: Counter[str], *, applied: bool) -> str:
    left, kinds = counted[Standing.LEFT], sorted(kind for kind in counted if "→" in kind)
    number = sum(counted[kind] for kind in kinds)
    told = "were told a new decision" if applied else "would be told a new decision"
    which = f" ({', '.join(f'{counted[kind]} {kind}' for kind in kinds)})" if kinds else ""
    window = edition.labelling_window
    lines = [
        f"labelling: edition {edition.name}, its window {window.first} to {window.last}, rules {ruleset()}:",
        f"{counted['read']} events were judged again; {number} {told}{which}; {left} are left as a person decided.",
    ]
    if not applied:
        lines.append(f"Nobody was told. To do it: --apply --rules {ruleset()}")
    return "\n".join(lines)


def _summary_as_json(edition: Edition, counted: Counter[str], *, applied: bool) -> str:
    kinds = {kind: number for kind, number in counted.items() if "→" in kind}
    by = {"edition": edition.name, "rules": ruleset(), "applied": applied}
    return _line(**by, read=counted["read"], told=kinds, left=counted[Standing.LEFT])


def _to_go_on(counted: Counter[str], *, apply: bool) -> str:
    done = f"{counted['read']} events"
    return (
        f"{done}: what was decided is told, and stays; the same command goes on"
        if apply
        else f"{done}: nobody was told"
    )


def _readable(text: str) -> str:
    """The text on one line, with what would move the cursor left visible: organisers wrote it."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def _line(**told: Any) -> str:
    return to_json(told).decode()


def _answer(words: str) -> None:
    print(words)  # noqa: T201 (the answer of a command)


class Progress:
    """How far a command has come, on standard error, where a person looks on."""

    def __init__(self) -> None:
        self._is_looked_at, self._next = sys.stderr.isatty(), time.monotonic() + SAID_EVERY

    def say(self, words: str) -> None:
        """Says it, unless something was said a moment ago."""
        if self._is_looked_at and (now := time.monotonic()) >= self._next:
            self._next = now + SAID_EVERY
            print(f"labelling: {words} …", file=sys.stderr)  # noqa: T201


@asynccontextmanager
async def _database(settings: Told) -> AsyncIterator[AsyncEngine]:
    # a command goes through a whole table: no statement of its own is given up for taking its time
    engine = open_database(settings.database_url.get_secret_value(), statement_seconds=None)
    try:
        yield engine
    finally:
        await engine.dispose()


COMMANDS = {"verify": verify, "rejudge": rejudge}
