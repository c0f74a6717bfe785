"""`sdi export`: what was told, as files for those who count. `sdi follow`: the same, kept up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from backbone.service.settings import read_settings

from .errors import Refusal, run
from .output import Json, counted, write_json, write_line
from .settings import Settings
from .stopping import until_told_to_stop

if TYPE_CHECKING:
    from .exporting.kept import Asked, Kept

# what reads and writes columns is heavy to load: the functions below do it, so that `sdi lag` need not wait for it

From = Annotated[
    str, typer.Option("--from", help="The first instant: beginning, 2026-11-16 (midnight in UTC), an ISO 8601 instant.")
]
To = Annotated[str, typer.Option("--to", help="The instant before which to stop; now: all that is there.")]
Form = Annotated[str, typer.Option("--format", help="parquet, csv or jsonl.")]
Out = Annotated[
    str,
    typer.Option(
        "--out",
        help="A new or empty folder, or one of an export that is to go on; or s3://BUCKET/FOLDER, entered with what "
        "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL say.",
    ),
]
Folder = Annotated[str, typer.Option("--out", help="A new or empty folder, or one of an export of Parquet.")]
Topics = Annotated[list[str] | None, typer.Option("--topic", help="Only this topic; may be given again.")]
Types = Annotated[list[str] | None, typer.Option("--type", help="Only this message, e.g. EventLabelled; again too.")]
Every = Annotated[float, typer.Option(min=0.5, help="Seconds that a record waits at the most before it is written.")]
Rows = Annotated[int, typer.Option(min=1, help="Records that wait at the most.")]


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
    written twice, nothing is left out. 1 if it was stopped before its end.

    A span trusts the clocks of those who write to within a day: what lies further out of time's order in its
    partition may be missed. Without --from and --to all is taken. The canary, which is no event, is left out.
    """
    from .exporting import running
    from .exporting.loop import Pace
    from .exporting.progress import Said

    settings = read_settings(Settings)

    async def work() -> tuple[Kept, bool]:
        asked = _asked(from_, to, format_, topic, type_)
        with Said("records") as said, until_told_to_stop() as stopping:
            work = running.Work(settings, running.place_of(out), asked, Pace(), said, stopping)
            return await running.export(work), stopping.is_set()

    kept, was_stopped = run(work(), settings.kafka_bootstrap_servers)
    _tell(kept, out, json, was_stopped)
    raise typer.Exit(1 if was_stopped else 0)


def follow(
    out: Folder,
    from_: From = "beginning",
    topic: Topics = None,
    type_: Types = None,
    every: Every = 10.0,
    rows: Rows = 50_000,
    json: Json = False,
) -> None:
    """Keep a folder of Parquet up to date, until Ctrl-C or SIGTERM.

    Rows are added by a new file in the old one's place, so that whoever reads meanwhile sees each row once, and the
    files of a day stay few. Kafka may come and go.
    """
    from .exporting import running
    from .exporting.loop import Pace
    from .exporting.progress import Said

    settings = read_settings(Settings)

    async def work() -> Kept:
        if out.startswith("s3://"):
            raise Refusal(
                "a bucket is not followed: say `sdi export --out s3://…` every hour or day, it adds what is new"
            )
        asked = _asked(from_, "now", "parquet", topic, type_)
        with Said("records") as said, until_told_to_stop() as stopping:
            pace = Pace(seconds=every, rows=rows)
            return await running.follow(running.Work(settings, running.place_of(out), asked, pace, said, stopping))

    _tell(run(work(), settings.kafka_bootstrap_servers), out, json, was_stopped=False)


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


def _tell(kept: Kept, out: str, json: bool, was_stopped: bool) -> None:
    rows = dict(sorted(kept.rows.items()))
    if json:
        write_json({"out": out, "rows": rows, "gone": kept.gone, "is_whole": not was_stopped})
        return
    for name, number in rows.items():
        write_line(f"{number:>12,} {name}")
    write_line(f"{counted(sum(rows.values()), 'record')} in {out}.")
    if kept.gone:
        write_line(f"{counted(kept.gone, 'record')} were no longer in Kafka when they were asked for.")
    if was_stopped:
        write_line("It was stopped before its end: the same command goes on.")
