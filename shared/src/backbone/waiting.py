"""What is worth trying again, and how long to wait before.

Exception
├── is_transient(...)   the world is away for a while: wait in place, never set aside
└── anything else       will never succeed as it is: dead letter or dead job, with its reason
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from aiokafka.errors import KafkaError
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

T = TypeVar("T")

# SQLSTATE classes and codes of PostgreSQL (appendix A of its manual) that pass by themselves:
# 08 connection, 40 serialization failure and deadlock, 53 disk or memory full and too many connections,
# 57P shut down or starting, 55P03 lock not available, 58 system error, 25006 a standby not yet promoted
_TRANSIENT_STATES = ("08", "40", "53", "57P", "55P03", "58", "25006")


def is_transient(error: BaseException) -> bool:
    """Whether the same call may well succeed later, because the database, broker or network was away."""
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or ""
        return error.connection_invalidated or isinstance(error, InterfaceError) or state.startswith(_TRANSIENT_STATES)
    if isinstance(error, KafkaError):
        return bool(error.retriable)
    return isinstance(error, PoolTimeoutError | ConnectionError | TimeoutError | OSError)


def backoff(attempt: int, first: float = 0.5, cap: float = 30.0) -> float:
    """Seconds to wait after try number `attempt` (from 1): doubling, capped, with half of it left to chance
    so that replicas do not come back in step."""
    longest = min(cap, first * 2.0 ** min(attempt - 1, 30))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 (no secret)


async def sleep_until(stopping: asyncio.Event, seconds: float) -> bool:
    """Waits that long, or until asked to stop; True if asked to stop."""
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return False
    return True


async def attempts(stopping: asyncio.Event, cap: float = 30.0) -> AsyncIterator[int]:
    """Counts tries from 1, waiting in between, until the caller breaks out or the service stops."""
    attempt = 0
    while not stopping.is_set():
        attempt += 1
        yield attempt
        await sleep_until(stopping, backoff(attempt, cap=cap))


async def once_up(
    what: str, call: Callable[[], Awaitable[T]], stopping: asyncio.Event, log: logging.Logger
) -> T | None:
    """The call's result as soon as the dependency is up; says what it waits for. None if asked to stop before."""
    async for attempt in attempts(stopping, cap=5.0):
        try:
            result = await call()
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("%s is not up yet: waiting", what, extra={"attempt": attempt, "error": type(error).__name__})
        else:
            if attempt > 1:
                log.info("%s is up", what)
            return result
    return None
