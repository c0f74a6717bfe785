"""`sdi rebuild map-feed`: the public read model once more, from nothing but the topics."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from backbone.service.settings import read_settings

from .errors import run
from .output import Json, Yes, counted, write_json, write_line
from .settings import MapFeedSettings

if TYPE_CHECKING:
    from .rebuilding import Outcome

rebuild = typer.Typer(no_args_is_help=True, help="A read model once more, from nothing but the topics.")

CompareOnly = Annotated[bool, typer.Option("--compare-only", help="Change nothing; 1 if the two do not agree.")]
Wait = Annotated[float, typer.Option(min=0, help="Seconds that the live service is given to catch up, to compare.")]


@rebuild.callback()
def _keep_it_a_word_of_its_own() -> None:
    """Rebuild a read model from the topics."""


@rebuild.command("map-feed")
def map_feed(compare_only: CompareOnly = False, wait: Wait = 30.0, yes: Yes = False, json: Json = False) -> None:
    """Rebuild what the public sees beside the live service, compare the two, and switch. Needs its DATABASE_URL."""
    from .rebuilding import rebuild_map_feed  # here: map-feed takes a second to load, and other commands do not need it

    def agree_to(how_they_differ: str) -> None:
        if not yes:
            typer.echo(how_they_differ, err=True)
            typer.confirm("Switch?", abort=True, err=True)

    settings = read_settings(MapFeedSettings)
    work = rebuild_map_feed(settings, wait) if compare_only else rebuild_map_feed(settings, 0.0, agree_to)
    done = run(work, settings.kafka_bootstrap_servers)
    if json:
        write_json({**asdict(done), "comparison": {**asdict(done.comparison), "agree": done.comparison.agree}})
    else:
        _say(done)
    raise typer.Exit(0 if done.switched or done.comparison.agree else 1)


def _say(done: Outcome) -> None:
    found = done.comparison
    rate = done.facts / max(done.seconds, 0.001)
    write_line(f"{counted(done.facts, 'record')} folded in {done.seconds:.1f} s ({rate:,.0f} a second).")
    if done.set_aside:
        write_line(f"{counted(done.set_aside, 'record')} could not be taken: see `sdi dead-letters list`.")
    write_line(f"live     {found.live_hash}  {counted(found.live_rows, 'event')}")
    write_line(f"rebuilt  {found.rebuilt_hash}  {counted(found.rebuilt_rows, 'event')}")
    write_line("They agree." if found.agree else done.how_they_differ)
    if done.switched:
        write_line("The live table now says what the rebuilt one says.")
