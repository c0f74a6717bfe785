"""`make bench ARGS="messages"`: measures, and prints the tables of docs/benchmarks.md."""

from __future__ import annotations

import argparse
import asyncio

from backbone.runtime.logs import set_up_logs

from .messages import measure
from .traces import measure_traces


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("what", choices=["messages", "traces"])
    parser.add_argument("--events", type=int, default=3000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    set_up_logs("text", "WARNING")
    print(asyncio.run({"messages": measure, "traces": measure_traces}[asked.what](asked.events, asked.runs)))  # noqa: T201 (the answer of a command)


if __name__ == "__main__":
    main()
