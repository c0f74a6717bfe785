"""What traces cost: the same messages through the same listeners, with none, a twentieth and all of them recorded.

Each message that is recorded is a span, from its poll to the commit, and is sent to a collector in a process of its own
before the clock is stopped. The floor alone (“labelling, no rules”) and geocoding: where a message costs least, a span
costs most.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from aiokafka import ConsumerRecord

from backbone.contracts import Fact
from backbone.runtime.memory import settle

from .messages import NO_RULES, ours
from .world import Lap, submissions, table, world

SHARES = {"off": 0.0, "unrecorded": 0.0, "5 %": 0.05, "100 %": 1.0}
COLLECTOR = """
import sys
from backbone.testing.collector import Collector
with Collector() as collector:
    print(collector.url, flush=True)
    sys.stdin.read()
"""


async def measure_traces(number: int, runs: int) -> str:
    """A table for each service."""
    tables = []
    with world() as here, _collector() as url:
        told: list[Fact] = [*submissions(number)]
        await here.fill(told)
        for service in (NO_RULES, "geocoding"):
            laps: dict[str, list[Lap]] = {f"{service}, traces {how}": [] for how in SHARES}
            await ours(here, service, number)
            settle()
            for _ in range(runs):
                for name, (how, share) in zip(laps, SHARES.items(), strict=True):
                    where: dict[str, Any] = {} if how == "off" else {"otel_exporter_otlp_endpoint": url}
                    laps[name].append(await ours(here, service, number, mark=_Mark(share), **where))
            tables.append(table(laps, (f"{service}, traces off",)))
    return "\n\n".join(tables)


class _Mark:
    """Says of so many records that they are recorded, as whoever began their traces would have."""

    def __init__(self, share: float) -> None:
        self._share, self._chance = share, random.Random(7)  # noqa: S311 (no secret)

    def __call__(self, records: Sequence[ConsumerRecord]) -> Sequence[ConsumerRecord]:
        return [self._marked(record) for record in records]

    def _marked(self, record: ConsumerRecord) -> ConsumerRecord:
        flag = b"-01" if self._chance.random() < self._share else b"-00"
        headers = [(name, value[:-3] + flag if name == "traceparent" else value) for name, value in record.headers]
        return replace(record, headers=tuple(headers))


@contextmanager
def _collector() -> Iterator[str]:
    with subprocess.Popen(  # noqa: S603 (our own)
        [sys.executable, "-c", COLLECTOR], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout
        assert running.stdin
        yield running.stdout.readline().strip()
        running.stdin.close()
