"""The service's own PostgreSQL: the engine, and the floor's tables, which every service's database has."""

from __future__ import annotations

import time
from typing import Any

import asyncpg
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    event,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError, InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

Tx = AsyncConnection
"""A connection inside one transaction, which the edge (bus, worker, HTTP route) began and will commit."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
floor = MetaData(naming_convention=NAMING)

outbox = Table(
    "outbox",
    floor,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    # the names of Debezium's outbox event router, so that a connector can replace the relay
    Column("id", Uuid, nullable=False, unique=True),
    Column("aggregatetype", String(255), nullable=False, comment="the topic"),
    Column("aggregateid", String(255), nullable=False, comment="the key"),
    Column("type", String(255), nullable=False),
    Column("payload", JSONB, comment="null: a tombstone"),
    Column("headers", JSONB, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("published_at", DateTime(timezone=True)),
)
Index("ix_outbox_unpublished", outbox.c.seq, postgresql_where=outbox.c.published_at.is_(None))
Index("ix_outbox_published", outbox.c.published_at, postgresql_where=outbox.c.published_at.is_not(None))

inbox = Table(
    "inbox",
    floor,
    Column("consumer", Text, primary_key=True),
    Column("message_id", Text, primary_key=True),
    Column("taken_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
# small, and enough for a table that only grows at its end
Index("ix_inbox_taken", inbox.c.taken_at, postgresql_using="brin")

jobs = Table(
    "jobs",
    floor,
    Column("id", Uuid, primary_key=True, server_default=func.gen_random_uuid()),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False, comment="what the job is about: the same work is queued once"),
    Column("payload", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting", comment="waiting · running · done · dead"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("lease", Uuid, comment="changes with every claim; who lost it may not finish"),
    Column("lease_until", DateTime(timezone=True)),
    Column("last_error", Text),
    Column("traceparent", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("finished_at", DateTime(timezone=True)),
    UniqueConstraint("kind", "key"),
)
Index("ix_jobs_ended", jobs.c.finished_at, postgresql_where=text("state IN ('done', 'dead')"))
Index("ix_jobs_dead", jobs.c.kind, jobs.c.finished_at, postgresql_where=text("state = 'dead'"))
Index("ix_jobs_open", jobs.c.kind, jobs.c.due_at, postgresql_where=text("state IN ('waiting', 'running')"))

switches = Table(
    "switches",
    floor,
    Column("name", Text, primary_key=True),
    Column("per_minute", Integer, comment="of a pace"),
    Column("note", Text, nullable=False, server_default="", comment="for whom it stops, in French"),
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

oldest_versions = Table(
    "oldest_versions",
    floor,
    Column("branch", Text, primary_key=True),
    Column("migration", Text, nullable=False, comment="which a version must have to run here"),
)


# a connection that the server closed shows it by itself; one of which nobody hears any more (a router that forgot it,
# a host that was switched off) must be asked, and only one that lay idle can have become so without our noticing
IDLE_SECONDS = 30.0
ANSWER_SECONDS = 5.0

# none of our statements takes a second; one that waits for a lock may take some more
STATEMENT_SECONDS = 30.0
CONNECT_SECONDS = 15.0
# far longer than any of our transactions waits for Kafka: whose process is frozen in one holds its rows no longer
HELD_SECONDS = 300.0

# The same from the other end, where the system's own answer is two hours: a host that vanished may hold a row, or the
# lock of the relay that leads. The server asks every 10 s whether it is there, and ends its session before a minute
_WATCHED_BY_THE_SERVER = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
    "tcp_user_timeout": "30000",  # ms: for what was sent and never taken
    "client_connection_check_interval": "5000",  # ms: while a statement runs, or waits for a lock
}


def open_database(url: str, *, pool_size: int = 5, statement_seconds: float | None = STATEMENT_SECONDS) -> AsyncEngine:
    """The engine for a service's database. Connects at first use; a connection found dead is replaced.

    A statement without an answer after `statement_seconds` (None: however long it takes) is given up, and after as
    long again its connection, as if that had been cut. So does the server then, with a statement, and a while later
    with a transaction that asks nothing: whoever began it may be frozen.
    Its errors quote no values: they reach the logs, where personal data may not be.
    """
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        hide_parameters=True,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "command_timeout": statement_seconds,
            "server_settings": _WATCHED_BY_THE_SERVER | _bounds(statement_seconds),
        },
    )
    event.listen(engine.sync_engine, "checkin", _note_when)
    # not `pool_pre_ping`, which costs three round trips whenever a connection is taken
    event.listen(engine.sync_engine, "checkout", _replace_if_dead)
    event.listen(engine.sync_engine, "handle_error", _leave_out_the_row)
    return engine


def _bounds(statement_seconds: float | None) -> dict[str, str]:
    if statement_seconds is None:
        return {}
    # in ms. Not before us, who say what it was; a wait for a lock is part of a statement
    return {
        "statement_timeout": f"{2000 * statement_seconds:.0f}",
        "idle_in_transaction_session_timeout": f"{1000 * HELD_SECONDS:.0f}",
    }


def _note_when(_: Any, entry: ConnectionPoolEntry) -> None:
    entry.info["idle_since"] = time.monotonic()


def _replace_if_dead(connection: Any, entry: ConnectionPoolEntry, _: Any) -> None:
    # the pool opens another one in its place for whoever asks with these two
    if connection.driver_connection.is_closed():
        raise DisconnectionError
    now = time.monotonic()
    if now - entry.info.get("idle_since", now) > IDLE_SECONDS:
        try:
            connection.run_async(lambda driver: driver.execute("SELECT 1", timeout=ANSWER_SECONDS))
        except Exception as error:
            raise InvalidatePoolError from error  # those that are as old may be no better


def _leave_out_the_row(context: ExceptionContext) -> None:
    # PostgreSQL's DETAIL says « Failing row contains (…) », and a traceback shows the driver's error as the cause
    cause = context.original_exception.__cause__
    if isinstance(cause, asyncpg.PostgresError):
        cause.detail = None
