"""A service with all its parts, and how it is asked about its health."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal, Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..http.counting import Counting
from ..http.headers import StrictTransport
from ..http.traced import Traced
from ..postgres.jobs import job_ages, job_counts
from ..postgres.outbox import untold
from ..postgres.switches import NO_MAIL, Switches, pace_of
from ..runtime.ending import end_within
from ..runtime.metrics import FloorMetrics, show
from ..runtime.pulse import Watch, Watched
from ..runtime.spans import OFF, Tracing
from .catching_up import Recall
from .lag import ANSWER_SECONDS
from .listener import Listener
from .scrape import Asked, Question, Scrape, of_database
from .working import Worker

log = logging.getLogger(__name__)

Role = Literal["serve", "http", "work"]
"""`serve`: all of it. `http`: what people ask, and what that shows. `work`: what it hears, works on and tells."""

Counts = Callable[[AsyncConnection], Awaitable[Mapping[str, int]]]
Close = Callable[[], Awaitable[None]]


class Part(Protocol):
    """Something that runs as long as the service does, waits for what it depends on, and ends when asked to."""

    name: str

    async def run(self, stopping: asyncio.Event) -> None: ...


@dataclass(frozen=True)
class Doors:
    """What people and programs ask, the parts that keep what it shows, and what must be so, by its name, before it may
    be asked. `let_go` has those answered who wait at the door for something to happen: the process is told to end."""

    http: Starlette = field(default_factory=Starlette)
    parts: Sequence[Part] = ()
    needs: Mapping[str, Callable[[], bool]] = field(default_factory=dict)
    let_go: Callable[[], None] = lambda: None
    switches: Sequence[str] = ()
    """The names of those that close some of them (`backbone.http.closing`)."""


@dataclass
class Service:
    """All that one service is made of. A floor makes it (`Floor.service`)."""

    name: str
    engine: AsyncEngine
    counts: Counts
    doors: Doors
    hearing: Listener | None = None
    recall: Recall = field(default_factory=Recall)
    """How it takes back its own words, once its database was put back."""
    parts: Sequence[Part] = ()
    """What works, besides: workers, upkeep."""
    switches: Switches | None = None
    """What an operator has turned: every role looks."""
    telling: Sequence[Part] = ()
    """What ends last, as all others may still tell facts while they end: the relay, and the bell that wakes it."""
    close: Close | None = None
    """Closes what the service opened, once all parts have ended."""
    tracing: Tracing = OFF
    role: Role = "serve"
    broken: str | None = None
    metrics: FloorMetrics = field(default_factory=FloorMetrics)
    asked: Sequence[Asked[Any]] = ()
    """What its own metrics ask of the database."""
    looks: Sequence[Callable[[], None]] = ()
    """What its own metrics show without a question: called whenever they are read."""
    stop_within: float | None = None
    """Seconds in which it has stopped once it is told to, or the process is ended; None: however long that takes."""
    watch: Watch = field(init=False)
    scrape: Scrape = field(init=False)
    health: Starlette = field(init=False)
    """On a port of its own: it answers whatever the public one suffers, and tells the public nothing."""

    def __post_init__(self) -> None:
        self.http.router.lifespan_context = self._lifespan
        # an address with a slash too many is a wrong address: a redirect would answer a POST, or carry a token away
        self.http.router.redirect_slashes = False
        self.http.add_middleware(StrictTransport)
        self.http.add_middleware(Counting, metrics=self.metrics)
        self.http.add_middleware(Traced, tracing=self.tracing)
        self.health = Starlette(
            routes=[
                Route("/health/live", self._live),
                Route("/health/ready", self._ready),
                Route("/health/counts", self._counts),
                Route("/metrics", self._metrics),
            ]
        )
        self.health.router.redirect_slashes = False
        self.take_role(self.role)

    @property
    def http(self) -> Starlette:
        return self.doors.http

    @property
    def listener(self) -> Listener | None:
        """What it hears with; a role that only answers hears nothing."""
        return None if self.role == "http" else self.hearing

    @property
    def workers(self) -> Sequence[Worker]:
        return [part for part in self.parts if isinstance(part, Worker)]

    @property
    def switch_names(self) -> Sequence[str]:
        """What an operator may turn here."""
        mails = [NO_MAIL] if any(worker.mails for worker in self.workers) else []
        return list(dict.fromkeys([*self.doors.switches, *mails, *(pace_of(one.kind) for one in self.workers)]))

    def take_role(self, role: Role) -> None:
        """To be called before it runs."""
        self.role = role
        self.watch = Watch([*self._running_parts(), *self._tellers()], self._database_answers)
        self.scrape = Scrape(self.metrics, self._questions(), self._look)

    def _running_parts(self) -> list[Part]:
        working = [] if self.role == "http" else [*([self.hearing] if self.hearing else []), *self.parts]
        looking = [self.switches] if self.switches else []
        # what both halves need runs once
        return list(dict.fromkeys([*looking, *working, *(() if self.role == "work" else self.doors.parts)]))

    def _tellers(self) -> Sequence[Part]:
        return () if self.role == "http" else self.telling

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with self.running():
            yield

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """All parts of its role run inside."""
        stopping, all_told = asyncio.Event(), asyncio.Event()
        parts = [*self._running_parts(), self.watch]
        tasks = [asyncio.create_task(self._run(part, stopping)) for part in parts]
        tellers = [asyncio.create_task(self._run(part, all_told)) for part in self._tellers()]
        log.info("%s is up", self.name)
        yield
        if self.stop_within is not None:
            end_within(self.stop_within, self.name, asyncio.get_running_loop())
        stopping.set()
        await asyncio.gather(*tasks)
        # last, since the others may still tell facts and set messages aside while they end
        all_told.set()
        await asyncio.gather(*tellers)
        if self.close:
            await self.close()
        await self.scrape.close()
        await self.engine.dispose()
        await self.tracing.close()
        log.info("%s has stopped", self.name)

    async def _run(self, part: Part, stopping: asyncio.Event) -> None:
        try:
            await part.run(stopping)
        except Exception:
            # a fault of ours: whoever supervises the process sees it end, rather than half of it live on
            log.critical("the %s of %s has failed: stopping", part.name, self.name, exc_info=True)
            self.broken = part.name
            signal.raise_signal(signal.SIGTERM)

    async def _live(self, _: Request) -> JSONResponse:
        if self.broken:
            return JSONResponse({"alive": False, "broken": self.broken}, status_code=500)
        if stuck := self.watch.stuck_part:
            return JSONResponse({"alive": False, "stuck": stuck}, status_code=500)
        return JSONResponse({"alive": True})

    async def _ready(self, _: Request) -> JSONResponse:
        waits = [name for name, is_up in (await self._dependencies()).items() if not is_up]
        return JSONResponse({"ready": not waits, "waits_for": waits}, status_code=503 if waits else 200)

    async def _dependencies(self) -> dict[str, bool]:
        needs = {} if self.role == "work" else self.doors.needs
        return {
            "Kafka": self.listener is None or await self.listener.is_connected(),
            "PostgreSQL": await self._database_answers(),
            **{name: is_met() for name, is_met in needs.items()},
        }

    async def _database_answers(self) -> bool:
        try:
            async with asyncio.timeout(2.0), self.engine.connect() as connection:
                await connection.execute(select(1))
        except Exception:  # whatever it is, it is the answer
            return False
        return True

    async def _counts(self, _: Request) -> JSONResponse:
        async with self.engine.connect() as connection:
            counts: dict[str, Any] = dict(await self.counts(connection))
            if kinds := [worker.kind for worker in self.workers]:
                counts["jobs"] = await job_counts(connection, kinds)
        if self.listener:
            counts |= {"passed_over": self.listener.passed_over.total(), "set_aside": self.listener.set_aside}
        return JSONResponse(counts)

    # --- what is read at /metrics ----------------------------------------------------------------

    async def _metrics(self, _: Request) -> Response:
        return await self.scrape.answer()

    def _questions(self) -> list[Question]:
        metrics, kinds = self.metrics, [worker.kind for worker in self.workers]
        asked: list[Asked[Any]] = [
            Asked(untold, metrics.show_outbox),
            Asked(job_ages, lambda found: metrics.show_jobs(found, kinds)),
            Asked(self.counts, metrics.show_counts),
            *self.asked,
        ]
        questions = [self._is_up("PostgreSQL", self._database_answers), of_database(self.engine, asked)]
        if self.listener:
            questions.append(self._is_up("Kafka", self.listener.is_connected))
            # what it does not tell stays as it was known
            questions.append(Question("Kafka", self.listener.lag.look, lambda: None, kept_seconds=ANSWER_SECONDS))
        return questions

    def _is_up(self, what: str, answers: Callable[[], Awaitable[bool]]) -> Question:
        up = self.metrics.up.labels(what)

        async def find_out() -> None:
            up.set(await answers())

        return Question(what, find_out, lambda: up.set(0), kept_seconds=ANSWER_SECONDS)

    def _look(self) -> None:
        metrics = self.metrics
        for what, is_met in ({} if self.role == "work" else self.doors.needs).items():
            metrics.up.labels(what).set(is_met())
        behind = self.listener.lag.behind if self.listener else {}
        by_place = {(place.topic, str(place.partition)): one for place, one in behind.items()}
        show(metrics.lag_messages, {place: one.messages for place, one in by_place.items()})
        show(metrics.lag_seconds, {place: one.seconds for place, one in by_place.items()})
        watched = [part for part in [*self._running_parts(), *self._tellers()] if isinstance(part, Watched)]
        show(metrics.stuck, {(part.name,): part.is_stuck for part in watched})
        metrics.broken.set(self.broken is not None)
        show(metrics.build, {(_release_of(self.name),): 1})
        show(metrics.switch, self._switched())
        for look in self.looks:
            look()

    def _switched(self) -> dict[tuple[str, ...], float]:
        on = self.switches.on.values() if self.switches else ()
        return {(one.name,): 1 if one.per_minute is None else one.per_minute for one in on}


def _release_of(service: str) -> str:
    try:
        return version(service)
    except PackageNotFoundError:  # a service that was not installed: of a test
        return "unknown"
