"""The canary's organiser: submits it now and then as an organiser submits an event, and looks at its timeline as one
does to see how far it has come. What the map shows of it, map-feed says (`contracts.canary`)."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from backbone.campaign.edition import CANARY
from backbone.contracts import (
    Admission,
    Audience,
    EventKind,
    EventLabelled,
    EventLocated,
    KitSent,
    OrganiserRegistered,
    canary,
)
from backbone.postgres.database import Tx
from backbone.postgres.leading import leading
from backbone.postgres.outbox import tell_now
from backbone.runtime.pulse import Beating
from backbone.runtime.waiting import attempts, is_transient, sleep_until

from .. import store
from ..desk import Desk
from ..domain.draft import EventDraft
from ..domain.slots import written_for
from .events import save_draft, submit

log = logging.getLogger(__name__)

LOCK = 0x5D1_CA9A  # any fixed number: each service has a database of its own
NAME, ORGANISATION = "Sonde interne", "Plateforme de la Semaine de l’industrie"
EMAIL = "canari@canari.invalid"  # a domain that never will be (RFC 2606): no form takes it, no server is asked for it
LOOK_SECONDS, LATER_LOOK_SECONDS = 0.1, 1.0  # how exact the times are; behind ten seconds
NO_LOOK_SECONDS = 10.0  # where nothing is awaited: its pulse is to beat
AWAITED = 5
"""So many are awaited at one time: what comes of one that is older is not timed any more."""

STAGES: Mapping[str, str] = {
    EventLabelled.__name__: "decided",
    EventLocated.__name__: "located",
    KitSent.__name__: "equipped",
}
"""How far the canary has come, by what stands on its timeline."""

_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Flight:
    """A canary that was submitted, and what has not come of it yet. `at` by the real time, `began` by the monotonic
    clock."""

    revision: int
    at: float
    began: float
    awaited: set[str] = field(default_factory=lambda: set(STAGES))


class Canary(Beating):
    """A part of whoever works: of any number, one leads. Nothing that happens to it ends the service: a canary that
    does not come is what the alert is for."""

    name = "canary"

    def __init__(self, desk: Desk, every_seconds: int) -> None:
        super().__init__()
        self._desk, self._every = replace(desk, edition=CANARY), every_seconds
        self._metrics, self._stages = desk.metrics, desk.metrics.canary

    async def run(self, stopping: asyncio.Event) -> None:
        async for _ in attempts(stopping, cap=self._every):
            try:
                async with leading(self._desk.engine, LOCK, stopping, self._pulse.beat) as connection:
                    if connection is not None:
                        await self._lead(connection, stopping)
            except Exception as error:
                level = logging.WARNING if is_transient(error) else logging.ERROR
                log.log(level, "no canary was submitted", extra={"error": type(error).__name__})
            finally:
                self._stages.forget()  # what comes to another that leads from here on, this process does not know

    async def _lead(self, connection: AsyncConnection, stopping: asyncio.Event) -> None:
        flights: deque[Flight] = deque(maxlen=AWAITED)
        while not stopping.is_set():
            async with connection.begin():
                flights.append(await self.submit(connection))
            self._metrics.canaries.inc()
            await self._await(flights, flights[-1].began + self._every, stopping)

    async def _await(self, flights: Sequence[Flight], until: float, stopping: asyncio.Event) -> None:
        """Looks again and again at what has come, until it is time for the next."""
        while (left := until - time.monotonic()) > 0 and not stopping.is_set():
            self._pulse.beat()
            pause = NO_LOOK_SECONDS
            if await self.look(flights):
                pause = LOOK_SECONDS if time.monotonic() - flights[-1].began < 10 else LATER_LOOK_SECONDS
            await sleep_until(stopping, min(left, pause))

    async def look(self, flights: Sequence[Flight]) -> bool:
        """Times what its timeline has by now; whether something is awaited still."""
        open_ = {flight.revision: flight for flight in flights if flight.awaited}
        if not open_:
            return False
        async with self._desk.engine.connect() as tx:
            steps = await store.steps_of_canary(tx, min(open_))
        now = time.monotonic()
        for revision, kind in steps:
            if (flight := open_.get(revision)) and kind in flight.awaited:
                flight.awaited.remove(kind)
                self._stages.note(STAGES[kind], now - flight.began, flight.at)
        return any(flight.awaited for flight in open_.values())

    async def submit(self, tx: Tx) -> Flight:
        """Submits it anew, by the rule that organisers' events are submitted by."""
        began, now = time.monotonic(), datetime.now(UTC)
        if not await store.has_canary(tx):
            await self._open(tx)
        await store.raise_revision(tx, int((now - _BEGAN).total_seconds()))
        with written_for(CANARY):
            draft = draft_at(now)
        await save_draft(tx, canary.ORGANISER, canary.EVENT, draft)
        await submit(tx, self._desk, canary.ORGANISER, canary.EVENT)
        event = await store.event_by_id(tx, canary.EVENT)
        assert event
        return Flight(event.revision, now.timestamp(), began)

    async def _open(self, tx: Tx) -> None:
        # a real hash, of what nobody ever knew
        password_hash = await self._desk.passwords.hash(secrets.token_hex(32), NAME)
        if await store.open_canary(tx, EMAIL, NAME, ORGANISATION, password_hash):
            who = {"name": NAME, "email": EMAIL, "organisation": ORGANISATION}
            await tell_now(tx, OrganiserRegistered(organiser_id=canary.ORGANISER, **who))


def draft_at(now: datetime) -> EventDraft:
    """The canary as it is submitted at this moment. Its text says when, so that each time it is judged anew."""
    return EventDraft.model_validate(
        {
            "organisation": ORGANISATION,
            "title": "Canari : visite guidée d’une usine",
            "description": "Visite guidée de l’usine et de ses ateliers, gratuite et ouverte à tous. "
            f"{canary.passage(now)}.",
            "kind": EventKind.COMPANY_VISIT,
            "audiences": [Audience.EVERYONE],
            "admission": Admission.EVERYONE,
            "is_free": True,
            "venue": {"street": "139 rue de Bercy", "postcode": "75012", "city": "Paris"},
            "slots": [{"starts_at": "2099-11-16T09:00", "ends_at": "2099-11-16T17:00"}],
        }
    )
