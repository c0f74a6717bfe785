"""What is written: tables for a person, JSON for a machine, progress beside both."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console, JustifyMethod
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

aside = Console(stderr=True)
"""For what is not the answer: progress and questions."""

WIDE = 250

Json = Annotated[bool, typer.Option("--json", help="Write JSON, for a machine.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def write_json(answer: Any) -> None:
    """Writes the answer as one line of JSON."""
    typer.echo(json.dumps(answer, ensure_ascii=False, default=_as_text))


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def screen() -> Console:
    """Where the answer goes; as wide as it takes where nobody looks on, so that a program finds a name whole."""
    return Console(width=None if sys.stdout.isatty() else WIDE)


def write_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Writes a table, the last column as wide as is left. No cell is taken as markup or as control characters."""
    texts = [[Text(readable(str(cell)), justify=_side(cell)) for cell in row] for row in rows]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        numbers = bool(texts) and all(row[place].justify == "right" for row in texts)
        justify: JustifyMethod = "right" if numbers else "left"
        table.add_column(column, overflow="fold", justify=justify, no_wrap=place < len(columns) - 1)
    for row in texts:
        table.add_row(*row)
    screen().print(table)


def _side(cell: object) -> JustifyMethod:
    return "right" if isinstance(cell, int) else "left"


def write_line(text: str) -> None:
    """Writes a sentence as it is."""
    typer.echo(readable(text))


KEPT = "\n\u00a0\u202f"  # French has spaces that do not break, which Python calls unprintable


def readable(text: str) -> str:
    """The text, with what would move the cursor or ring a bell made visible: it may come from anyone."""
    return "".join(c if c.isprintable() or c in KEPT else c.encode("unicode_escape").decode() for c in text)


def local_time(moment: datetime) -> str:
    """The moment in the operator's own time zone, to the second."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def counted(number: int, noun: str) -> str:
    """« 1 dead letter », « 2 dead letters »."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def progress() -> Progress:
    """Progress bars on the standard error, if a person looks on."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=aside, disable=not aside.is_terminal, transient=True)
