"""A connection that is taken from the pool works, and is asked whether it does only when it may not."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from backbone.database import open_database


class Road:
    """A port that leads to a server, until those who are on the road are forgotten: nothing of theirs arrives, in
    neither direction, and nobody is told. Who sets out afterwards arrives."""

    def __init__(self) -> None:
        self._travellers: list[asyncio.Event] = []

    @asynccontextmanager
    async def to(self, host, port):
        server = await asyncio.start_server(lambda *ends: self._travel(host, port, *ends), "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()

    def forget_all(self):
        for forgotten in self._travellers:
            forgotten.set()

    async def _travel(self, host, port, reader, writer):
        there, back = await asyncio.open_connection(host, port)
        self._travellers.append(forgotten := asyncio.Event())
        await asyncio.gather(_carry(reader, back, forgotten), _carry(there, writer, forgotten), return_exceptions=True)


async def _carry(reader, writer, forgotten):
    while data := await reader.read(65536):
        if not forgotten.is_set():
            writer.write(data)
    writer.close()


@pytest.fixture
async def make_engine(database_url):
    made = []

    def make(**instead):
        url = make_url(database_url).set(**instead).render_as_string(hide_password=False)
        made.append(open_database(url, pool_size=1))
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
    monkeypatch.setattr("backbone.database.IDLE_SECONDS", 0.0)
    assert await asked(make_engine()) == ["SELECT 1", "BEGIN;", "ROLLBACK;"]


async def test_a_connection_that_the_server_closed_is_replaced_and_nobody_notices(make_engine, engine):
    with_one = make_engine()
    async with with_one.connect() as connection:
        pid = await connection.scalar(text("SELECT pg_backend_pid()"))
        driver = (await connection.get_raw_connection()).driver_connection
    async with engine.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    async with asyncio.timeout(10):
        while not driver.is_closed():
            await asyncio.sleep(0.01)
    async with with_one.connect() as connection:
        assert await connection.scalar(text("SELECT pg_backend_pid()")) != pid


async def test_an_idle_connection_that_leads_nowhere_any_more_is_replaced(monkeypatch, make_engine, database_url):
    monkeypatch.setattr("backbone.database.IDLE_SECONDS", 0.0)
    monkeypatch.setattr("backbone.database.ANSWER_SECONDS", 0.2)
    url, road = make_url(database_url), Road()
    async with road.to(url.host, url.port) as port:
        with_one = make_engine(host="127.0.0.1", port=port)
        async with with_one.connect() as connection:
            pid = await connection.scalar(text("SELECT pg_backend_pid()"))
        road.forget_all()
        async with asyncio.timeout(20), with_one.connect() as connection:
            assert await connection.scalar(text("SELECT pg_backend_pid()")) != pid
