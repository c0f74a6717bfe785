"""What the migrations make is what the code's tables say."""

from __future__ import annotations

import asyncio
from importlib import import_module
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, text
from sqlalchemy.engine import make_url

from backbone.postgres.database import NAMING, floor, open_database
from backbone.postgres.migrations import NotUnicode, alembic_config, migrate

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
    assert versions == {"floor_0004", "geocoding_0001"}


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
