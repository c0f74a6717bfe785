"""Asks an export the ten questions, and draws the answers: `python answers.py FACTS --out DIR`.

It needs DuckDB and, to draw, Matplotlib; nothing else of this repository. `connect` is the way in for questions of
your own: from answers import connect.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HERE = Path(__file__).parent
# Okabe and Ito's colours, which those who do not see all colours tell apart; and darkness tells most of them apart too
BLUE, ORANGE, GREEN, RED, PURPLE, GREY = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#c8c8c8"
WIDTH = 8.4  # inches
FEW_WEEKS = 12
TOPICS = {
    "submissions": "registration.events",
    "decisions": "labelling.decisions",
    "locations": "geocoding.locations",
    "kits": "commskit.kits",
}
"""The topic that each table is made of."""

Rows = Sequence[dict[str, Any]]


class NothingToAsk(LookupError):
    """There is no fact of the edition where the facts were said to be; the words say what is there instead."""


def connect(facts: str | Path, edition: str = "2026", territories: str | Path = HERE / "territories") -> Any:
    """A DuckDB with the tables of `tables.sql` over a folder that `sdi export` wrote (or over `s3://…`).

    Raises NothingToAsk.
    """
    database = duckdb.connect()
    for name, value in {"facts": facts, "edition": edition, "territories": territories}.items():
        database.execute(f"SET VARIABLE {name} = $value", {"value": str(value)})
    database.execute((HERE / "tables.sql").read_text(encoding="utf-8"))
    if untold(database) == [*TOPICS.values()]:
        raise NothingToAsk(_what_is_there(database, facts, edition))
    return database


def untold(database: Any) -> list[str]:
    """The topics on which nothing of the edition was told, or that the export left out."""
    return [topic for table, topic in TOPICS.items() if not database.table(table).limit(1).fetchall()]


def _what_is_there(database: Any, facts: str | Path, edition: str) -> str:
    if database.execute("SELECT getvariable('files')").fetchall() == [(None,)]:
        return (
            f"{facts} holds no Parquet of the facts: `sdi export --out {facts}` writes it, its folders named by message"
        )
    told = "SELECT DISTINCT edition FROM read_parquet(getvariable('files'), union_by_name = true) ORDER BY edition"
    editions = ", ".join(name for (name,) in database.execute(told).fetchall() if name)
    return f"{facts} holds no fact of the edition {edition}; of others: {editions or 'none'}"


def what_it_is(database: Any, edition: str) -> str:
    """What stands below a plot: how much the data is, and until when."""
    asked = "SELECT count(DISTINCT event_id), max(submitted_at)::DATE FROM submissions WHERE fact = 'EventSubmitted'"
    [(events, last)] = database.execute(asked).fetchall()
    until = f", the last on {last.day} {last:%B %Y}" if last else ""
    return f"Edition {edition}: {events:,} events were submitted{until}, by the campaign’s clock."


def questions() -> list[Path]:
    """The files of the ten questions, in their order."""
    return sorted(HERE.glob("[0-9][0-9]-*.sql"))


def answer(database: Any, question: Path) -> tuple[list[str], Rows]:
    """The columns of an answer, and its rows by their names."""
    result = database.sql(question.read_text(encoding="utf-8"))
    return result.columns, [dict(zip(result.columns, row, strict=True)) for row in result.fetchall()]


# --- the plots -------------------------------------------------------------------------------------------------------


def by_region_and_day(figure: Figure, rows: Rows) -> None:
    """A field for each region and day: the darker, the more events."""
    regions = sorted({row["region"] for row in rows}, key=_alphabetical, reverse=True)
    counted = {(row["region"], row["day"]): row["events"] for row in rows}
    busiest = sorted({row["day"] for row in rows}, key=lambda day: -sum(counted.get((r, day), 0) for r in regions))
    days = sorted(busiest[:7])  # the week; what is on other days stands beside it
    columns = [[counted.get((region, day), 0) for region in regions] for day in days]
    columns.append([sum(n for (r, d), n in counted.items() if r == region and d not in days) for region in regions])
    axes = figure.subplots()
    _field(axes, columns, [f"{day:%a}\n{_day(day)}" for day in days] + ["other\ndays"], regions)
    others = sorted({day for _, day in counted} - set(days))
    apart = f"; other days: {len(others)}, from {_day(others[0])} to {_day(others[-1])}" if others else ""
    axes.set_xlabel(f"local date at the event’s own place{apart}")


def time_to_decision(figure: Figure, rows: Rows) -> None:
    """How many were told after how long, by who decided."""
    series = {
        "by_rules": "the rules alone",
        "by_people": "a person",
        "after_correction": "anybody, after a correction",
        "by_silence": "a time limit that ran out",
        "waiting": "nobody yet",
    }
    axes = figure.subplots()
    _stacked(axes, rows, "waited", series, (BLUE, ORANGE, GREEN, PURPLE, GREY))
    axes.set_xlabel("events, by who decided")
    axes.set_ylabel("from first submission to first decision")


def reasons_of_refusal(figure: Figure, rows: Rows) -> None:
    """A bar for each reason; the part that has its label meanwhile, and the rest."""
    told = [
        {
            "reason": f"{row['condition']}: {_reason(row)}",
            "since": row["labelled_since"],
            "still": row["events"] - row["labelled_since"],
        }
        for row in rows
    ]
    axes = figure.subplots()
    _stacked(axes, told, "reason", {"still": "without the label", "since": "labelled since"}, (ORANGE, BLUE))
    axes.set_xlabel("events ever refused for this reason (some for two)")


def kits_within_a_minute(figure: Figure, rows: Rows) -> None:
    """By the week: how many got it in time, later, or not at all."""
    axes = figure.subplots()
    series = {"within_a_minute": "within a minute", "later": "later", "none_yet": "no kit yet"}
    _columns(axes, rows, "week", series, (BLUE, ORANGE, PURPLE))
    labelled, in_time = (sum(row[name] for row in rows) for name in ("labelled", "within_a_minute"))
    axes.set_ylabel("events, by the week of their label")
    _say(axes, f"{100 * in_time / max(labelled, 1):.1f} % of {labelled:,} within a minute")


def decided_by_machine(figure: Figure, rows: Rows) -> None:
    """A bar for each kind of first word; what stands of it, and what was overturned."""
    told = [
        {
            "word": f"{row['who']}: {row['said']}",
            "stands": (row["events"] - row["overturned"]) * (row["said"] != "not yet"),
            "overturned": row["overturned"],
            "open": row["events"] * (row["said"] == "not yet"),
        }
        for row in rows
    ]
    everything, overturned = sum(row["events"] for row in rows), sum(row["overturned"] for row in rows)
    machine = sum(row["events"] for row in rows if row["who"] == "rules")
    appealed = sum(row["appealed"] for row in rows)
    axes = figure.subplots()
    series = {"stands": "not overturned", "overturned": "overturned later", "open": "a person is asked"}
    _stacked(axes, told, "word", series, (BLUE, ORANGE, GREY))
    axes.set_xlabel("events, by the first yes or no")
    _say(
        axes,
        f"{100 * machine / max(everything, 1):.0f} % of {everything:,} decided by the rules alone;\n"
        f"{appealed} appeals, {overturned} decisions overturned",
        bottom=True,
    )


def territories(figure: Figure, rows: Rows) -> None:
    """How many of each region's territories have an event, and how many have none."""
    told = [{**row, "without": row["territories"] - row["with_an_event"]} for row in rows]
    told.sort(key=lambda row: (row["territories"], row["with_an_event"]), reverse=True)
    covered, all_of_them = (sum(row[name] for row in rows) for name in ("with_an_event", "territories"))
    axes = figure.subplots()
    series, ends = (
        {"with_an_event": "with an event", "without": "without"},
        [f"{row['with_an_event']} of {row['territories']}" for row in told],
    )
    _stacked(axes, told, "region", series, (BLUE, GREY), ends)
    axes.set_xlabel("Territoires d’industrie")
    _say(axes, f"{covered} of {all_of_them} have an event", bottom=True)


def gender_balance(figure: Figure, rows: Rows) -> None:
    """In each region, what share of the events is about it: as ticked, and by the words alone."""
    told = [row for row in rows if row["events"]]
    told = [
        {**row, **{name: 100 * row[name] / row["events"] for name in ("ticked", "in_words_only")}}
        | {"region": f"{row['region']} ({row['events']})"}
        for row in sorted(told, key=lambda row: _alphabetical(row["region"]))
    ]
    axes = figure.subplots()
    ends = [f"{row['ticked'] + row['in_words_only']:.0f} %" for row in told]
    everything, ticked, spoken = (sum(row[name] for row in rows) for name in ("events", "ticked", "in_words_only"))
    series = {"ticked": f"theme ticked: {ticked:,}", "in_words_only": f"by its words only: {spoken:,}"}
    _stacked(axes, told, "region", series, (BLUE, ORANGE), ends)
    axes.set_xlabel("% of the region’s labelled events (their number in brackets)")
    _say(axes, f"of {everything:,} events")


def for_whom(figure: Figure, rows: Rows) -> None:
    """A field for each audience and kind of organisation: the darker, the more events."""
    kinds = sorted({row["organisation_kind"] for row in rows}, key=lambda kind: (kind == "not told", kind))
    audiences = sorted({row["audience"] for row in rows}, reverse=True)
    counted = {(row["organisation_kind"], row["audience"]): row["events"] for row in rows}
    axes = figure.subplots()
    columns = [[counted.get((kind, audience), 0) for audience in audiences] for kind in kinds]
    _field(axes, columns, [_spoken(kind) for kind in kinds], [_spoken(audience) for audience in audiences])
    axes.set_xlabel("held by")
    axes.set_ylabel("for")


def amendments(figure: Figure, rows: Rows) -> None:
    """A bar for each thing that is changed, by what became of the label."""
    series = {
        "label_kept": "label kept",
        "person_asked": "a person is asked",
        "label_gone": "label gone",
        "no_label_before": "had no label yet",
    }
    axes = figure.subplots()
    _stacked(axes, rows, "changed", series, (BLUE, ORANGE, RED, GREY))
    axes.set_xlabel("amendments that change it (some change two things)")


def called_off(figure: Figure, rows: Rows) -> None:
    """By the week in which it was said."""
    weeks = {row["week"]: {"week": row["week"]} for row in rows}
    for row in rows:
        weeks[row["week"]][row["status"]] = row["events"]
    series = {"cancelled": "cancelled", "postponed": "postponed", "moved_online": "moved online"}
    told = [{**dict.fromkeys(series, 0), **week} for week in weeks.values()]
    axes = figure.subplots()
    _columns(axes, told, "week", series, (ORANGE, BLUE, GREEN))
    axes.set_ylabel("events, by the week in which it was said")
    totals = {said: sum(row[name] for row in told) for name, said in series.items()}
    _say(axes, " · ".join(f"{number} {said}" for said, number in totals.items()))


PLOTS: dict[str, tuple[Callable[[Figure, Rows], None], float]] = {
    "01-events-by-region-and-day": (by_region_and_day, 6.6),
    "02-time-to-decision": (time_to_decision, 4.2),
    "03-reasons-of-refusal": (reasons_of_refusal, 4.6),
    "04-kits-within-a-minute": (kits_within_a_minute, 3.8),
    "05-decided-by-machine": (decided_by_machine, 3.2),
    "06-territoires-industrie": (territories, 5.8),
    "07-gender-balance": (gender_balance, 6.0),
    "08-for-whom-and-by-whom": (for_whom, 4.4),
    "09-what-amendments-change": (amendments, 3.8),
    "10-called-off-through-time": (called_off, 3.8),
}
"""How each answer is drawn, and how high, in inches."""


def draw(question: Path, rows: Rows, note: str, file: Path) -> None:
    """Writes the plot of an answer: its question above, below it what the data is."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib.figure import Figure

    style = {"font.size": 10, "svg.fonttype": "none", "svg.hashsalt": question.stem, "axes.axisbelow": True}
    style |= {"font.family": "DejaVu Sans", "axes.spines.top": False}
    with mpl.rc_context({**style, "axes.spines.right": False}):
        plot, height = PLOTS[question.stem]
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        asked = question.read_text(encoding="utf-8").splitlines()[0].removeprefix("-- ")
        figure.suptitle(asked, x=0.01, ha="left", fontsize=13, fontweight="bold")
        if rows:
            plot(figure, rows)
        else:
            figure.text(0.5, 0.5, "nothing was told of this", ha="center")
        figure.supxlabel(note, x=0.01, ha="left", fontsize=8, color="#555555")
        figure.savefig(file, metadata={"Date": None, "Title": asked})
    # words, not outlines: they can be read aloud and searched. Who has no such font sees one of the same width
    file.write_text(file.read_text().replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif"))


# --- what the plots are made of --------------------------------------------------------------------------------------


def _stacked(
    axes: Axes,
    rows: Rows,
    name: str,
    series: dict[str, str],
    colours: Iterable[str],
    words: Sequence[str] | None = None,
) -> None:
    """Lying bars, the first row on top, with their sum behind them, or what else is to stand there."""
    places, ends = range(len(rows)), [0.0] * len(rows)
    series, colours = _present(rows, series, colours)
    for (column, said), colour in zip(series.items(), colours, strict=False):
        widths = [row[column] for row in rows]
        axes.barh(places, widths, left=ends, color=colour, label=said, edgecolor="white", linewidth=0.5)
        ends = [end + width for end, width in zip(ends, widths, strict=True)]
    for place, end, said in zip(places, ends, words or [f"{end:,.0f}" for end in ends], strict=True):
        axes.annotate(said, (end, place), (3, 0), textcoords="offset points", va="center", fontsize=9)
    axes.set_yticks(places, [row[name] for row in rows])
    axes.invert_yaxis()
    axes.set_xlim(0, max(ends, default=0) * 1.09 or 1)
    axes.grid(axis="x", color="#e5e5e5")
    axes.tick_params(axis="y", length=0)
    _legend(axes)


def _columns(axes: Axes, rows: Rows, name: str, series: dict[str, str], colours: Iterable[str]) -> None:
    """Standing bars, one for each week."""
    import matplotlib.dates as mdates

    weeks: list[date] = [row[name] for row in rows]
    ends = [0.0] * len(rows)
    series, colours = _present(rows, series, colours)
    for (column, said), colour in zip(series.items(), colours, strict=False):
        heights = [row[column] for row in rows]
        axes.bar(weeks, heights, bottom=ends, width=6, align="edge", color=colour, label=said)  # type: ignore[arg-type]
        ends = [end + height for end, height in zip(ends, heights, strict=True)]
    axes.xaxis.set_major_locator(mdates.WeekdayLocator(mdates.MO, interval=max(1, _weeks(weeks) // 9)))
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%d %b"))
    axes.set_xlabel(" and ".join(sorted({str(week.year) for week in weeks})))
    if (spare := FEW_WEEKS - _weeks(weeks)) > 0:  # a week is not as wide as the plot, nor an end that seems to be empty
        first, last = min(weeks) - timedelta(weeks=spare / 2), max(weeks) + timedelta(weeks=1 + spare / 2)
        axes.set_xlim(first, last)  # type: ignore[arg-type]
        axes.set_xticks(weeks, [_day(week) for week in weeks])  # type: ignore[arg-type]
    axes.grid(axis="y", color="#e5e5e5")
    _whole_numbers(axes.yaxis)
    _legend(axes)


def _field(axes: Axes, columns: Sequence[Sequence[int]], names: Sequence[str], rows: Sequence[str]) -> None:
    """A table whose fields are the darker the greater their number, which stands in them."""
    from matplotlib.colors import PowerNorm

    most = max(max(column) for column in columns) or 1
    fields = [[column[row] for column in columns] for row in range(len(rows))]
    drawn = axes.pcolormesh(fields, cmap="Blues", norm=PowerNorm(0.5, 0, most * 1.25), edgecolors="white", linewidth=1)
    for row, numbers in enumerate(fields):
        for column, number in enumerate(numbers):
            colour = _readable_on(drawn.to_rgba(number)) if number else "#767676"  # type: ignore[arg-type]
            axes.text(column + 0.5, row + 0.5, f"{number:,}", ha="center", va="center", color=colour, fontsize=9)
    axes.set_xticks([place + 0.5 for place in range(len(names))], names)
    axes.set_yticks([place + 0.5 for place in range(len(rows))], rows)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def _legend(axes: Axes) -> None:
    if not axes.get_legend_handles_labels()[1]:
        return
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=5, frameon=False, borderaxespad=0.2, handlelength=1, fontsize=9
    )


def _say(axes: Axes, words: str, *, bottom: bool = False) -> None:
    """Behind the legend; or where bars that grow shorter leave room."""
    place = (0.98, 0.04) if bottom else (1, 1.025)
    axes.text(*place, words, transform=axes.transAxes, fontsize=10, fontweight="bold", ha="right", va="bottom")


def _whole_numbers(axis: Any) -> None:
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(6, integer=True, steps=[1, 2, 5, 10]))


def _weeks(weeks: Sequence[date]) -> int:
    return (max(weeks) - min(weeks)).days // 7 + 1


def _present(rows: Rows, series: dict[str, str], colours: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Of the series, those that are anywhere; each keeps its colour, whichever else there are."""
    there = {
        column: (said, colour)
        for (column, said), colour in zip(series.items(), colours, strict=True)
        if any(row[column] for row in rows)
    }
    return {column: said for column, (said, _) in there.items()}, [colour for _, colour in there.values()]


def _readable_on(ground: Sequence[float]) -> str:
    """Black or white, whichever stands out more from the colour (by its luminance, as WCAG reckons it)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in ground[:3]]
    luminance = sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return "white" if luminance < 0.179 else "black"


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _alphabetical(region: str) -> str:
    # « Île-de-France » stands under I; what is no region, at the end
    return ("~" if region in ("En ligne", "Lieu inconnu") else "") + region.replace("Î", "I").replace("É", "E")


def _spoken(code: str) -> str:
    return {"hr_professionals": "HR professionals"}.get(code, code.replace("_", " "))


def _reason(row: dict[str, Any]) -> str:
    return str(row["code"]).removeprefix(f"{row['condition']}-").replace("-", " ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("facts", help="a folder that `sdi export` wrote")
    parser.add_argument("--edition", default="2026", help="which one is meant (2026)")
    parser.add_argument("--out", type=Path, default=Path("answers"), help="where the plots and tables go (answers)")
    parser.add_argument("--note", default="", help="what stands below each plot (how many events, and until when)")
    parser.add_argument("--tables", action=argparse.BooleanOptionalAction, default=True, help="write CSV as well")
    asked = parser.parse_args()
    try:
        database = connect(asked.facts, asked.edition)
    except NothingToAsk as error:
        sys.exit(f"answers: {error}")
    for topic in untold(database):
        print(f"answers: nothing of {topic}: what rests on it is empty or too small", file=sys.stderr)  # noqa: T201
    asked.out.mkdir(parents=True, exist_ok=True)
    note = asked.note or what_it_is(database, asked.edition)
    for question in questions():
        columns, rows = answer(database, question)
        draw(question, rows, note, asked.out / f"{question.stem}.svg")
        if asked.tables:
            with (asked.out / f"{question.stem}.csv").open("w", newline="", encoding="utf-8") as file:
                table = csv.DictWriter(file, columns)
                table.writeheader()
                table.writerows(rows)
        print(f"{question.stem}: {len(rows)} rows")  # noqa: T201 (the answer of a command)
    print(f"The plots{' and tables' if asked.tables else ''} are in {asked.out}.")  # noqa: T201


if __name__ == "__main__":
    main()
