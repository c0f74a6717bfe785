"""Where a connector tells the outbox, a fact is marked once Kafka is known to have it, and never sooner."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import asyncpg
import pytest
from sqlalchemy import func, select

from backbone.contracts import EventLabelled
from backbone.postgres.database import open_database, outbox
from backbone.postgres.migrations import migrate
from backbone.postgres.outbox import RELAY_LOCK, tell_now
from backbone.postgres.witness import Witness
from backbone.runtime.metrics import FloorMetrics
from backbone.service.floor import open_floor
from backbone.service.folding import in_transaction
from backbone.service.settings import ServiceSettings
from local_stack.postgres import LocalPostgres

SLOT = "outbox_registration"
EDITION = Path(__file__).parents[2] / "editions" / "2026.toml"


@pytest.fixture(scope="module")
def server(make_state_dir):
    """A server of its own, which keeps its log for connectors."""
    with LocalPostgres(make_state_dir(), fast=True, settings={"wal_level": "logical"}) as server:
        yield server


@pytest.fixture
async def engine(server):
    engine = open_database(server.url("registration"))
    await migrate(engine, "registration")
    yield engine
    async with engine.begin() as tx:
        await tx.execute(outbox.delete())
    await engine.dispose()


@pytest.fixture
async def slot(server):
    """A slot, and what a connector does with it."""
    connection = await asyncpg.connect(server.admin_url.rsplit("/", 1)[0] + "/registration")

    class Slot:
        async def make(self):
            await connection.execute("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", SLOT)

        async def drop(self):
            await connection.execute(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1", SLOT
            )

        async def advance(self):
            # as a connector does after its heartbeat: that is in the log, and then it has told all before it
            await connection.execute("SELECT pg_logical_emit_message(true, 'heartbeat', '')")
            await connection.execute("SELECT pg_replication_slot_advance($1, pg_current_wal_lsn())", SLOT)

    yield Slot()
    await Slot().drop()
    await connection.close()


@pytest.fixture
async def look(engine):
    """Lets one witness look once; how many facts it marked."""
    witness = Witness(engine, SLOT, RELAY_LOCK, FloorMetrics())

    async def look_once():
        async with engine.connect() as connection:
            return await witness.mark_some(connection)

    look_once.metrics = witness._metrics
    return look_once


@pytest.fixture
def unmarked(engine):
    async def count():
        async with engine.connect() as connection:
            return await connection.scalar(select(func.count()).where(outbox.c.published_at.is_(None)))

    return count


@pytest.fixture
def tell_one(engine, withdrawn):
    async def write(revision):
        async with engine.begin() as tx:
            await tell_now(tx, withdrawn(revision))

    return write


class Settings(ServiceSettings):
    """Settings of a service that tells something."""

    service: ClassVar[str] = "registration"


@pytest.mark.parametrize(("slot", "teller"), [(None, "relay"), (SLOT, "witness")])
async def test_the_outbox_is_told_by_the_relay_or_by_the_connector_that_the_settings_name(slot, teller):
    settings = Settings(
        database_url="postgresql+asyncpg://nobody@127.0.0.1:1/none",
        kafka_bootstrap_servers="127.0.0.1:1",
        edition=EDITION,
        outbox_slot=slot,
    )

    async def nothing(*_):
        return None

    hears = {EventLabelled: in_transaction(nothing)}
    service = open_floor(settings).service(counts=nothing, desk=None, hears=hears)
    assert [part.name for part in service.telling] == ["bell", teller]
    await service.engine.dispose()


async def test_what_the_slot_has_passed_is_marked_and_what_came_later_waits(slot, look, tell_one, unmarked):
    await slot.make()
    await tell_one(1)
    assert [await look(), await look(), await look()] == [0, 0, 0]  # the connector stands still
    await tell_one(2)
    await slot.advance()
    assert await look() == 0
    await slot.advance()
    assert (await look(), await unmarked()) == (1, 1)
    told = look.metrics.told.labels("registration.events", "EventWithdrawn")
    assert told._value.get() == 1


async def test_a_slot_made_anew_shows_nothing_of_what_was_written_before_it(slot, look, tell_one, unmarked):
    await slot.make()
    await tell_one(1)
    assert await look() == 0
    await slot.drop()  # the connector had told nothing yet: what it begins anew with, it finds by the missing mark
    await slot.make()
    assert [await look() for _ in range(5)] == [0] * 5
    assert await unmarked() == 1
    await slot.advance()  # it has told what it found, and then reads on
    assert (await look(), await unmarked()) == (1, 0)


async def test_without_a_slot_nothing_is_marked_and_the_log_says_once_that_nobody_tells(
    look, tell_one, unmarked, caplog
):
    await tell_one(1)
    assert [await look(), await look()] == [0, 0]
    assert await unmarked() == 1
    said = [record.getMessage() for record in caplog.records if record.name == "backbone.postgres.witness"]
    assert said == ["nobody tells the outbox: PostgreSQL has no usable slot outbox_registration in this database"]
