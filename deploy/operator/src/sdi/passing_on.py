"""What a service does itself, on an operator's word: its own command reads the words and writes the answer."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import typer

from backbone.service.settings import read_settings

from .errors import run
from .settings import Settings

S = TypeVar("S", bound=Settings)

AS_IT_IS = {"allow_extra_args": True, "ignore_unknown_options": True}
"""What follows the command is the service's own to read, `--help` too."""


def pass_on(
    command: Callable[[S, list[str]], Coroutine[Any, Any, None]], settings_type: type[S], context: typer.Context
) -> None:
    """Runs a service's command where that service's database is known; ends as it ends, with 2 where it says in a line
    why it could not be done."""
    settings = read_settings(settings_type)
    try:
        run(command(settings, context.args), settings.kafka_bootstrap_servers, database=settings.service)
    except SystemExit as ended:
        if not isinstance(ended.code, str):
            raise
        typer.echo(ended.code, err=True)
        raise typer.Exit(2) from None
