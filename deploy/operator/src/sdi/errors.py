"""What can go wrong for an operator, in one line that says what to do.

Exit codes      0  done, nothing amiss
                1  done, and something was found: see each command
                2  not done: a wrong setting, Kafka or PostgreSQL away, or a request that cannot be met

Refusal         the request cannot be met as it is
KafkaError      Kafka is away or refuses (aiokafka's own)
DBAPIError, asyncpg.PostgresError, OSError      PostgreSQL is away or refuses
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import asyncpg
import typer
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    NoBrokersAvailable,
    NodeNotReadyError,
    RequestTimedOutError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")

AWAY = (KafkaConnectionError, KafkaTimeoutError, NodeNotReadyError, NoBrokersAvailable, RequestTimedOutError)
_FORBIDDEN = (TopicAuthorizationFailedError, GroupAuthorizationFailedError, ClusterAuthorizationFailedError)


class Refusal(Exception):
    """The request cannot be met as it is; the message says why, and what to do."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


class KafkaSilent(KafkaConnectionError):  # type: ignore[misc]
    """Kafka was reached, and then did not answer for too long."""


def run(work: Coroutine[Any, Any, T], kafka: str, *, database: str = "map-feed") -> T:
    """The result of the work; what stops it is told in one line, and ends the command. `database`: whose it is."""
    code = 2
    try:
        return asyncio.run(work)
    except Refusal as refusal:
        said, code = str(refusal), refusal.code
    except KafkaError as error:
        said = _about_kafka(error, kafka)
    except (DBAPIError, asyncpg.PostgresError) as error:
        said = _about_database(error, database)
    except TimeoutError:
        said = "nothing more was heard from Kafka or PostgreSQL: are they up? Try again"
    except OSError:
        said = "PostgreSQL does not answer: is DATABASE_URL right, is it up?"
    typer.echo(f"sdi: {said}", err=True)
    raise typer.Exit(code) from None


def _about_kafka(error: KafkaError, kafka: str) -> str:
    if isinstance(error, _FORBIDDEN):
        return f"Kafka does not allow it ({type(error).__name__}): KAFKA_USERNAME lacks a right"
    if isinstance(error, UnknownTopicOrPartitionError):
        return f"a topic is missing on {kafka}: `sdi topics` says which"
    if isinstance(error, AWAY):
        return (
            f"Kafka does not answer at {kafka}: is KAFKA_BOOTSTRAP_SERVERS right, is it up, "
            "are KAFKA_USERNAME and KAFKA_PASSWORD?"
        )
    return f"Kafka refuses: {type(error).__name__}"


def _about_database(error: DBAPIError | asyncpg.PostgresError, whose: str) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(cause, "sqlstate", None) or ""
    if state.startswith("28"):
        return "PostgreSQL does not let us in: are user and password in DATABASE_URL right?"
    if state == "55P03":
        return "the live table was busy for too long: nothing was changed, try again"
    if state == "42501":
        return f"PostgreSQL does not allow it: the role needs to own {whose}'s tables and to make a schema"
    if state in ("3D000", "42P01"):
        return f"the database is not {whose}'s, or has no tables yet: is DATABASE_URL right?"
    return f"PostgreSQL is away or refuses ({state or type(cause).__name__}): is DATABASE_URL right, is it up?"
