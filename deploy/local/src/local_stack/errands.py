"""Commands of the running stack's services and people, each with the settings it has there.

They start at once: nothing is loaded here but what reads a file and starts a program.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from provision.databases import SERVICES, database_of

from .keys import kept_keys
from .ports import HOST
from .postgres import installed

commands = typer.Typer(add_completion=False, no_args_is_help=True)

State = Annotated[
    Path, typer.Option(envvar="LOCAL_STACK", help="Where the stack keeps its data; throw it away to begin anew.")
]
MASTER = "postgres"
"""The role that may do all, and the database that is always there."""
STATE = Path(__file__).parents[4] / ".local" / "stack"


@commands.command()
def analyst(state: State = STATE) -> None:
    """Print with which settings an analyst's own program reads the topics: docs/analysts.md."""
    settings = client_settings(told(state, "analyst"))
    refuse_unless_up(settings["bootstrap.servers"])
    print("\n".join(f"{name}={value}" for name, value in settings.items()))


@commands.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run(context: typer.Context, service: str, state: State = STATE) -> None:
    """Run a command of a service with the settings it has in this stack: `run registration grant …`."""
    raise typer.Exit(_run(a_service(service), context.args, told(state, service)))


@commands.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)
def sdi(context: typer.Context, state: State = STATE) -> None:
    """Run the operator's command on this stack, as its operator: `sdi lag`, `sdi dead-letters list`."""
    raise typer.Exit(_run("sdi", context.args, told(state, "operator")))


@commands.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)
def psql(context: typer.Context, service: str, state: State = STATE) -> None:
    """Enter the database of a service of this stack, or `postgres`, as its server's master: `psql commskit -f FILE`."""
    database = service if service == MASTER else database_of(a_service(service))
    file = state / "postgres.json"
    if not file.exists():
        print(f"no PostgreSQL of our own was started in {state}: use psql and your server's address", file=sys.stderr)
        raise typer.Exit(2)
    keys = kept_keys(file)
    where = ["--host", HOST, "--port", str(keys.port), "--username", MASTER, "--dbname", database]
    environ = {**os.environ, "PGPASSWORD": keys.passwords[MASTER], "PAGER": os.environ.get("PAGER", "cat")}
    raise typer.Exit(subprocess.run([installed() / "bin" / "psql", *where, *context.args], env=environ).returncode)


@commands.command()
def restart(name: str, state: State = STATE) -> None:
    """End a service, `kafka` or `postgres` of this stack, which starts it again: `restart commskit`."""
    from .restarting import SERVERS, end_one  # with all that a stack is made of: the other errands are quicker

    try:
        print(end_one(state.resolve(), name if name in SERVERS else a_service(name)))
    except LookupError as reason:
        print(reason.args[0], file=sys.stderr)
        raise typer.Exit(1) from None


def a_service(name: str) -> str:
    """That name; ends with 2 and one line where no service is called so."""
    if name not in SERVICES:
        print(f"no service is called {name}: one of {', '.join(SERVICES)}", file=sys.stderr)
        raise typer.Exit(2)
    return name


def client_settings(given: Mapping[str, str]) -> dict[str, str]:
    """The settings of a program that is not ours, in librdkafka's words, from what a person is told."""
    settings = {"bootstrap.servers": given["KAFKA_BOOTSTRAP_SERVERS"]}
    if "KAFKA_USERNAME" in given:
        settings |= {
            "security.protocol": "SASL_PLAINTEXT",  # on the loopback: elsewhere SASL_SSL
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": given["KAFKA_USERNAME"],
            "sasl.password": given["KAFKA_PASSWORD"],
        }
    return settings | {"group.id": "analyst-1"}


def told(state: Path, who: str) -> dict[str, str]:
    """What a service or a person was told at the last start; ends with 2 and one line where there was none."""
    file = state / "secrets" / "settings.json"
    if not file.exists():
        print(f"no stack was started in {state} yet: `make up` or `make demo` starts one", file=sys.stderr)
        raise typer.Exit(2)
    kept: dict[str, dict[str, str]] = json.loads(file.read_text())
    return kept[who]


def refuse_unless_up(servers: str) -> None:
    """Ends with 2 and one line where none of the addresses listens: a program that is handed them would wait."""
    for server in servers.split(","):
        host, _, port = server.rpartition(":")
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=2):
            return
    print(f"nothing listens at {servers}: `make demo` starts it, and stays; come back once it says so", file=sys.stderr)
    raise typer.Exit(2)


def _run(program: str, arguments: list[str], settings: Mapping[str, str]) -> int:
    # the commands that the packages install stand beside the interpreter
    command = Path(sys.executable).parent / program
    return subprocess.run([command, *arguments], env={**os.environ, **settings}).returncode


if __name__ == "__main__":
    commands()
