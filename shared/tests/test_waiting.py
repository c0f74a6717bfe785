"""What is worth trying again, and how long is waited."""

from __future__ import annotations

import asyncio
import errno
import io
import logging
import socket
import ssl
from contextlib import suppress

import asyncpg
import pytest
from aiokafka import errors as kafka
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from backbone.runtime.waiting import (
    attempts,
    backoff,
    close_for_good,
    is_transient,
    once_up,
    sleep_until,
    unless_stopped,
    what_failed,
)

log = logging.getLogger(__name__)


class Driver(Exception):
    """A driver's error with PostgreSQL's code."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    "error",
    [
        *(DBAPIError("", None, Driver(state)) for state in ("08006", "40001", "40P01", "53300", "57P01", "57P03")),
        *(DBAPIError("", None, Driver(state)) for state in ("25006", "55P03", "28P01", "3D000", "55000", "42P01")),
        DBAPIError("", None, Driver("XX000"), connection_invalidated=True),
        asyncpg.ConnectionDoesNotExistError("gone"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
        PoolTimeoutError(),
        kafka.KafkaConnectionError(),
        kafka.KafkaTimeoutError(),
        kafka.UnknownError(),
        kafka.OutOfOrderSequenceNumber(),
        kafka.TopicAuthorizationFailedError(),
        *(ConnectionResetError(), ConnectionRefusedError(), BrokenPipeError(), TimeoutError()),
        *(OSError(errno.ENOSPC, "No space left on device"), OSError(errno.EDQUOT, "Disk quota exceeded")),
        *(OSError(number, "") for number in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EMFILE)),
        socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
        ssl.SSLCertVerificationError(1, "certificate has expired"),
    ],
)
def test_a_world_that_is_away_is_worth_waiting_for(error):
    assert is_transient(error) is True


@pytest.mark.parametrize(
    "error",
    [
        IntegrityError("", None, Driver("23505")),
        *(DBAPIError("", None, Driver(state)) for state in ("22000", "22021", "23514", "42601", "54000")),
        asyncpg.UniqueViolationError("again"),
        kafka.MessageSizeTooLargeError(),
        FileNotFoundError(errno.ENOENT, "No such file or directory", "fonts/Marianne.ttf"),
        PermissionError(errno.EACCES, "Permission denied", "/mail/new"),
        *(OSError(number, "") for number in (errno.EBADF, errno.EINVAL, errno.ENAMETOOLONG, errno.EIO)),
        *(IsADirectoryError(), NotADirectoryError(), FileExistsError()),
        OSError("cannot open resource"),  # Pillow, of a font that is not there
        io.UnsupportedOperation("not writable"),
        ValueError(),
        KeyError(),
        AssertionError(),
        asyncio.CancelledError(),
    ],
)
def test_a_fault_of_the_message_or_of_ours_is_not(error):
    assert is_transient(error) is False


async def test_a_file_that_is_missing_is_a_fault_of_ours_and_a_socket_that_is_not_there_is_not(tmp_path):
    with pytest.raises(FileNotFoundError) as missing:
        (tmp_path / "lexicon.json").read_text()
    assert is_transient(missing.value) is False
    with pytest.raises(OSError) as closed:  # noqa: PT011
        await asyncpg.connect(host=str(tmp_path), port=5432, user="u", database="d")
    assert is_transient(closed.value) is True


async def test_a_host_of_several_addresses_of_which_none_answers_is_away(monkeypatch):
    nobody = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{last}", 1)) for last in (1, 2)]

    async def two_addresses(*_, **__):
        return nobody

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", two_addresses)
    with pytest.raises(OSError, match="Multiple exceptions") as away:
        await asyncio.open_connection("postgres.example", 1)
    assert is_transient(away.value) is True


def test_waits_double_up_to_the_cap_with_half_left_to_chance():
    for attempt, longest in enumerate((0.5, 1, 2, 4, 8, 16, 30, 30), start=1):
        waits = [backoff(attempt) for _ in range(200)]
        assert longest / 2 <= min(waits) < max(waits) <= longest
        assert len(set(waits)) > 1
    assert backoff(10**9) <= 30


async def test_sleep_ends_when_asked_to_stop():
    stopping = asyncio.Event()
    assert await sleep_until(stopping, 0.01) is False
    asyncio.get_running_loop().call_later(0.01, stopping.set)
    async with asyncio.timeout(60):
        assert await sleep_until(stopping, 3600) is True


async def test_attempts_are_counted_until_asked_to_stop(monkeypatch):
    monkeypatch.setattr("backbone.runtime.waiting.backoff", lambda attempt, cap: 0.0)
    stopping, counted = asyncio.Event(), []
    async for attempt in attempts(stopping):
        counted.append(attempt)
        if attempt == 4:
            stopping.set()
    assert counted == [1, 2, 3, 4]
    assert [attempt async for attempt in attempts(stopping)] == []


async def test_what_went_well_for_a_while_before_it_failed_waits_no_longer_than_at_first(monkeypatch):
    waited, stopping = [], asyncio.Event()
    monkeypatch.setattr("backbone.runtime.waiting.backoff", lambda attempt, cap: waited.append(attempt) or 0.0)
    monkeypatch.setattr("backbone.runtime.waiting.GOES_WELL_SECONDS", 0.05)
    async for attempt in attempts(stopping):
        if attempt == 4:
            await asyncio.sleep(0.1)  # the time that it went well is the condition itself
        if len(waited) == 5:
            stopping.set()
    assert waited[:5] == [1, 2, 3, 1, 2]


async def test_a_dependency_is_waited_for_and_what_it_gives_is_given_on(monkeypatch, caplog):
    monkeypatch.setattr("backbone.runtime.waiting.backoff", lambda attempt, cap: 0.0)
    failures = [ConnectionError(), kafka.KafkaConnectionError()]

    async def connect():
        if failures:
            raise failures.pop()
        return "connected"

    with caplog.at_level(logging.INFO):
        assert await once_up("Kafka", connect, asyncio.Event(), log) == "connected"
    assert [record.getMessage() for record in caplog.records if record.name == log.name] == [
        "Kafka is not up yet: waiting",
        "Kafka is not up yet: waiting",
        "Kafka is up",
    ]


async def test_a_fault_of_ours_is_not_waited_for():
    async def connect():
        raise KeyError

    with pytest.raises(KeyError):
        await once_up("Kafka", connect, asyncio.Event(), log)


async def test_a_connection_that_takes_for_ever_does_not_hold_up_a_stop():
    stopping, ended = asyncio.Event(), []

    async def connect():
        stopping.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cleaned up")

    async with asyncio.timeout(60):
        assert await once_up("Kafka", connect, stopping, log) is None
    assert ended == ["cleaned up"]


async def test_what_is_under_way_at_a_stop_may_end_within_its_grace():
    stopping, go_on = asyncio.Event(), asyncio.Event()

    async def work():
        stopping.set()
        await go_on.wait()
        return "done"

    asyncio.get_running_loop().call_later(0.02, go_on.set)
    assert await unless_stopped(stopping, work(), grace=10) == "done"
    go_on.clear()
    assert await unless_stopped(stopping, work(), grace=0.01) is None


async def test_a_failure_is_raised_and_a_cancellation_reaches_the_work():
    async def fail():
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        await unless_stopped(asyncio.Event(), fail())

    began, ended = asyncio.Event(), []

    async def work():
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cleaned up")

    task = asyncio.create_task(unless_stopped(asyncio.Event(), work()))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["cleaned up"]


async def test_a_cancellation_that_comes_as_a_client_is_closed_is_raised_once_it_is_closed():
    said_goodbye, closed = asyncio.Event(), []

    async def close():
        await said_goodbye.wait()
        closed.append("closed")

    async def work():
        await close_for_good("a client", close())

    working = asyncio.create_task(work())
    await asyncio.sleep(0)
    working.cancel()
    await asyncio.sleep(0)
    assert (working.done(), closed) == (False, [])
    said_goodbye.set()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert closed == ["closed"]


async def test_a_client_that_swallows_every_cancellation_as_it_closes_is_left_to_itself(caplog):
    let_go = asyncio.Event()

    async def close():
        while not let_go.is_set():
            with suppress(asyncio.CancelledError):
                await let_go.wait()

    await close_for_good("a consumer", close(), seconds=0.01)
    said = [record.getMessage() for record in caplog.records if record.name == "backbone.runtime.waiting"]
    assert said == ["a consumer did not close within 0.01 s and is left to itself"]
    let_go.set()


async def test_what_goes_wrong_as_a_client_is_closed_is_raised():
    async def close():
        raise kafka.KafkaConnectionError("gone")

    with pytest.raises(kafka.KafkaConnectionError):
        await close_for_good("a client", close())


async def test_a_cancellation_that_comes_as_the_service_stops_is_not_swallowed():
    stopping = asyncio.Event()
    waiting = asyncio.create_task(sleep_until(stopping, 60))
    await asyncio.sleep(0)
    stopping.set()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_database_that_takes_no_writing_is_named_so_and_not_by_the_library_around_it(engine):
    async with engine.connect() as connection:
        await connection.execute(text("SET TRANSACTION READ ONLY"))
        with pytest.raises(DBAPIError) as refused:
            await connection.execute(text("CREATE TABLE never (id int)"))
    assert what_failed(refused.value) == "ReadOnlySQLTransactionError"
    assert what_failed(TimeoutError()) == "TimeoutError"
