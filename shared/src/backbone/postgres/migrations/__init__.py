"""Brings a service's database up to date: the floor's tables, then the service's own (Alembic)."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

MIGRATION_LOCK = 0x5D1_A1E  # any fixed number: replicas that start together migrate one after the other


HOW_TO_MAKE_ONE = "make it anew with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"


def alembic_config(service: str, connection: Connection) -> Config:
    """Alembic's configuration for a service: two branches, `floor` and the service's own."""
    package = service.replace("-", "_")
    config = Config()
    config.set_main_option("script_location", "backbone.postgres:migrations")
    config.set_main_option("path_separator", "newline")
    own = Path(str(files(package))) / "migrations"
    config.set_main_option("version_locations", f"{Path(__file__).parent / 'versions'}\n{own}")
    config.attributes["connection"] = connection
    return config


class NotUnicode(Exception):
    """The database cannot hold every text; the message says how to make one that can."""


async def migrate(engine: AsyncEngine, service: str) -> None:
    """Applies all migrations that the service's database lacks. Raises NotUnicode, or what the database raises."""
    async with engine.begin() as connection:
        encoding = await connection.scalar(text("SELECT getdatabaseencoding()"))
        if encoding != "UTF8":  # it would take the tables, and refuse the first fact with an accent in it
            raise NotUnicode(f"the database keeps its texts in {encoding}: {HOW_TO_MAKE_ONE}")
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        await connection.run_sync(lambda sync: command.upgrade(alembic_config(service, sync), "heads"))


async def is_migrated(engine: AsyncEngine, service: str) -> bool:
    """Whether the database has all that this version's migrations make; that of a later version has it too."""
    async with engine.connect() as connection:
        return await connection.run_sync(_has_all, service)


def _has_all(connection: Connection, service: str) -> bool:
    migrations = ScriptDirectory.from_config(alembic_config(service, connection))
    ours, wanted = {script.revision for script in migrations.walk_revisions()}, set(migrations.get_heads())
    there = MigrationContext.configure(connection).get_current_heads()
    # each branch has one row; what we do not know was made by a later version, which keeps what we need: rolled back
    # to, we start
    return len(there) == len(wanted) and all(head in wanted or head not in ours for head in there)
