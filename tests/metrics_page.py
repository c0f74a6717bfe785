"""Writes `docs/metrics.md` from the metrics that the services declare: `python tests/metrics_page.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from backbone.runtime.metrics import Book, Declared, FloorMetrics, Values

PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"
SERVICES = ("registration", "labelling", "geocoding", "commskit", "map_feed")

HEAD = """\
# Metrics

What each process tells Prometheus at `/metrics` of its `HEALTH_PORT`, in the text format; the public port has none. The
scrape’s `job` is the service’s name, its `instance` the replica. All names begin with `sdi_`; units are seconds and
counts, as Prometheus has them. Besides these there are `process_*`, `python_gc_*` and `python_info`.

- **Each replica** tells what it does itself: sum the counters and the lags. What is read from the service’s database is
  the same in each replica: take the `max`. A role that only answers (`http`) has no lag, one that only works (`work`)
  no requests; a metric that nothing happened to yet, and whose labels are not known beforehand, is absent.
- **What could not be found out is absent**, or `NaN` where a metric has no labels: a number from before would be
  believed. The lag alone stays, and its age grows: it is what one looks at when something is away.
- **A scrape is cheap**: the database is asked at most every 15 s, in one connection, Kafka every other second, and an
  answer that does not come within 3 s is left out. No label names an event, a person or an address.

This page is made from the code by `python tests/metrics_page.py`, and a test compares the two.
"""


def own(service: str) -> Sequence[Declared]:
    """What a service declares besides the floor's."""
    book = Book()
    if find_spec(f"{service}.metrics"):
        import_module(f"{service}.metrics").Metrics(book)
    return book.declared


def page() -> str:
    """The page as it should be."""
    parts = [HEAD, *_section("Every service", FloorMetrics().book.declared)]
    for service in SERVICES:
        parts += _section(service.replace("_", "-"), own(service))
    return "\n".join(parts)


def _section(title: str, declared: Sequence[Declared]) -> Iterator[str]:
    if not declared:
        return
    yield f"## {title}\n"
    yield "| metric | type | labels | what it is |\n|---|---|---|---|"
    for one in declared:
        labels = "<br>".join(f"`{label}`: {_values(values)}" for label, values in one.labels.items())
        yield f"| `{one.name}` | {one.kind} | {labels} | {one.sentence} |"
    yield ""


def _values(values: Values) -> str:
    return values if isinstance(values, str) else " · ".join(values)


if __name__ == "__main__":
    PAGE.write_text(page())
