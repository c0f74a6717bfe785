"""`sdi labelling`: what labelling itself does, in its own words, on an operator's."""

from __future__ import annotations

import typer

from .passing_on import AS_IT_IS, pass_on
from .settings import LabellingSettings

labelling = typer.Typer(no_args_is_help=True, help="The log of decisions, and the rules once more.")


@labelling.command(context_settings=AS_IT_IS, add_help_option=False)
def verify(context: typer.Context) -> None:
    """Go through all decisions, and say whether one was altered or is missing. Needs labelling's DATABASE_URL."""
    _do("verify", context)


@labelling.command(context_settings=AS_IT_IS, add_help_option=False)
def rejudge(context: typer.Context) -> None:
    """Judge an edition's events again (--edition, --dry-run or --apply): its window, or the rules, have changed. Needs
    labelling's DATABASE_URL."""
    _do("rejudge", context)


def _do(command: str, context: typer.Context) -> None:
    from labelling.commands import COMMANDS  # here: the rules take their time to load, and others do not need them

    pass_on(COMMANDS[command], LabellingSettings, context)
