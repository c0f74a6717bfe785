"""While a version is rolled out, and after it was rolled back, an older one runs on the same database."""

from __future__ import annotations

import asyncio
import io
import re
import sys

import pytest
from alembic import op
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, text
from sqlalchemy.dialects import postgresql

from backbone.postgres.database import NAMING, open_database
from backbone.postgres.migrations import TooOld, alembic_config, is_migrated, migrate

SERVICES = ("registration", "labelling", "geocoding", "commskit", "map-feed")
# no version of commskit deletes an event, which alone its notices would keep from; labelling's trigger lets more by;
# no older version of registration writes an external id, which alone may not be there twice
TAKEN_AS_THEY_ARE = {"commskit_0002", "labelling_0004", "registration_0010"}


def statements(upgrade):
    """What a migration has the database do, statement by statement, without a database."""
    told = io.StringIO()
    options = {"as_sql": True, "output_buffer": told, "target_metadata": MetaData(naming_convention=NAMING)}
    with Operations.context(MigrationContext.configure(dialect=postgresql.dialect(), opts=options)):
        upgrade()
    return [" ".join(one.split()) for one in re.split(r";\s*\n", told.getvalue()) if one.strip()]


class Expanding:
    """Says of one statement after the other what an older version would stumble on. What is not known to be harmless
    is refused: of a table that is there may be added to, and nothing be taken away or asked for."""

    def __init__(self, fills=()):
        """`fills`: columns that a migration says to be read by no older version, though they were added before."""
        self.new_tables, self.new_columns = set(), {tuple(column.split(".")) for column in fills}
        self.allowed = (
            (r"CREATE TABLE (\w+) \((.*)\)", self.create_table),
            (r"CREATE( UNIQUE)? INDEX \w+ ON (\w+)", self.create_index),
            (r"ALTER TABLE (\w+) ADD COLUMN (\w+) (.*)", self.add_column),
            (r"ALTER TABLE (\w+) SET \(", lambda *_: None),  # how it is stored
            (r"DROP INDEX ", lambda *_: None),  # slower, and as right as before
            (r"CREATE FUNCTION |CREATE TRIGGER ", lambda *_: None),  # of those a reader of the change must judge
            (r"INSERT INTO (\w+)", self.insert),
            (r"UPDATE (\w+) SET (.*?)( WHERE | FROM |$)", self.update),
        )

    def fault(self, statement):
        for shape, judge in self.allowed:
            if found := re.match(shape, statement, re.IGNORECASE):
                return judge(*found.groups())
        return "may take away what an older version needs"

    def create_table(self, table, body):
        self.new_tables.add(table)
        for other, rest in re.findall(r"REFERENCES (\w+) \(.*?\)([^,]*)", body):
            if other not in self.new_tables and not re.search(r"ON DELETE (CASCADE|SET NULL)", rest):
                return f"an older version could not delete from {other}, of which these rows know"
        return None

    def create_index(self, unique, table):
        if unique and table not in self.new_tables:
            return f"an older version may write two rows alike into {table}"
        return None

    def add_column(self, table, column, what):
        self.new_columns.add((table, column))
        if "NOT NULL" in what and "DEFAULT" not in what and "GENERATED" not in what:
            return f"an older version writes rows of {table} without {column}"
        if re.search(r"UNIQUE|REFERENCES|CHECK", what):
            return f"an older version knows no rule about {column}"
        return None

    def insert(self, table):
        return None if table in self.new_tables else f"an older version finds rows in {table} that it did not write"

    def update(self, table, what, _):
        columns = re.findall(r"(?:^|, )(\w+) =", what)
        known = {(table, column) for column in columns} <= self.new_columns
        return None if table in self.new_tables or known else f"an older version reads what is written into {table}"


def faults(upgrade, fills=()):
    expanding = Expanding(fills)
    return [f"{fault}: {one}" for one in statements(upgrade) if (fault := expanding.fault(one))]


def migrations(service):
    return list(ScriptDirectory.from_config(alembic_config(service)).walk_revisions())


@pytest.mark.parametrize("service", SERVICES)
def test_every_migration_says_whether_older_versions_run_on_it_and_those_that_expand_take_nothing_away(service):
    for script in migrations(service):
        step = getattr(script.module, "step", None)
        assert step in ("expand", "contract"), f"{script.revision} says neither: docs/upgrades.md"
        if step == "expand" and script.revision not in TAKEN_AS_THEY_ARE:
            assert faults(script.module.upgrade, getattr(script.module, "fills", ())) == [], (
                f"{script.revision} is to be two, or to contract"
            )


@pytest.mark.parametrize("service", SERVICES)
def test_a_migration_that_contracts_names_an_earlier_one_that_the_oldest_version_has(service):
    # not the one just before it alone: that one's version is the first that no longer needs what goes
    earlier = []
    for script in reversed(migrations(service)):
        if script.module.step == "contract":
            assert script.module.oldest in earlier, f"{script.revision}: oldest is {script.module.oldest}"
        earlier.append(script.revision)


@pytest.mark.parametrize(
    "harm",
    [
        lambda: op.drop_table("jobs"),
        lambda: op.drop_column("jobs", "last_error"),
        lambda: op.alter_column("jobs", "key", new_column_name="about"),
        lambda: op.rename_table("jobs", "work"),
        lambda: op.alter_column("jobs", "last_error", nullable=False),
        lambda: op.alter_column("jobs", "payload", type_=postgresql.JSON),
        lambda: op.alter_column("jobs", "attempts", server_default=None),
        lambda: op.alter_column("jobs", "payload", nullable=True),
        lambda: op.create_check_constraint("few", "jobs", "attempts < 9"),
        lambda: op.create_unique_constraint("uq_jobs_key", "jobs", ["key"]),
        lambda: op.create_index("ix_jobs_key", "jobs", ["key"], unique=True),
        lambda: op.drop_constraint("uq_jobs_kind_key", "jobs"),
        lambda: op.execute("ALTER TABLE jobs ADD COLUMN by text NOT NULL"),
        lambda: op.execute("ALTER TABLE jobs ADD COLUMN by uuid REFERENCES accounts (id)"),
        lambda: op.execute("UPDATE jobs SET state = 'dead'"),
        lambda: op.execute("INSERT INTO jobs DEFAULT VALUES"),
        lambda: op.execute("DELETE FROM jobs"),
        lambda: op.execute("TRUNCATE jobs"),
        lambda: op.execute("drop trigger ring_map on events"),
        lambda: op.execute("CREATE TABLE notes (job uuid REFERENCES jobs (id))"),
    ],
)
def test_what_an_older_version_would_stumble_on_is_no_expansion(harm):
    assert len(faults(harm)) == 1


def test_what_is_added_with_a_default_and_filled_is_an_expansion():
    def upgrade():
        op.execute("ALTER TABLE jobs ADD COLUMN lane text DEFAULT 'slow' NOT NULL")
        op.execute("UPDATE jobs SET lane = 'fast' WHERE kind = 'mail'")
        op.create_index("ix_jobs_lane", "jobs", ["lane"])

    assert faults(upgrade) == []


def test_what_was_added_before_is_filled_by_a_migration_that_says_so():
    def upgrade():
        op.execute("UPDATE cases SET regions = ARRAY[region]")

    assert len(faults(upgrade)) == 1
    assert faults(upgrade, fills=("cases.regions",)) == []


# --- three versions of one service: the first, one that expands, one that contracts ----------------------------------

ONE = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "{name}_0001", None, ("{name}",), None
step = "expand"
def upgrade(): op.execute("CREATE TABLE fairs (id int PRIMARY KEY, town text)")
"""
TWO = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "{name}_0002", "{name}_0001", None, None
step = "expand"
def upgrade(): op.execute("ALTER TABLE fairs ADD COLUMN place text")
"""
THREE = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "{name}_0003", "{name}_0002", None, None
step, oldest = "contract", "{name}_0002"
def upgrade(): op.execute("ALTER TABLE fairs DROP COLUMN town")
"""


@pytest.fixture
async def fairs(make_database, tmp_path, monkeypatch):
    """Gives a database, and has the package `fairs` hold the migrations of its first so many versions."""
    engine = open_database(await make_database("geocoding"))
    async with engine.begin() as connection:
        for what in ("venues", "alembic_version", "outbox", "inbox", "jobs", "switches", "oldest_versions"):
            await connection.execute(text(f"DROP TABLE {what}"))
    folder = tmp_path / "fairs" / "migrations"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))

    def version(number):
        for place, source in enumerate((ONE, TWO, THREE), start=1):
            file = folder / f"fairs_000{place}.py"
            file.unlink(missing_ok=True)
            if place <= number:
                file.write_text(source.format(name="fairs"))
        return engine

    yield version
    await engine.dispose()
    sys.modules.pop("fairs", None)


async def columns(engine):
    asked = "SELECT column_name FROM information_schema.columns WHERE table_name = 'fairs'"
    async with engine.connect() as connection:
        return set(await connection.scalars(text(asked)))


async def test_who_is_rolled_back_to_migrates_nothing_and_starts(fairs):
    await migrate(fairs(2), "fairs")
    await migrate(fairs(1), "fairs")
    assert await is_migrated(fairs(1), "fairs")
    assert await columns(fairs(1)) == {"id", "town", "place"}


async def test_where_a_later_version_took_away_what_one_needs_that_one_is_told_who_may_run(fairs):
    await migrate(fairs(3), "fairs")
    for refused in (migrate, is_migrated):
        with pytest.raises(TooOld, match="here runs a version that has fairs_0002, or a later one"):
            await refused(fairs(1), "fairs")
    await migrate(fairs(2), "fairs")
    assert await is_migrated(fairs(2), "fairs")
    assert await is_migrated(fairs(3), "fairs")
    assert await columns(fairs(3)) == {"id", "place"}


async def test_a_migration_keeps_nobody_waiting_behind_it_and_comes_through_once_there_is_room(
    fairs, monkeypatch, eventually
):
    monkeypatch.setattr("backbone.postgres.migrations.LOCK_SECONDS", 0.1)
    await migrate(fairs(1), "fairs")
    engine = fairs(2)
    tries = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with engine.connect() as long, engine.connect() as other:
        await long.execute(text("SELECT * FROM fairs"))  # somebody's answer that takes a while

        async def waits():
            async with other.begin():
                return await other.scalar(text(tries))

        migrating = asyncio.create_task(migrate(engine, "fairs"))
        await eventually(waits)
        async with asyncio.timeout(60), other.begin():  # it stands behind the lock that does not come, for a moment
            await other.execute(text("SELECT count(*) FROM fairs"))
        assert not migrating.done()
        await long.rollback()
        await migrating
    assert "place" in await columns(engine)
