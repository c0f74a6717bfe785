"""Brings a service's database up to date: the floor's tables, then the service's own (Alembic).

While a new version is rolled out, and after it was rolled back, an older one runs on the same database. So each
migration says what it is in that respect:

step = "expand"     every older version runs on it as well
step = "contract"   takes away what no version needs any more since the migration `oldest`: older versions than one that
                    has that migration are refused from then on

CannotMigrate
├── NotUnicode      the database cannot hold every text
└── TooOld          a later version took away what this one needs
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection
from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from ...runtime.waiting import backoff
from ..database import oldest_versions

log = logging.getLogger(__name__)

MIGRATION_LOCK = 0x5D1_A1E  # any fixed number: replicas that start together migrate one after the other

# whoever waits for a table's lock has all who come after it wait behind it, readers too: services run meanwhile
LOCK_SECONDS = 3.0
PATIENCE_SECONDS = 180.0
_IN_THE_WAY = ("55P03", "40P01")  # a lock that did not come, a deadlock

HOW_TO_MAKE_ONE = "make it anew with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"


class CannotMigrate(Exception):
    """This version cannot have the database as it is; the message says why, and what to do."""


class NotUnicode(CannotMigrate):
    """The database cannot hold every text; the message says how to make one that can."""


class TooOld(CannotMigrate):
    """A later version took away what this one needs; the message says which version can run."""


def alembic_config(service: str, connection: Connection | None = None) -> Config:
    """Alembic's configuration for a service: two branches, `floor` and the service's own."""
    package = service.replace("-", "_")
    config = Config()
    config.set_main_option("script_location", "backbone.postgres:migrations")
    config.set_main_option("path_separator", "newline")
    own = Path(str(files(package))) / "migrations"
    config.set_main_option("version_locations", f"{Path(__file__).parent / 'versions'}\n{own}")
    config.attributes["connection"] = connection
    return config


async def migrate(engine: AsyncEngine, service: str) -> None:
    """Applies all migrations that the service's database lacks. One of a later version is left as it is: rolled back
    to, an earlier one starts on it.

    What stands in the way of its locks is let pass, and it tries again. Raises CannotMigrate, or what the database
    raises.
    """
    give_up, attempt = time.monotonic() + PATIENCE_SECONDS, 1
    while not await _migrates(engine, service, may_fail=time.monotonic() < give_up):
        log.info("the tables of %s are in use: trying again", service)
        await asyncio.sleep(backoff(attempt, cap=5.0))
        attempt += 1


async def _migrates(engine: AsyncEngine, service: str, *, may_fail: bool) -> bool:
    try:
        await _migrate(engine, service)
    except DBAPIError as error:
        if not may_fail or getattr(error.orig, "sqlstate", None) not in _IN_THE_WAY:
            raise
        return False
    return True


async def _migrate(engine: AsyncEngine, service: str) -> None:
    async with engine.begin() as connection:
        encoding = await connection.scalar(text("SELECT getdatabaseencoding()"))
        if encoding != "UTF8":  # it would take the tables, and refuse the first fact with an accent in it
            raise NotUnicode(f"the database keeps its texts in {encoding}: {HOW_TO_MAKE_ONE}")
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS:g}s'"))
        await connection.run_sync(_bring_up_to_date, service)


def _bring_up_to_date(connection: Connection, service: str) -> None:
    if not _has_all(connection, service):
        config = alembic_config(service, connection)
        command.upgrade(config, "heads")
        _keep_the_oldest(connection, ScriptDirectory.from_config(config))


def _keep_the_oldest(connection: Connection, migrations: ScriptDirectory) -> None:
    """Writes down for those that do not know our migrations which they must have to run here."""
    for script in reversed(list(migrations.walk_revisions())):  # walked from the newest on: the newest is written last
        if script.module.step == "contract":
            branch, oldest = script.revision.rsplit("_", 1)[0], script.module.oldest
            row = insert(oldest_versions).values(branch=branch, migration=oldest)
            connection.execute(row.on_conflict_do_update(index_elements=["branch"], set_={"migration": oldest}))


async def is_migrated(engine: AsyncEngine, service: str) -> bool:
    """Whether the database has all that this version's migrations make; that of a later version has it too. Raises
    TooOld where it had."""
    async with engine.connect() as connection:
        return await connection.run_sync(_has_all, service)


def _has_all(connection: Connection, service: str) -> bool:
    migrations = ScriptDirectory.from_config(alembic_config(service, connection))
    ours, wanted = {script.revision for script in migrations.walk_revisions()}, set(migrations.get_heads())
    there = MigrationContext.configure(connection).get_current_heads()
    # each branch has one row; what we do not know was made by a later version, which keeps what we need: rolled back
    # to, we start
    has_all = len(there) == len(wanted) and all(head in wanted or head not in ours for head in there)
    if has_all and not ours.issuperset(there):
        _refuse_if_too_old(connection, ours)
    return has_all


def _refuse_if_too_old(connection: Connection, ours: Collection[str]) -> None:
    needed = [one for one in connection.scalars(select(oldest_versions.c.migration)) if one not in ours]
    if needed:
        raise TooOld(
            f"a later version took away what this one needs: here runs a version that has {' and '.join(needed)},"
            " or a later one. Start that (nothing was changed)"
        )
