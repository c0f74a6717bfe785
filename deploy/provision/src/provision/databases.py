"""One database for each service, and one role that owns it and may enter no other."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg

from .errors import CannotStart

SERVICES = ("registration", "labelling", "geocoding", "commskit", "map-feed")


# whatever the server was made with: every letter there is, sorted the same on every machine
SORTED_ALIKE = "ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' TEMPLATE template0"


def database_of(service: str) -> str:
    """The name of a service's database, and of the role that owns it: `map_feed` for map-feed."""
    if service not in SERVICES:
        raise KeyError(f"no service {service!r}: one of {', '.join(SERVICES)}")
    return service.replace("-", "_")


def answers(dsn: str) -> bool:
    """Whether the server takes connections now; raises CannotStart where it does, but not ours."""
    try:
        _run(_connect_once(dsn))
    except (OSError, TimeoutError, asyncpg.CannotConnectNowError):
        return False
    except asyncpg.PostgresError as error:
        raise CannotStart(f"PostgreSQL answers, and will not let us in: {_first_line(error)}") from error
    return True


def make_databases(dsn: str, passwords: Mapping[str, str] | None = None) -> None:
    """Makes what is missing, and opens what was closed. With passwords: a role for each service; without: all belong to
    `dsn`'s own role, and nothing is opened."""
    try:
        _run(_make_databases(dsn, passwords))
    except asyncpg.PostgresError as error:
        raise CannotStart(f"PostgreSQL would not make the services' databases: {_first_line(error)}") from error


def _first_line(error: asyncpg.PostgresError) -> str:
    return str(error).splitlines()[0]


def _run(work: Coroutine[Any, Any, None]) -> None:
    # in a thread of its own, so that a start may be called from anywhere, from inside an event loop too
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def _connect_once(dsn: str) -> None:
    connection = await asyncpg.connect(dsn, timeout=5)
    await connection.close()


async def _make_databases(dsn: str, passwords: Mapping[str, str] | None) -> None:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        for name in map(database_of, SERVICES):
            if passwords is not None:
                await _make_role(connection, name, passwords[name])
            await _make_database(connection, name, owned=passwords is not None)
    finally:
        await connection.close()


async def _make_role(connection: asyncpg.Connection, name: str, password: str) -> None:
    # names are ours and passwords are base64url: nothing in them needs quoting, and PostgreSQL takes no parameters here
    if await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name):
        await connection.execute(f"ALTER ROLE {name} LOGIN")
    else:
        await connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")


async def _make_database(connection: asyncpg.Connection, name: str, *, owned: bool) -> None:
    if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        if owned:
            await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        return
    owner = f" OWNER {name}" if owned else ""
    await connection.execute(f"CREATE DATABASE {name}{owner} {SORTED_ALIKE}")
    if owned:
        await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
