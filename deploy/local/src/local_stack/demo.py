"""What the person at the terminal sees while an edition is played: bars, a live table, and where things are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from .federation import ROWS as ROWS_OF_FILE
from .organisers import Deed, Organiser
from .places import Places, where_things_are
from .play import Play


class Show:
    """A live view of a play."""

    def __init__(self, console: Console, play: Play) -> None:
        self._play = play
        columns = (TextColumn("{task.description:<22}"), BarColumn(40), MofNCompleteColumn(), TimeElapsedColumn())
        self._bars = Progress(*columns, console=console)
        self._people = self._bars.add_task("Organisers signed up", total=None)
        self._posts = self._bars.add_task("Events posted", total=play.events)
        self._rows = self._bars.add_task("Rows of a file read", total=ROWS_OF_FILE)
        self._final = self._bars.add_task("Events final", total=play.events)
        self._live = Live(console=console, refresh_per_second=4, get_renderable=self._render)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def refresh(self) -> None:
        """Takes over how far the play is."""
        play = self._play
        self._bars.update(self._people, completed=play.signed_up, total=play.organisers or None)
        self._bars.update(self._posts, completed=play.posted)
        self._bars.update(self._rows, completed=play.handed.rows if play.handed else play.read_rows)
        self._bars.update(self._final, completed=min(_final(play), play.expected), total=play.expected)

    def _render(self) -> Group:
        waits = [f"[yellow]Waiting for {name}, which does not answer[/]" for name in sorted(self._play.away)]
        return Group(self._bars, table_of(self._play), *waits)


def _final(play: Play) -> int:
    judged = play.counts.get("labelling", {})
    kits = play.counts.get("commskit", {})
    ended = sum(judged.get(state, 0) for state in ("rejected", "in_review", "suspended", "withdrawn"))
    return ended + kits.get("equipped", 0)


ROWS = (
    ("registration", ("submitted", "labelled", "rejected", "in_review")),
    ("labelling", ("labelled", "rejected", "in_review", "withdrawn")),
    ("geocoding", ("located", "online", "not_located", "waiting")),
    ("commskit", ("equipped", "pending", "failed")),
    ("map-feed", ("listed", "on_map", "online", "not_located")),
)


def table_of(play: Play) -> Table:
    """The counts as each service tells them."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for service, names in ROWS:
        told = play.counts.get(service, {})
        counts = (f"[bold]{told[name]:>5}[/] {name.replace('_', ' ')}" for name in names if name in told)
        table.add_row(f"[cyan]{service}[/]", *counts)
    return table


def say_where_things_are(console: Console, places: Places, play: Play) -> None:
    """The addresses, once all is final."""
    for what, address in {**where_things_are(places), "Logs": str(places.log)}.items():
        console.print(f"{what:<20}{address}", soft_wrap=True)
    if play.first_on_map_after is not None:
        console.print(f"The first event was on the map after {play.first_on_map_after:.1f} s.")


SAID = {
    Deed.AMENDED: "amended {}",
    Deed.CANCELLED: "cancelled {}",
    Deed.POSTPONED: "postponed {}",
    Deed.MOVED_ONLINE: "moved {} online",
    Deed.WITHDRAWN: "withdrew {}",
    Deed.COPIED: "held {} a second time, on another day",
}


def say_what_was_done(console: Console, play: Play, report: Path) -> None:
    """What organisers did, as one would tell it."""
    done = [said.format(play.deeds[deed]) for deed, said in SAID.items() if play.deeds[deed]]
    lines = [
        f"{play.organisers} organisers posted {play.events} events. Of these they {', '.join(done) or 'mended none'}."
    ]
    lines.append(f"By invitation, {play.colleagues} of them share their events with a colleague.")
    if handed := play.handed:
        left = f"{handed.submitted} became events, {handed.rows - handed.submitted} are to be mended ({report}):"
        lines += [
            f"A federation handed in a file of {handed.rows} rows: {left}",
            *(f"    {one}" for one in handed.wrong),
        ]
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def say_who_to_be(console: Console, registration: str, organisers: Sequence[Organiser], federation: Organiser) -> None:
    """Whom to sign in as, to see the events as their organisers do."""
    busiest = max(organisers, key=lambda who: (len(set(who.deeds.values())), len(who.events)))
    console.print(f"To see events as their organisers do, open {registration}/connexion and sign in as", soft_wrap=True)
    for who, what in (
        (busiest, f"{len(busiest.events)} events; {', '.join(sorted(set(busiest.deeds.values())))}"),
        (federation, "the file, its report, and what came of it: /import"),
    ):
        line = f"    {who.email} with the password {who.password}: {what}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
