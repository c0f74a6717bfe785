"""What an operator turns while a service runs: kept in the service's database, seen by all its replicas in seconds.

`read-only`, `no-new-accounts`   close doors: what they refuse says so, and pages have a banner
`no-mail`                        mails wait in their jobs, and leave once it is off
`pace-KIND`                      so many jobs of this kind a minute and replica; 0: none
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from ..runtime.waiting import is_transient, sleep_until
from .database import Tx, switches

log = logging.getLogger(__name__)

READ_ONLY, NO_NEW_ACCOUNTS, NO_MAIL = "read-only", "no-new-accounts", "no-mail"
LOOK_SECONDS = 2.0
MOST_PER_MINUTE = 1_000_000
MOST_NOTE = 300  # characters: it stands on every page


def pace_of(kind: str) -> str:
    """The name of the switch that slows the jobs of this kind."""
    return f"pace-{kind}"


@dataclass(frozen=True)
class Turned:
    """A switch that is on. `per_minute` is for a pace; `note` is for whom it stops, in French, from the operator."""

    name: str
    per_minute: int | None
    note: str
    since: datetime


async def turned(tx: Tx) -> Mapping[str, Turned]:
    """All that are on, by name."""
    columns = (switches.c.name, switches.c.per_minute, switches.c.note, switches.c.since)
    rows = await tx.execute(select(*columns).order_by(switches.c.name))
    return {row.name: Turned(*row) for row in rows}


async def turn(tx: Tx, name: str, per_minute: int | None, note: str) -> None:
    """Turns a switch on, or has it say something else."""
    row = {"per_minute": per_minute, "note": note, "since": func.now()}
    on = insert(switches).values(name=name, **row)
    await tx.execute(on.on_conflict_do_update(index_elements=["name"], set_=row))


async def turn_off(tx: Tx, name: str) -> bool:
    """Turns a switch off; whether it was on."""
    return bool((await tx.execute(delete(switches).where(switches.c.name == name))).rowcount)


class Switches:
    """What is on, as this process knows it. A part of every service: it looks every `LOOK_SECONDS`, and while the
    database is away what was known last holds."""

    name = "switches"

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._on: Mapping[str, Turned] | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                await self.look()
            except Exception as error:
                if not is_transient(error):
                    raise
                log.debug("the switches could not be read", extra={"error": type(error).__name__})
            await sleep_until(stopping, LOOK_SECONDS)

    async def look(self) -> None:
        """Reads what is on."""
        async with self._engine.connect() as connection:
            on = await turned(connection)
        before, self._on = self._on or {}, on
        for name in sorted(before.keys() ^ on.keys()):
            log.warning("the switch %s is %s", name, "on" if name in on else "off")

    @property
    def is_known(self) -> bool:
        """Not before it was read once."""
        return self._on is not None

    @property
    def on(self) -> Mapping[str, Turned]:
        return self._on or {}

    def pace(self, kind: str, *, mails: bool) -> Pace:
        """How fast jobs of this kind may be begun in this process; `mails`: they hand over a mail."""
        return Pace(self, kind, mails=mails)


class Pace:
    """Lets so many jobs of a kind begin as its switches allow. Until these were read once it lets none: a mail that
    left in spite of `no-mail` cannot be called back."""

    def __init__(
        self, known: Switches, kind: str, *, mails: bool, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._switches, self._name, self._mails, self._monotonic = known, pace_of(kind), mails, monotonic
        self._saved, self._at = 1.0, monotonic()

    def most(self, wanted: int) -> int:
        """Of the jobs that are `wanted`, how many may be begun now."""
        if not self._switches.is_known or (self._mails and NO_MAIL in self._switches.on):
            return 0
        slowed = self._switches.on.get(self._name)
        if slowed is None or slowed.per_minute is None:
            return wanted
        a_second = slowed.per_minute / 60
        now = self._monotonic()
        # what was not used is saved for a second, and for one job at least where a minute has less than sixty
        self._saved = min(self._saved + (now - self._at) * a_second, max(1.0, a_second)) if a_second else 0.0
        self._at = now
        return min(wanted, int(self._saved))

    def took(self, number: int) -> None:
        """So many were begun."""
        self._saved -= number
