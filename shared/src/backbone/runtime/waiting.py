"""What is worth trying again, and how long to wait before.

Exception
├── is_transient(...)   the world is away for a while: wait in place, never set aside
└── anything else       will never succeed as it is: dead letter or dead job, with its reason
"""

from __future__ import annotations

import asyncio
import errno
import logging
import random
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

import asyncpg
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

T = TypeVar("T")

log = logging.getLogger(__name__)

# SQLSTATE classes and codes of PostgreSQL (appendix A of its manual) that pass by themselves:
# 08 connection, 40 serialization failure and deadlock, 53 disk or memory full and too many connections,
# 57P shut down or starting, 55P03 lock not available, 58 system error, 25006 a standby not yet promoted.
# And what a deployment mends, not the message at hand: 28 and 3D a role or database that is not there (yet),
# 55000 a database closed to connections, 42P01 and 42703 a migration that has not run yet
_TRANSIENT_STATES = ("08", "40", "53", "57P", "55P03", "58", "25006", "28", "3D", "55000", "42P01", "42703")

# A network that is away, a disk that is full, a machine short of something: all that an OSError may be and pass.
# ConnectionError and TimeoutError have their own classes
_TRANSIENT_ERRNOS = frozenset(
    {
        *(errno.ENETDOWN, errno.ENETUNREACH, errno.ENETRESET, errno.EHOSTDOWN, errno.EHOSTUNREACH),
        *(errno.EADDRNOTAVAIL, errno.ENOTCONN, errno.EAGAIN),
        *(errno.ENOSPC, errno.EDQUOT),
        *(errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM),
    }
)

GOES_WELL_SECONDS = 60.0  # longer than any one of our time-outs
CLOSE_SECONDS = 10.0  # a client that says goodbye to a Kafka that answers needs a tenth of one


def what_failed(error: BaseException) -> str:
    """What failed, by its own name: of a driver's error that another wraps, the driver's."""
    orig = error.orig if isinstance(error, DBAPIError) else None
    return type((orig and orig.__cause__) or orig or error).__name__


def is_transient(error: BaseException) -> bool:
    """Whether the same call may well succeed later, because the database, broker or network was away."""
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or ""
        return error.connection_invalidated or isinstance(error, InterfaceError) or state.startswith(_TRANSIENT_STATES)
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(_TRANSIENT_STATES)
    if isinstance(error, OSError):
        return _passes_by_itself(error)
    if isinstance(error, MessageSizeTooLargeError):
        return False
    # Kafka's own « retriable » is false for many a passing fault (KafkaTimeoutError, UnknownError), and none of
    # the others says anything about the message at hand. asyncpg's InternalClientError: it lost its place, as the
    # connection was cut between two messages of one statement
    return isinstance(error, KafkaError | asyncpg.InterfaceError | asyncpg.InternalClientError | PoolTimeoutError)


def what_is_away(error: BaseException) -> str | None:
    """`PostgreSQL` or `Kafka`, where an error says that it was the one; None where it does not: a network has many
    ends."""
    if isinstance(error, DBAPIError | PoolTimeoutError | asyncpg.PostgresError | asyncpg.InterfaceError):
        return "PostgreSQL"
    return "Kafka" if isinstance(error, KafkaError) else None


def _passes_by_itself(error: OSError) -> bool:
    if isinstance(error, ConnectionError | TimeoutError | socket.gaierror | ssl.SSLError):
        return True
    if error.errno is None:
        # what asyncio makes of several addresses of one host, none of which answers; other libraries, too, raise
        # an OSError with nothing but words (Pillow, of a picture that it cannot read)
        return type(error) is OSError and str(error).startswith("Multiple exceptions: ")
    # a socket of PostgreSQL's that is not there (yet) bears no name; a file that is missing does
    is_socket = error.errno == errno.ENOENT and error.filename is None
    return is_socket or error.errno in _TRANSIENT_ERRNOS


def backoff(attempt: int, first: float = 0.5, cap: float = 30.0) -> float:
    """Seconds to wait after try number `attempt` (from 1): doubling, capped, with half of it left to chance
    so that replicas do not come back in step."""
    longest = min(cap, first * 2.0 ** min(attempt - 1, 30))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 (no secret)


async def sleep_until(stopping: asyncio.Event, seconds: float) -> bool:
    """Waits that long, or until asked to stop; True if asked to stop."""
    try:
        # not `asyncio.wait_for`: before Python 3.12 it swallows a cancellation that comes as the event is set
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return False
    return True


async def unless_stopped(stopping: asyncio.Event, call: Coroutine[Any, Any, T], *, grace: float = 0.0) -> T | None:
    """The call's result; None if asked to stop and it is not done `grace` seconds later: it is cancelled then."""
    task, asked = asyncio.create_task(call), asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait([task, asked], return_when=asyncio.FIRST_COMPLETED)
        if not task.done() and grace:
            await asyncio.wait([task], timeout=grace)
        return task.result() if task.done() else None
    finally:
        asked.cancel()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def close_for_good(what: str, closing: Coroutine[Any, Any, object], *, seconds: float = CLOSE_SECONDS) -> None:
    """Waits until somebody else's client is closed, for `seconds` at most; then it is left to itself, and said so.

    A cancellation in the meantime is raised once the client is closed. Every client of aiokafka is closed by way of
    this: its own `stop()` awaits tasks that it cancelled, suppresses their CancelledError and with it the caller's
    (0.14: `Fetcher.close`, `AIOKafkaClient.close`), so that a loop that was cancelled goes on for ever; and where
    such a task swallows its cancellation (`Fetcher._fetch_requests_routine`, in a rebalance), it never returns.
    """
    task, give_up, cancelled = asyncio.ensure_future(closing), time.monotonic() + seconds, None
    while not task.done() and (left := give_up - time.monotonic()) > 0:
        try:
            await asyncio.wait([task], timeout=left)
        except asyncio.CancelledError as error:
            cancelled = error
    if not task.done():
        task.cancel()
        log.warning("%s did not close within %g s and is left to itself", what, seconds)
    if cancelled is not None:
        raise cancelled
    if task.done():
        task.result()


async def attempts(stopping: asyncio.Event, cap: float = 5.0) -> AsyncIterator[int]:
    """Counts tries from 1, waiting in between, until the caller breaks out or the service stops.

    A try that went well for a while before it failed is a first one again: its waits start anew.
    """
    attempt = 0
    while not stopping.is_set():
        attempt += 1
        began = time.monotonic()
        yield attempt
        if time.monotonic() - began > GOES_WELL_SECONDS:
            attempt = 1
        await sleep_until(stopping, backoff(attempt, cap=cap))


async def once_up(
    what: str, call: Callable[[], Coroutine[Any, Any, T]], stopping: asyncio.Event, log: logging.Logger
) -> T | None:
    """The call's result as soon as the dependency is up; says what it waits for. None if asked to stop before."""
    async for attempt in attempts(stopping):
        try:
            result = await unless_stopped(stopping, call())
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("%s is not up yet: waiting", what, extra={"attempt": attempt, "error": type(error).__name__})
        else:
            if attempt > 1:
                log.info("%s is up", what)
            return result
    return None
