"""A service as a process: its HTTP door, its parts that run beside it, its health, its commands."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import uvicorn
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ..http.door import Limits, opened
from ..http.headers import StrictTransport
from ..postgres.bell import Bell
from ..postgres.database import open_database
from ..postgres.jobs import Worker, job_counts
from ..postgres.outbox import Relay
from ..runtime.ending import end_within
from ..runtime.logs import set_up_logs
from ..runtime.pulse import Watch
from ..runtime.waiting import is_transient
from .dead_jobs import run_jobs_command
from .listener import Listener
from .settings import ServiceSettings, read_settings

log = logging.getLogger(__name__)

Counts = Callable[[AsyncConnection], Awaitable[Mapping[str, int]]]
Close = Callable[[], Awaitable[None]]
"""Closes what a service opened; called once all parts have ended."""
S = TypeVar("S", bound=ServiceSettings)


class Part(Protocol):
    """Something that runs as long as the service does, waits for what it depends on, and ends when asked to."""

    name: str

    async def run(self, stopping: asyncio.Event) -> None: ...


@dataclass
class Service:
    """All that one service is made of; `create_app` of each service makes it, and tests use the same."""

    name: str
    engine: AsyncEngine
    bell: Bell
    relay: Relay
    counts: Counts
    listener: Listener | None = None
    parts: Sequence[Part] = ()
    needs: Mapping[str, Callable[[], bool]] = field(default_factory=dict)
    """What must be so, besides the dependencies, before the service is ready, by its name."""
    closing: Sequence[Close] = ()
    http: Starlette = field(default_factory=Starlette)
    broken: str | None = None
    stop_within: float | None = None
    """Seconds in which it has stopped once it is told to, or the process is ended; None: however long that takes."""
    watch: Watch = field(init=False)
    health: Starlette = field(init=False)
    """On a port of its own: it answers whatever the public one suffers, and tells the public nothing."""

    def __post_init__(self) -> None:
        self.watch = Watch([self.listener, self.relay, *self.parts], self._database_answers)
        self.http.router.lifespan_context = self._lifespan
        # an address with a slash too many is a wrong address: a redirect would answer a POST, or carry a token away
        self.http.router.redirect_slashes = False
        self.health = Starlette(
            routes=[
                Route("/health/live", self._live),
                Route("/health/ready", self._ready),
                Route("/health/counts", self._counts),
            ]
        )
        self.health.router.redirect_slashes = False
        self.http.add_middleware(StrictTransport)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        stopping, all_told = asyncio.Event(), asyncio.Event()
        parts: list[Part] = [*([self.listener] if self.listener else []), *self.parts, self.watch]
        tasks = [asyncio.create_task(self._run(part, stopping)) for part in parts]
        tellers = [asyncio.create_task(self._run(part, all_told)) for part in (self.bell, self.relay)]
        log.info("%s is up", self.name)
        yield
        if self.stop_within is not None:
            end_within(self.stop_within, self.name, asyncio.get_running_loop())
        stopping.set()
        await asyncio.gather(*tasks)
        # last, since the others may still tell facts and set messages aside while they end
        all_told.set()
        await asyncio.gather(*tellers)
        for close in self.closing:
            await close()
        await self.engine.dispose()
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
        return {
            "Kafka": self.listener is None or await self.listener.is_connected(),
            "PostgreSQL": await self._database_answers(),
            **{name: is_met() for name, is_met in self.needs.items()},
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
            if kinds := [part.kind for part in self.parts if isinstance(part, Worker)]:
                counts["jobs"] = await job_counts(connection, kinds)
        if self.listener:
            counts |= {"passed_over": self.listener.passed_over.total(), "set_aside": self.listener.set_aside}
        return JSONResponse(counts)


def run_service(
    settings_type: type[S],
    create_app: Callable[[S], Service],
    commands: Mapping[str, Callable[[S, list[str]], Coroutine[Any, Any, None]]] | None = None,
) -> None:
    """The command of a service: `serve` (the default), `migrate`, `jobs`, and its own `commands`.

    Exits with 2 and one line on standard error where a setting is missing.
    """
    all_commands: Mapping[str, Callable[[S, list[str]], Coroutine[Any, Any, None]]]
    all_commands = {"migrate": _migrate, "jobs": run_jobs_command, **(commands or {})}
    parser = argparse.ArgumentParser(prog=settings_type.service)
    parser.add_argument("command", nargs="?", default="serve", choices=["serve", *all_commands])
    chosen, rest = parser.parse_known_args()
    settings = read_settings(settings_type)
    set_up_logs(settings.log_format, settings.log_level)
    if chosen.command == "serve":
        _serve(settings, create_app(settings))
    else:
        _do(settings, all_commands[chosen.command](settings, rest))


def _do(settings: ServiceSettings, command: Coroutine[Any, Any, None]) -> None:
    try:
        asyncio.run(command)
    except Exception as error:
        if not is_transient(error):
            raise
        raise SystemExit(f"{settings.service}: PostgreSQL is busy or away: nothing was done, try again") from None


async def _migrate(settings: ServiceSettings, _: list[str]) -> None:
    # not above: Alembic takes a third of a second to import, and no service needs it to serve
    from ..postgres.migrations import NotUnicode, migrate

    engine = open_database(settings.database_url.get_secret_value(), statement_seconds=None)
    try:
        await migrate(engine, settings.service)
    except NotUnicode as error:
        raise SystemExit(f"{settings.service}: {error}") from None
    finally:
        await engine.dispose()


def _serve(settings: ServiceSettings, service: Service) -> None:
    public, health = _public_server(settings, service), _health_server(settings, service)
    sockets = [bound(server.config) for server in (public, health)]
    # uvicorn raises the signal again once all is stopped: without these the process would end with it, not with 0
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    service.stop_within = settings.stop_within_seconds

    async def serve() -> None:
        answering = asyncio.create_task(health.serve([sockets[1]]))
        await public.serve([sockets[0]])
        health.should_exit = True  # last: it says that the service lives, and how it ends
        await answering

    asyncio.run(serve())
    if service.broken:
        raise SystemExit(1)


def bound(config: uvicorn.Config) -> socket.socket:
    """The socket that a server listens on."""
    listening = config.bind_socket()
    listening.set_inheritable(False)  # a child that outlived the service would hold its port
    # as asyncio does with sockets that it makes itself: an answer in two pieces waits 40 ms for the client otherwise
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _public_server(settings: ServiceSettings, service: Service) -> uvicorn.Server:
    config = uvicorn.Config(
        service.http,
        host=settings.http_host,
        port=settings.http_port,
        http=opened(Limits(), settings.proxies),
        ws="none",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=[str(network) for network in settings.proxies],
    )
    return uvicorn.Server(config)


class _HealthServer(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals are for the public server, which ends first


def _health_server(settings: ServiceSettings, service: Service) -> uvicorn.Server:
    config = uvicorn.Config(
        service.health,
        host=settings.http_host,
        port=settings.health_port,
        http=opened(Limits(head=5.0, body=5.0, reading=5.0, most=64, most_of_client=64)),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        server_header=False,
        proxy_headers=False,
    )
    return _HealthServer(config)
