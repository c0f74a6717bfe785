"""The command of every deployment: `provision keys`, then `provision prepare`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from .errors import CannotStart, told_in_one_line
from .secrets import make_keys, prepare_databases, prepare_kafka, tell_clock

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)

Secrets = Annotated[Path, typer.Argument(help="Holds a folder for PostgreSQL and one for each service.")]


@app.command()
def keys(
    folder: Secrets,
    brokers: Annotated[int, typer.Option(envvar="BROKERS", help="1, or 3 with three copies of each topic.")] = 1,
    outside: Annotated[
        str, typer.Option(envvar="KAFKA_OUTSIDE", help="host:port at which clients on this machine find Kafka.")
    ] = "",
) -> None:
    """Make the secrets that are missing (PostgreSQL's password, Kafka's, the key that signs access tokens), and the
    brokers' settings."""
    with _said_to_a_person():
        make_keys(folder, brokers, outside)


@app.command()
def prepare(
    folder: Secrets,
    edition: Annotated[Path, typer.Option(envvar="EDITION", help="The edition whose clock is told by default.")],
    postgres: Annotated[str, typer.Option(help="host:port")] = "postgres:5432",
    kafka: Annotated[str, typer.Option(help="host:port[,host:port]")] = "kafka:9092",
    now: Annotated[str, typer.Option(envvar="NOW", help="Where the clock begins instead.")] = "",
    brokers: Annotated[int, typer.Option(envvar="BROKERS", help="So many must be there first.")] = 1,
    patience: Annotated[
        float, typer.Option(help="Seconds for which a server that does not answer is waited for.")
    ] = 60.0,
) -> None:
    """Make databases, tables, topics, rights, and the files that the services read; done again, it changes nothing."""
    with _said_to_a_person():
        tell_clock(folder, edition, now)
        prepare_kafka(folder, kafka, brokers, patience)
        prepare_databases(folder, postgres, patience)


@contextmanager
def _said_to_a_person() -> Iterator[None]:
    try:
        with told_in_one_line():
            yield
    except CannotStart as reason:
        print(f"cannot start: {reason}", file=sys.stderr)
        raise typer.Exit(1) from None
