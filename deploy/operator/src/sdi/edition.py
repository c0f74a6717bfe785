"""`sdi edition`: the next edition's file is made, and looked at before the first person is let in, or written to."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError

from backbone.campaign.edition import Edition, load_edition

from .editing.file import answered_by, look_at
from .editing.findings import Finding
from .editing.following import following
from .output import Json, write_json, write_line

edition = typer.Typer(no_args_is_help=True, help="The next edition: its file, and all that is written in its name.")

File = Annotated[Path, typer.Argument(metavar="FILE", help="The edition's file; those beside it are known too.")]
Day = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day of the week, a Monday.")]
LastDay = Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Its last day.")]
To = Annotated[Path | None, typer.Option("--to", help="A folder for all that was made, to be looked at.")]


@edition.command()
def check(file: File, to: To = None, json: Json = False) -> None:
    """Look at an edition's file, and make every mail, the kit and the pages of a sample event for it. 1 if something is
    wrong; what only a person can know is listed to be decided."""
    asked, told = _read(file)
    others = [load_edition(one) for one in sorted(file.parent.glob("*.toml")) if one.name != file.name]
    found = list(look_at(asked, told, file.name, others))
    words = _words(asked, to)
    from .editing.words import look_through

    found += look_through(words, asked, others)
    is_wrong = any(one.weight == "wrong" for one in found)
    if json:
        write_json(
            {"edition": asked.name, "wrong": is_wrong, "made": [*words], "found": [asdict(one) for one in found]}
        )
    else:
        _say(file, asked, words, found)
    raise typer.Exit(1 if is_wrong else 0)


@edition.command("next")
def next_(
    name: Annotated[str, typer.Argument(metavar="YEAR", help="Its name, e.g. 2027.")],
    first: Day,
    last: LastDay,
    after: Annotated[Path, typer.Option(envvar="EDITION", help="The file of the last edition.")] = Path(
        "editions/2026.toml"
    ),
) -> None:
    """Write the next edition's file beside the last one's, its days moved with the week, and say what is still to be
    decided. One that is there is left as it is (2)."""
    before, _ = _read(after)
    file = after.parent / f"{name}.toml"
    if file.exists():
        _refuse(f"{file} is there already: look at it with `sdi edition check {file}`")
    if name != str(first.year) or last < first:
        _refuse(f"an edition is called by the year of its week, and ends after it begins: not {name}")
    file.write_text(following(after.read_text(encoding="utf-8"), before, first.date(), last.date()), encoding="utf-8")
    made, told = _read(file)
    write_line(f"{file} is written, from {after}.")
    others = [load_edition(one) for one in sorted(file.parent.glob("*.toml")) if one.name != file.name]
    _list(list(look_at(made, told, file.name, others)))
    write_line(f"Decide these in the file, say in [sources] who did, then: sdi edition check {file}")


def _read(file: Path) -> tuple[Edition, dict[str, Any]]:
    try:
        return load_edition(file), tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        _refuse(f"{file} cannot be read: {error.strerror}")
    except tomllib.TOMLDecodeError as error:
        _refuse(f"{file} is no TOML: {error}")
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}" for one in error.errors()]
        _refuse(f"{file} is no edition: {'; '.join(wrong)}")


def _refuse(why: str) -> NoReturn:
    typer.echo(f"sdi: {why}", err=True)
    raise typer.Exit(2)


def _words(asked: Edition, to: Path | None) -> dict[str, str]:
    from .editing.words import all_words  # here: what draws and what the pages need take their time to load

    words = all_words(asked)
    if to:
        to.mkdir(parents=True, exist_ok=True)
        for where, text in words.items():
            (to / f"{where.replace(' ', '-')}.txt").write_text(text, encoding="utf-8")
    return words


def _say(file: Path, asked: Edition, words: dict[str, str], found: Sequence[Finding]) -> None:
    week, period = asked.week, asked.registration
    write_line(f"{file}: edition {asked.name}, number {asked.number}, « {asked.theme} »")
    write_line(f"  registration {period.opens} to {period.last_day}, the last answer by {answered_by(asked):%Y-%m-%d}")
    write_line(f"  map from {asked.map.opens}, the week {week.first} to {week.last}")
    _list(found)
    counted = {kind: sum(where.startswith(f"{kind} ") for where in words) for kind in ("mail", "kit", "page")}
    made = f"{counted['mail']} mails, {counted['kit']} pieces of the kit and {counted['page']} pages"
    write_line(f"{made} were made for it, and read.")
    number = sum(one.weight == "wrong" for one in found)
    write_line(f"{number} wrong." if number else "Nothing is wrong.")


def _list(found: Sequence[Finding]) -> None:
    for one in sorted(found, key=lambda one: one.weight, reverse=True):
        write_line(f"  {one.weight:7} {one.about}: {one.what}")
