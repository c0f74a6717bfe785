"""A service as a process: its commands, its two servers, and how it ends."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import uvicorn

from ..http.door import Limits, opened
from ..postgres.database import open_database
from ..runtime.logs import set_up_logs
from ..runtime.memory import settle
from ..runtime.waiting import is_transient
from .catching_up import run_catch_up_command
from .dead_jobs import run_jobs_command
from .service import Role, Service
from .settings import ServiceSettings, read_settings
from .switching import run_switch_command

log = logging.getLogger(__name__)

S = TypeVar("S", bound=ServiceSettings)
ROLES: Sequence[Role] = ("serve", "http", "work")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run_service(
    settings_type: type[S],
    create_app: Callable[[S], Service],
    commands: Mapping[str, Callable[[S, list[str]], Coroutine[Any, Any, None]]] | None = None,
) -> None:
    """The command of a service: `serve` (the default), or only its half `http` or `work`; `migrate`,
    `await-migrations`, `jobs`, `switch`, `catch-up`, and its own `commands`.

    Exits with 2 and one line on standard error where a setting is missing.
    """
    all_commands: Mapping[str, Callable[[S, list[str]], Coroutine[Any, Any, None]]]

    async def switch(settings: S, arguments: list[str]) -> None:
        await run_switch_command(settings, arguments, create_app(settings).switch_names)

    async def catch_up(settings: S, arguments: list[str]) -> None:
        await run_catch_up_command(settings, arguments, create_app(settings))

    all_commands = {
        "migrate": _migrate,
        "await-migrations": _await_migrations,
        "jobs": run_jobs_command,
        "switch": switch,
        "catch-up": catch_up,
        **(commands or {}),
    }
    parser = argparse.ArgumentParser(prog=settings_type.service)
    parser.add_argument("command", nargs="?", default="serve", choices=[*ROLES, *all_commands])
    chosen, rest = parser.parse_known_args()
    settings = read_settings(settings_type)
    set_up_logs(settings.log_format, settings.log_level, [create_app.__module__.split(".")[0]])
    if chosen.command in ROLES:
        service = create_app(settings)
        service.take_role(chosen.command)
        _serve(settings, service)
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
    from ..postgres.migrations import CannotMigrate, migrate

    engine = open_database(settings.database_url.get_secret_value(), statement_seconds=None)
    try:
        await migrate(engine, settings.service)
    except CannotMigrate as error:
        raise SystemExit(f"{settings.service}: {error}") from None
    finally:
        await engine.dispose()


async def _await_migrations(settings: ServiceSettings, _: list[str]) -> None:
    """Ends once the database has what this version needs, whoever brings it there; says once what it waits for. Ends
    with 1 where a later version took that away."""
    from ..postgres.migrations import CannotMigrate, is_migrated

    # as a container's first process it would not end by a signal that it does not handle
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    engine = open_database(settings.database_url.get_secret_value())
    try:
        said: str | None = None
        while waits_for := await _lacks(is_migrated(engine, settings.service)):
            if waits_for != said:
                log.info("%s waits for %s", settings.service, waits_for)
            said = waits_for
            await asyncio.sleep(1.0)
    except CannotMigrate as error:
        raise SystemExit(f"{settings.service}: {error}") from None
    finally:
        await engine.dispose()


async def _lacks(is_migrated: Coroutine[Any, Any, bool]) -> str | None:
    try:
        return None if await is_migrated else "its database to be migrated"
    except Exception as error:
        if not is_transient(error):
            raise
        return "PostgreSQL"


def _serve(settings: ServiceSettings, service: Service) -> None:
    health = _health_server(settings, service)
    public = _public_server(settings, service) if service.role != "work" else None
    sockets = {server: bound(server.config) for server in (public, health) if server}
    # uvicorn raises the signal again once all is stopped: without these the process would end with it, not with 0
    for number in _SIGNALS:
        signal.signal(number, lambda *_: None)
    service.stop_within = settings.stop_within_seconds
    settle()

    async def serve() -> None:
        answering = asyncio.create_task(health.serve([sockets[health]]))
        if public:
            await public.serve([sockets[public]])
        else:
            await _work(service)
        health.should_exit = True  # last: it says that the service lives, and how it ends
        await answering

    asyncio.run(serve())
    if service.broken:
        raise SystemExit(1)


async def _work(service: Service) -> None:
    """Runs a service that answers nobody, until a signal tells it to stop."""
    told = asyncio.Event()
    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with service.running():
        await told.wait()


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
        http=opened(Limits(), settings.proxies, service.metrics.count_refused),
        ws="none",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=[str(network) for network in settings.proxies],
    )
    return _PublicServer(config, service)


class _PublicServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._service.doors.let_go()  # first: it waits for all answers that are under way
        await super().shutdown(sockets)


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
