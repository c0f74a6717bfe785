"""`sdi export`: what was told, as files for those who count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from backbone.service.settings import read_settings

from .errors import Refusal, run
from .output import Json, counted, write_json, write_line
from .settings import Settings

if TYPE_CHECKING:
    from .exporting.kept import Asked, Kept

From = Annotated[
    str, typer.Option("--from", help="The first instant: beginning, 2026-11-16 (midnight in UTC), an ISO 8601 instant.")
]
To = Annotated[str, typer.Option("--to", help="The instant before which to stop, or now.")]
Form = Annotated[str, typer.Option("--format", help="parquet, csv or jsonl.")]
Out = Annotated[str, typer.Option("--out", help="A new or empty folder, or one of an export that is to go on.")]
Topics = Annotated[list[str] | None, typer.Option("--topic", help="Only this topic; may be given again.")]
Types = Annotated[list[str] | None, typer.Option("--type", help="Only this message, e.g. EventLabelled; again too.")]


def export(
    out: Out,
    from_: From = "beginning",
    to: To = "now",
    format_: Form = "parquet",
    topic: Topics = None,
    type_: Types = None,
    json: Json = False,
) -> None:
    """Write the public facts of a span of time (Kafka's own) to files: for each message a folder, in it one a day.

    The same command goes on where it stopped, was killed, or had come to the end of what there was: nothing is
    written twice, nothing is left out.
    """
    # what reads and writes columns is heavy: only the commands that need it load it
    from .exporting.progress import Said
    from .exporting.running import export as run_export
    from .exporting.running import place_of

    settings = read_settings(Settings)

    async def work() -> Kept:
        asked = _asked(from_, to, format_, topic, type_)
        with Said("records") as said:
            return await run_export(settings, place_of(out), asked, said)

    _tell(run(work(), settings.kafka_bootstrap_servers), out, json)


def _asked(since: str, until: str, form: str, topics: list[str] | None, types: list[str] | None) -> Asked:
    from .exporting.bounds import instant_of
    from .exporting.choosing import choose
    from .exporting.formats import Format
    from .exporting.kept import Asked

    if form not in [*Format]:
        raise Refusal(f"« {form} » is no format of ours: {', '.join(Format)}")
    begin, end = instant_of(since, "beginning"), instant_of(until, "now")
    if begin and end and begin >= end:
        raise Refusal("--from is not before --to: nothing lies between them")
    chosen, named = choose(topics or [], types or [])
    return Asked(form, chosen, named, begin.isoformat() if begin else None, end.isoformat() if end else None)


def _tell(kept: Kept, out: str, json: bool) -> None:
    facts: dict[str, Any] = dict(sorted(kept.rows.items()))
    if json:
        write_json({"out": out, "rows": facts, "gone": kept.gone})
        return
    for name, rows in facts.items():
        write_line(f"{rows:>12,} {name}")
    total = sum(facts.values())
    write_line(f"{counted(total, 'record')} in {out}.")
    if kept.gone:
        write_line(f"{counted(kept.gone, 'record')} were no longer in Kafka when they were asked for.")
