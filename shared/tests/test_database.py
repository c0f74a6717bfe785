"""A connection that is taken from the pool works, and is asked whether it does only when it may not."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from backbone.postgres.database import open_database
from backbone.runtime.waiting import is_transient


@pytest.fixture
async def make_engine(database_url):
    made = []

    def make(*, statement_seconds=30.0, **instead):
        url = make_url(database_url).set(**instead).render_as_string(hide_password=False)
        made.append(open_database(url, pool_size=1, statement_seconds=statement_seconds))
        return made[-1]

    yield make
    for engine in made:
        await engine.dispose()


@pytest.fixture
def asked():
    """What is sent when a connection is taken and used, besides the statement itself."""

    async def ask(engine):
        async with engine.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            sent = []
            driver.add_query_logger(lambda query: sent.append(query.query))
        async with engine.connect() as connection:
            assert await connection.scalar(select(1)) == 1
        return sent

    return ask


async def test_a_connection_that_was_used_a_moment_ago_is_not_asked_whether_it_lives(make_engine, asked):
    assert await asked(make_engine()) == ["BEGIN;", "ROLLBACK;"]


async def test_a_connection_that_lay_idle_is_asked_once(monkeypatch, make_engine, asked):
    monkeypatch.setattr("backbone.postgres.database.IDLE_SECONDS", 0.0)
    assert await asked(make_engine()) == ["SELECT 1", "BEGIN;", "ROLLBACK;"]


async def test_a_connection_that_the_server_closed_is_replaced_and_nobody_notices(make_engine, engine):
    with_one = make_engine()
    async with with_one.connect() as connection:
        pid = await connection.scalar(text("SELECT pg_backend_pid()"))
        driver = (await connection.get_raw_connection()).driver_connection
    async with engine.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    async with asyncio.timeout(60):
        while not driver.is_closed():
            await asyncio.sleep(0.01)
    async with with_one.connect() as connection:
        assert await connection.scalar(text("SELECT pg_backend_pid()")) != pid


async def test_an_idle_connection_that_leads_nowhere_any_more_is_replaced(monkeypatch, make_engine, database_url, road):
    monkeypatch.setattr("backbone.postgres.database.IDLE_SECONDS", 0.0)
    monkeypatch.setattr("backbone.postgres.database.ANSWER_SECONDS", 0.2)
    url = make_url(database_url)
    async with road.to(url.host, url.port) as port:
        with_one = make_engine(host="127.0.0.1", port=port)
        async with with_one.connect() as connection:
            pid = await connection.scalar(text("SELECT pg_backend_pid()"))
        road.forget_all()
        async with asyncio.timeout(60), with_one.connect() as connection:
            assert await connection.scalar(text("SELECT pg_backend_pid()")) != pid


async def test_a_statement_whose_answer_never_comes_ends_as_a_lost_connection_and_the_next_one_is_answered(
    make_engine, database_url, road
):
    url = make_url(database_url)
    async with road.to(url.host, url.port) as port, asyncio.timeout(60):
        with_one = make_engine(host="127.0.0.1", port=port, statement_seconds=1.5)
        for _ in range(2):
            with pytest.raises(Exception) as lost:  # noqa: PT011, PT012 (which one is what is asked)
                async with with_one.begin() as tx:
                    pid = await tx.scalar(text("SELECT pg_backend_pid()"))
                    road.forget_all()
                    await tx.scalar(select(1))
            assert is_transient(lost.value), "it would be set aside, not tried again"
            async with with_one.connect() as connection:
                assert await connection.scalar(text("SELECT pg_backend_pid()")) != pid


async def test_a_commit_whose_answer_never_comes_ends_as_a_lost_connection(make_engine, database_url, road):
    url = make_url(database_url)
    async with road.to(url.host, url.port) as port, asyncio.timeout(60):
        with_one = make_engine(host="127.0.0.1", port=port, statement_seconds=1.5)
        with pytest.raises(Exception) as lost:  # noqa: PT011, PT012
            async with with_one.begin() as tx:
                await tx.execute(select(1))
                road.forget_all()
        assert is_transient(lost.value)
        async with with_one.connect() as connection:
            assert await connection.scalar(select(1)) == 1


async def test_a_statement_that_takes_too_long_goes_on_nowhere(make_engine, engine):
    with_one = make_engine(statement_seconds=0.5)
    with pytest.raises(TimeoutError):
        async with with_one.connect() as connection:
            await connection.execute(text("SELECT pg_sleep(600)"))
    async with asyncio.timeout(60), engine.connect() as connection:
        sleepers = text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)' AND state = 'active'")
        while await connection.scalar(sleepers):
            await asyncio.sleep(0.05)


async def test_the_server_ends_the_session_of_a_host_that_vanished_within_a_minute(make_engine):
    async with make_engine().connect() as connection:
        told = {
            name: int(
                await connection.scalar(text("SELECT setting FROM pg_settings WHERE name = :name"), {"name": name})
            )
            for name in ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout")
        }
        told["while it runs"] = await connection.scalar(text("SHOW client_connection_check_interval"))
    silent = told["tcp_keepalives_idle"] + told["tcp_keepalives_interval"] * told["tcp_keepalives_count"]
    assert 0 < silent < 60
    assert 0 < told["tcp_user_timeout"] < 60_000
    assert told["while it runs"] == "5s"


async def test_who_is_frozen_in_a_transaction_holds_nothing_for_ever(monkeypatch, make_engine, engine):
    monkeypatch.setattr("backbone.postgres.database.HELD_SECONDS", 0.2)
    frozen = make_engine()
    async with frozen.connect() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(7)"))
        async with engine.begin() as other:  # waits, and is let in
            await other.execute(text("SELECT pg_advisory_xact_lock(7)"))
        with pytest.raises(DBAPIError) as failed:
            await connection.execute(select(1))
        assert is_transient(failed.value)
    async with frozen.connect() as connection:
        assert await connection.scalar(select(1)) == 1


async def test_the_server_gives_up_what_nobody_waits_for_any_more_and_nothing_that_may_take_long(make_engine):
    bounds = text("SELECT current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout')")
    found = []
    for seconds in (30.0, None):
        async with make_engine(statement_seconds=seconds).connect() as connection:
            found.append(tuple((await connection.execute(bounds)).one()))
    assert found == [("1min", "5min"), ("0", "0")]
