"""Commands of the running stack's services and people, each with the settings it has there.

They start at once: nothing is loaded here but what reads a file and starts a program.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from provision.databases import SERVICES

commands = typer.Typer(add_completion=False, no_args_is_help=True)

State = Annotated[
    Path, typer.Option(envvar="LOCAL_STACK", help="Where the stack keeps its data; throw it away to begin anew.")
]
STATE = Path(__file__).parents[4] / ".local" / "stack"


@commands.command()
def analyst(state: State = STATE) -> None:
    """Print with which settings an analyst's own program reads the topics: docs/analysts.md."""
    print("\n".join(f"{name}={value}" for name, value in client_settings(told(state, "analyst")).items()))


@commands.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run(context: typer.Context, service: str, state: State = STATE) -> None:
    """Run a command of a service with the settings it has in this stack: `run registration grant …`."""
    if service not in SERVICES:
        print(f"no service is called {service}: one of {', '.join(SERVICES)}", file=sys.stderr)
        raise typer.Exit(2)
    raise typer.Exit(_run(service, context.args, told(state, service)))


@commands.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)
def sdi(context: typer.Context, state: State = STATE) -> None:
    """Run the operator's command on this stack, as its operator: `sdi lag`, `sdi dead-letters list`."""
    raise typer.Exit(_run("sdi", context.args, told(state, "operator")))


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


def _run(program: str, arguments: list[str], settings: Mapping[str, str]) -> int:
    # the commands that the packages install stand beside the interpreter
    command = Path(sys.executable).parent / program
    return subprocess.run([command, *arguments], env={**os.environ, **settings}).returncode


if __name__ == "__main__":
    commands()
