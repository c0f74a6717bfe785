"""The commands of labelling, besides those that every service has."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.postgres.database import open_database
from backbone.service.settings import ServiceSettings

from .log import faults

SAID_EVERY = 2.0
"""Seconds between two words on how far a command has come."""


async def verify(settings: ServiceSettings, arguments: Sequence[str]) -> None:
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
                _answer(f"{event_id}: {what}")
    if wrong:
        raise SystemExit(1)
    _answer(f"the decisions on {events} events are as they were told: {entries} in all")


def _answer(words: str) -> None:
    print(f"labelling: {words}")  # noqa: T201 (the answer of a command)


class Progress:
    """How far a command has come, on standard error, where a person looks on."""

    def __init__(self) -> None:
        self._looked_at, self._next = sys.stderr.isatty(), time.monotonic() + SAID_EVERY

    def say(self, words: str) -> None:
        """Says it, unless something was said a moment ago."""
        if self._looked_at and (now := time.monotonic()) >= self._next:
            self._next = now + SAID_EVERY
            print(f"labelling: {words} …", file=sys.stderr)  # noqa: T201


@asynccontextmanager
async def _database(settings: ServiceSettings) -> AsyncIterator[AsyncEngine]:
    engine = open_database(settings.database_url.get_secret_value(), statement_seconds=None)
    try:
        yield engine
    finally:
        await engine.dispose()


COMMANDS = {"verify": verify}
