"""What the migrations make is what the code's tables say."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from importlib import import_module
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, text
from sqlalchemy.engine import make_url

from backbone.postgres.database import NAMING, floor, open_database
from backbone.postgres.migrations import NotUnicode, alembic_config, is_migrated, migrate

SERVICES = ("registration", "labelling", "geocoding", "commskit", "map-feed")


@pytest.fixture
async def database(make_database):
    opened = []

    async def make(service):
        opened.append(engine := open_database(await make_database(service)))
        return engine

    yield make
    for engine in opened:
        await engine.dispose()


def all_tables(service):
    package = service.replace("-", "_")
    import_module(f"{package}.app")  # all of it: a service may have tables beside its store
    store = import_module(f"{package}.store")
    together = MetaData(naming_convention=NAMING)
    for metadata in (floor, store.metadata):
        for table in metadata.tables.values():
            table.to_metadata(together)
    return together


def differences(connection, service):
    def is_ours(_, name, kind, reflected, compare_to):
        return not (kind == "table" and name == "alembic_version")

    options = {"compare_type": True, "compare_server_default": True, "include_object": is_ours}
    found = compare_metadata(MigrationContext.configure(connection, opts=options), all_tables(service))
    # what is changed of one column comes as a list
    each = [change for one in found for change in (one if isinstance(one, list) else [one])]
    # a comment is for the reader of the code
    return [change for change in each if change[0] != "modify_comment"]


@pytest.mark.parametrize("service", SERVICES)
async def test_the_migrations_make_the_tables_of_the_code(service, database):
    engine = await database(service)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences, service) == []


@pytest.mark.parametrize("service", SERVICES)
async def test_all_migrations_can_be_taken_back_and_applied_again(service, database):
    engine = await database(service)

    def take_back(connection):
        command.downgrade(alembic_config(service, connection), "base")

    before = await names_in(engine)
    async with engine.begin() as connection:
        await connection.run_sync(take_back)
    assert await names_in(engine) == {"alembic_version", "alembic_version_pkc"}
    await migrate(engine, service)
    assert await names_in(engine) == before


async def names_in(engine):
    """The names of all tables, indexes, sequences and constraints."""
    relations = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    constraints = "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'"
    async with engine.connect() as connection:
        return set(await connection.scalars(text(f"{relations} UNION {constraints}")))


async def test_replicas_that_start_together_migrate_one_after_the_other(database):
    engine = await database("geocoding")

    def take_back(connection):
        command.downgrade(alembic_config("geocoding", connection), "base")

    async with engine.begin() as connection:
        await connection.run_sync(take_back)
    await asyncio.gather(*(migrate(engine, "geocoding") for _ in range(3)))
    async with engine.connect() as connection:
        assert await connection.run_sync(differences, "geocoding") == []
        versions = set(await connection.scalars(text("SELECT version_num FROM alembic_version")))
    assert versions == {"floor_0005", "geocoding_0003"}


async def change(engine, statement):
    async with engine.begin() as connection:
        await connection.execute(text(statement))


@pytest.mark.parametrize("service", SERVICES)
async def test_a_database_is_ready_for_a_version_that_has_all_its_migrations_or_more(service, database):
    engine = await database(service)
    assert await is_migrated(engine, service)
    # the next version was here, and this one is rolled back to
    await change(engine, "UPDATE alembic_version SET version_num = 'of_a_later_version' WHERE version_num ~ '^floor'")
    assert await is_migrated(engine, service)


async def test_a_database_is_not_ready_without_tables_or_at_an_earlier_version(database):
    engine = await database("geocoding")
    await change(engine, "UPDATE alembic_version SET version_num = 'floor_0001' WHERE version_num ~ '^floor'")
    assert not await is_migrated(engine, "geocoding")
    await change(engine, "DELETE FROM alembic_version WHERE version_num ~ '^floor'")
    assert not await is_migrated(engine, "geocoding")
    await change(engine, "DROP TABLE alembic_version")
    assert not await is_migrated(engine, "geocoding")


@pytest.fixture
async def waiting():
    """Starts `await-migrations` of geocoding on a database; its output."""
    started = []

    async def start(engine):
        told = {"DATABASE_URL": engine.url.render_as_string(False), "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
        command = (sys.executable, "-c", "from geocoding.app import main; main()", "await-migrations")
        output = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.STDOUT}
        environment = os.environ | told | {"EDITION": "editions/2026.toml"}
        started.append(one := await asyncio.create_subprocess_exec(*command, **output, env=environment))
        return one

    yield start
    for one in started:
        if one.returncode is None:
            one.kill()
            await one.wait()


async def test_who_awaits_the_migrations_ends_once_somebody_has_made_them_and_said_what_it_waits_for(database, waiting):
    engine = await database("geocoding")
    await change(engine, "ALTER TABLE alembic_version RENAME TO away")
    one = await waiting(engine)
    async with asyncio.timeout(60):
        while b"geocoding waits for its database to be migrated" not in (line := await one.stdout.readline()):
            assert line, "it has ended"
        await change(engine, "ALTER TABLE away RENAME TO alembic_version")
        assert await one.wait() == 0


async def test_who_awaits_the_migrations_of_a_database_that_is_away_ends_when_told_to(database, waiting):
    nowhere = open_database("postgresql+asyncpg://a@127.0.0.1:1/a")
    one = await waiting(nowhere)
    await nowhere.dispose()
    async with asyncio.timeout(60):
        while b"geocoding waits for PostgreSQL" not in (line := await one.stdout.readline()):
            assert line, "it has ended"
        one.send_signal(signal.SIGTERM)
        assert await one.wait() == 143


async def test_a_database_that_cannot_hold_every_text_is_refused_before_it_has_a_table(postgres_admin_url):
    admin = open_database(make_url(postgres_admin_url).set(drivername="postgresql+asyncpg").render_as_string(False))
    alone = admin.execution_options(isolation_level="AUTOCOMMIT")
    name = f"ascii_{uuid4().hex}"
    async with alone.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"))
    ascii_only = open_database(admin.url.set(database=name).render_as_string(False))
    try:
        with pytest.raises(NotUnicode, match="keeps its texts in SQL_ASCII: make it anew with CREATE DATABASE"):
            await migrate(ascii_only, "labelling")
        async with ascii_only.connect() as connection:
            tables = text("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")
            assert await connection.scalar(tables) == 0
    finally:
        await ascii_only.dispose()
        async with alone.connect() as connection:
            await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        await admin.dispose()
