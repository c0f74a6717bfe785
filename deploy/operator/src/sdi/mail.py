"""`sdi mail`: the mails that people are sent, made of a sample event, to be looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backbone.campaign.edition import Edition, load_edition
from backbone.mail.letter import Letter

from .output import Json, write_json, write_line, write_table

mail = typer.Typer(no_args_is_help=True, help="The mails that people are sent.")

Name = Annotated[str | None, typer.Argument(metavar="NAME", help="Which mail; without it, all are listed.")]
To = Annotated[Path, typer.Option(help="The folder to write to; it is made.")]
EditionFile = Annotated[
    Path, typer.Option(envvar="EDITION", help="The file of the edition whose dates and look it has.")
]
All = Annotated[bool, typer.Option("--all", help="Write all of them.")]


@mail.command()
def preview(
    name: Name = None,
    edition: EditionFile = Path("editions/2026.toml"),
    to: To = Path("mail-preview"),
    all_: All = False,
    json: Json = False,
) -> None:
    """Write a mail's text and HTML, as a sample event's organiser would have them. Nothing is sent."""
    letters = _letters(edition)
    if name is not None and name not in letters:
        typer.echo(f"sdi: no mail is called {name}: one of {', '.join(letters)}", err=True)
        raise typer.Exit(2)
    wanted = list(letters) if all_ else [name] if name else []
    written = {one: _write(letters[one], to, one) for one in wanted}
    if json:
        write_json([{"name": one, "subject": letter.subject} for one, letter in letters.items()])
    elif written:
        for one, (text, html) in written.items():
            write_line(f"{one}: {letters[one].subject}")
            write_line(f"  {text}\n  {html}")
    else:
        write_table(("name", "subject"), [(one, letter.subject) for one, letter in letters.items()])


def _letters(edition: Path) -> dict[str, Letter]:
    try:
        return letters_of(load_edition(edition))
    except OSError as error:
        typer.echo(f"sdi: the edition {edition} cannot be read: {error.strerror}; name it by --edition", err=True)
        raise typer.Exit(2) from None


def letters_of(edition: Edition) -> dict[str, Letter]:
    """Every mail that people are sent in an edition, made of a sample event of its week."""
    from commskit.domain import Look  # here: they take their time to load, and the other commands do not need them
    from commskit.previews import PREVIEWS as OF_COMMSKIT
    from registration.previews import PREVIEWS as OF_REGISTRATION

    look = Look.of(edition)
    of_commskit = {name: make(look) for name, make in OF_COMMSKIT.items()}
    return of_commskit | {name: make(edition.week.first) for name, make in OF_REGISTRATION.items()}


def _write(letter: Letter, folder: Path, name: str) -> tuple[Path, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    text, html = folder / f"{name}.txt", folder / f"{name}.html"
    text.write_text(f"{letter.subject}\n\n{letter.text}", encoding="utf-8")
    html.write_text(letter.html, encoding="utf-8")
    return text, html
