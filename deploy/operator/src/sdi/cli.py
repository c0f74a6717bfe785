"""The command `sdi`: what an operator of the platform looks at and mends."""

from __future__ import annotations

import logging

import typer

from .dead_letters import dead_letters
from .edition import edition
from .events import events
from .explain import explain_event
from .export import export, follow
from .geocode import geocode
from .labelling import labelling
from .lag import lag
from .mail import mail
from .rebuild import rebuild
from .tail import tail
from .topics import topics

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Look after the platform. Exit codes: 0 all is well, 1 something was found, 2 it could not be done.",
)
app.add_typer(dead_letters, name="dead-letters")
app.add_typer(edition, name="edition")
app.add_typer(events, name="events")
app.add_typer(labelling, name="labelling")
app.add_typer(mail, name="mail")
app.add_typer(rebuild, name="rebuild")
app.command()(export)
app.command()(follow)
app.command()(tail)
app.command()(geocode)
app.command()(topics)
app.command()(lag)
app.command("explain")(explain_event)


@app.callback()
def _be_quiet() -> None:
    # what goes wrong is told by our own errors, in one line; the clients' words would come between
    logging.getLogger().addHandler(logging.NullHandler())
