"""`make bench ARGS="messages"`: measures, and prints the tables of docs/benchmarks.md."""

from __future__ import annotations

import argparse
import asyncio

from backbone.runtime.logs import set_up_logs

from . import deadline_day, exports, messages, partners, submissions, traces, uploads

MEASURES = {
    "messages": messages.measure,
    "traces": traces.measure_traces,
    "partners": partners.measure,
    "exports": exports.measure_exports,
    "uploads": uploads.measure_uploads,
    "submissions": submissions.measure_submissions,
}
DAY = "deadline-day"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("what", choices=[*MEASURES, DAY])
    parser.add_argument("--events", type=int, default=3000, help="of exports: facts; of uploads: rows")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=10.0, help="of the deadline day: how long it lasts")
    asked = parser.parse_args()
    set_up_logs("text", "WARNING")
    if asked.what == DAY:
        told = deadline_day.measure_deadline_day(asked.events, asked.minutes)
    else:
        told = MEASURES[asked.what](asked.events, asked.runs)
    print(asyncio.run(told))  # noqa: T201 (the answer of a command)


if __name__ == "__main__":
    main()
