"""What a process counts of itself, for Prometheus: every metric of the floor, declared here with its sentence.

A `Book` is one service's: made where the service is put together, and served at `/metrics` beside its health. Labels
have few values: a topic, a type or a route that nobody declared is `other`, and nobody's data is a label.
What is asked of the world when somebody reads the book is in `service/scrape.py`; docs/metrics.md is made from here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, product
from math import inf, nan
from typing import Any, Literal, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from .. import contracts
from ..contracts import FACT_TOPICS, Fact

OTHER = "other"

Values = str | tuple[str, ...]
"""What a label may be: all its values, or in words what they are."""

M = TypeVar("M", Counter, Gauge, Histogram)


@dataclass(frozen=True)
class Declared:
    """A metric as docs/metrics.md shows it: its name when it is read, what it is, and what its labels say."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    sentence: str
    labels: Mapping[str, Values] = field(default_factory=dict)


class Totals(Collector):
    """What was counted in the database: the whole, not what this process adds to it."""

    def __init__(self, name: str, sentence: str, labels: Sequence[str]) -> None:
        self._about, self._values = (name, sentence, labels), dict[tuple[str, ...], float]()

    def show(self, values: Mapping[tuple[str, ...], float] | None) -> None:
        """By the values of its labels; None: nobody knows now."""
        self._values = dict(values or {})

    def collect(self) -> Iterator[Metric]:
        name, sentence, labels = self._about
        family = CounterMetricFamily(name, sentence, labels=labels)
        for values, total in self._values.items():
            family.add_metric(values, total)
        yield family


class Spread(Collector):
    """A histogram into which many go at once: of what is noted of each message, for a twentieth of what one after the
    other takes."""

    def __init__(self, name: str, sentence: str, bounds: Sequence[float], labels: Sequence[str]) -> None:
        self._about, self._bounds = (name, sentence, labels), (*bounds, inf)
        self._noted: dict[tuple[str, ...], list[float]] = {}

    def begin(self, *labels: str) -> None:
        """Shows these labels, before the first of them is noted."""
        self._noted.setdefault(labels, [0.0] * (len(self._bounds) + 1))  # the last is the sum

    def note(self, values: Sequence[float], *labels: str) -> None:
        """What many of them measured."""
        self.begin(*labels)
        noted = self._noted[labels]
        noted[-1] += sum(values)
        least, most = bisect_left(self._bounds, min(values)), bisect_left(self._bounds, max(values))
        if least == most:  # as nearly always: they came together
            noted[least] += len(values)
        else:
            for value in values:
                noted[bisect_left(self._bounds, value)] += 1

    def collect(self) -> Iterator[Metric]:
        name, sentence, labels = self._about
        family, bounds = HistogramMetricFamily(name, sentence, labels=labels), map(floatToGoString, self._bounds)
        names = [*bounds]
        for values, noted in self._noted.items():
            family.add_metric(values, [*zip(names, accumulate(noted[:-1]), strict=True)], noted[-1])
        yield family


class Book:
    """The metrics of one service, in a registry of their own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each counter, of which Prometheus makes nothing
        self.registry = CollectorRegistry()
        self.declared: list[Declared] = []
        for collect in (ProcessCollector, PlatformCollector, GCCollector):
            collect(registry=self.registry)

    def counter(self, name: str, sentence: str, /, **labels: Values) -> Counter:
        """Something that only grows; its name ends in `_total`. Where all its labels' values are known it begins at 0
        for each: an alert sees the first time, too."""
        counter = self._declare(Counter, "counter", name, sentence, labels)
        if labels and all(isinstance(values, tuple) for values in labels.values()):
            for values in product(*labels.values()):
                counter.labels(*values)
        return counter

    def gauge(self, name: str, sentence: str, /, **labels: Values) -> Gauge:
        """Something that comes and goes."""
        return self._declare(Gauge, "gauge", name, sentence, labels)

    def histogram(self, name: str, sentence: str, buckets: Iterable[float], /, **labels: Values) -> Histogram:
        """How much, of many."""
        return self._declare(Histogram, "histogram", name, sentence, labels, buckets=tuple(buckets))

    def spread(self, name: str, sentence: str, bounds: Sequence[float], /, **labels: Values) -> Spread:
        """A histogram into which many go at once."""
        self.declared.append(Declared(name, "histogram", sentence, labels))
        spread = Spread(name, sentence, bounds, tuple(labels))
        self.registry.register(spread)
        return spread

    def totals(self, name: str, sentence: str, /, **labels: Values) -> Totals:
        """A counter that somebody else keeps."""
        self.declared.append(Declared(name, "counter", sentence, labels))
        totals = Totals(name, sentence, tuple(labels))
        self.registry.register(totals)
        return totals

    def _declare(
        self, metric: type[M], kind: Any, name: str, sentence: str, labels: Mapping[str, Values], **more: Any
    ) -> M:
        self.declared.append(Declared(name, kind, sentence, labels))
        return metric(name, sentence, tuple(labels), registry=self.registry, **more)

    def read(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self.registry)


def known(value: str | None, values: Iterable[str]) -> str:
    """The value, where it is one of those that a label may have; `other` where not."""
    return value if value is not None and value in values else OTHER


def show(gauge: Gauge, values: Mapping[tuple[str, ...], float] | None) -> None:
    """Sets a gauge with labels to these values and no others; to none at all where they are not known: a number from
    before would be believed."""
    gauge.clear()
    for labels, value in (values or {}).items():
        gauge.labels(*labels).set(value)


def show_one(gauge: Gauge, value: float | None) -> None:
    """Sets a gauge without labels; where its value is not known it is NaN, which compares with nothing."""
    gauge.set(nan if value is None else value)


@cache
def types() -> Mapping[str, str]:
    """The last word of each fact's type, by the type."""
    facts = [one for one in vars(contracts).values() if isinstance(one, type) and issubclass(one, Fact)]
    return {kind.ce_type: kind.ce_type.rpartition(".")[2] for kind in facts if hasattr(kind, "ce_type")}


TOPICS = tuple(topic.name for topic in FACT_TOPICS)

TYPE = "the last word of the fact's type; `other`: none of our contracts'"
TOPIC = "the topic's name"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LONG = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0, 86400.0)
ASKED = ("PostgreSQL", "Kafka", OTHER)
HEARD = ("folded", "known", "passed_over", "set_aside")
REFUSED = ("silent", "slow", "slow_reader", "over_share", "all_taken", "made_room", "no_request", OTHER)
JOB_OUTCOMES = ("done", "retried", "dead")
JOB_STATES = ("later", "waiting", "retrying", "running", "dead")


class FloorMetrics:
    """What every service counts."""

    def __init__(self, book: Book | None = None) -> None:
        self.book = book = book or Book()
        self.heard = book.counter(
            "sdi_messages_heard_total",
            "Messages taken from Kafka. Folded: they did something; known: delivered once more, they did nothing;"
            " passed over: of a type that this service does not hear; set aside: in the dead letters.",
            topic=TOPIC,
            type=TYPE,
            outcome=f"{' · '.join(HEARD)}",
        )
        self.delay = book.spread(
            "sdi_message_delay_seconds",
            "From the moment at which a message was written to Kafka to the commit of what it did here.",
            LONG,
            topic=TOPIC,
        )
        self.poll_seconds = book.histogram(
            "sdi_poll_seconds", "How long all the messages of one poll took, waits for PostgreSQL included.", LONG
        )
        self.poll_messages = book.histogram(
            "sdi_poll_messages", "How many messages came in one poll.", (1, 2, 5, 10, 20, 50, 100, 200, 500)
        )
        self.polls_retried = book.counter(
            "sdi_polls_retried_total",
            "Polls that were tried again in place, since something they need was away.",
            reason=ASKED,
        )
        self.lag_messages = book.gauge(
            "sdi_lag_messages",
            "Messages of a partition that are not taken yet, those in hand included; of the partitions that this"
            " process reads.",
            topic=TOPIC,
            partition="its number",
        )
        self.lag_seconds = book.gauge(
            "sdi_lag_seconds",
            "How long ago the oldest message that is not taken yet was written to Kafka; 0: all are taken.",
            topic=TOPIC,
            partition="its number",
        )
        self.told = book.counter(
            "sdi_facts_told_total",
            "Facts that this process has written to Kafka and marked as published.",
            topic=f"{TOPIC}; `other`: none of our contracts'",
            type=TYPE,
        )
        self.outbox_facts = book.gauge(
            "sdi_outbox_facts", "Facts in the outbox that are not told yet; the same in each replica."
        )
        self.outbox_oldest = book.gauge(
            "sdi_outbox_oldest_seconds", "How long the oldest of them waits; 0: none does; the same in each replica."
        )
        self._declare_jobs(book)
        self._declare_health(book)
        self._declare_http(book)

    def _declare_jobs(self, book: Book) -> None:
        kind = "the kind of work; `other`: none that is worked on here"
        self.jobs = book.gauge(
            "sdi_jobs",
            "Jobs that are not done. Later: not due yet; waiting: due, and nobody has begun; retrying: tried in vain,"
            " and waiting for the next try; dead: given up, for an operator; the same in each replica.",
            kind=kind,
            state=JOB_STATES,
        )
        self.job_oldest = book.gauge(
            "sdi_job_oldest_seconds",
            "The age of the oldest of these: since it was due (waiting, running), was queued (retrying), died (dead);"
            " 0: there is none; the same in each replica.",
            kind=kind,
            state=JOB_STATES[1:],
        )
        self.job_seconds = book.histogram(
            "sdi_job_seconds",
            "How long one try of a job took in this process.",
            (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0),
            kind=kind,
            outcome=JOB_OUTCOMES,
        )
        self.job_retries = book.counter(
            "sdi_job_retries_total",
            "Tries that failed and will be made again.",
            kind=kind,
            reason="the name of the error",
        )

    def _declare_health(self, book: Book) -> None:
        self.up = book.gauge(
            "sdi_up",
            "Whether what this process needs answers: 1 or 0; all of it is what `/health/ready` says.",
            on="`Kafka`, `PostgreSQL`, and what else its doors wait for",
        )
        self.stuck = book.gauge(
            "sdi_stuck",
            "1: this part stands still though all it needs answers, and `/health/live` says no.",
            part="the part's name",
        )
        self.broken = book.gauge("sdi_broken", "1: a part has failed by a fault of ours, and the process is ending.")
        self.build = book.gauge("sdi_build_info", "Always 1; which release this is.", version="its number")
        self.counts = book.gauge(
            "sdi_counts", "What `/health/counts` says; the same in each replica.", name="the name of the count"
        )
        self.switch = book.gauge(
            "sdi_switch",
            "1: an operator has turned this switch on; of a pace, how many jobs a minute and replica it allows. Absent:"
            " it is off.",
            name="`read-only` · `no-new-accounts` · `no-mail` · `pace-` and a kind of work",
        )
        self.unanswered = book.counter(
            "sdi_scrape_unanswered_total",
            "Questions for these metrics that had no answer in time: what they would have told is absent, or NaN.",
            of=ASKED,
        )

    def _declare_http(self, book: Book) -> None:
        method, route = "GET · HEAD · POST …; `other`", "as it is declared: `/v1/events/{event_id}`; `(none)`: no route"
        self.requests = book.counter(
            "sdi_http_requests_total",
            "Requests at the public door that were answered.",
            method=method,
            route=route,
            status="the code; `cut`: it ended without an answer",
        )
        self.request_seconds = book.histogram(
            "sdi_http_request_seconds",
            "From a request's head to the end of its answer.",
            SECONDS,
            method=method,
            route=route,
        )
        self.refused = book.counter(
            "sdi_http_refused_total",
            "Connections that the public door has ended, before or without an answer of a route.",
            why=REFUSED,
        )

    # --- what begins at 0, so that an alert sees the first time too -------------------------------

    def expect_heard(self, facts: Iterable[tuple[str, str]]) -> None:
        """Messages of these topics and types will be heard."""
        for topic, kind in facts:
            self.delay.begin(topic)
            self.heard.labels(topic, OTHER, "set_aside")
            for outcome in ("folded", "known", "set_aside"):
                self.heard.labels(topic, kind, outcome)

    def expect_jobs(self, kind: str) -> None:
        """Jobs of this kind are worked on."""
        for outcome in JOB_OUTCOMES:
            self.job_seconds.labels(kind, outcome)

    def count_unanswered(self, of: str) -> None:
        """A question for these metrics had no answer in time."""
        self.unanswered.labels(known(of, ASKED)).inc()

    # --- what shows or counts many at once ----------------------------------------------------------------

    def count_heard(self, many: Tally[tuple[str, str, str]]) -> None:
        """By topic, type and outcome."""
        for labels, number in many.items():
            self.heard.labels(*labels).inc(number)

    def count_told(self, facts: Iterable[tuple[str, str]]) -> None:
        """By topic and type, as they lie in the outbox."""
        names = types()
        for (topic, ce_type), number in Tally(facts).items():
            self.told.labels(known(topic, TOPICS), names.get(ce_type, OTHER)).inc(number)

    def count_refused(self, why: str) -> None:
        """A connection was ended at the door."""
        self.refused.labels(known(why, REFUSED)).inc()

    def show_outbox(self, found: tuple[int, float] | None) -> None:
        """How many facts are untold, and the age of the oldest."""
        number, oldest = found or (None, None)
        show_one(self.outbox_facts, number)
        show_one(self.outbox_oldest, oldest)

    def show_jobs(self, found: Mapping[tuple[str, str], tuple[int, float]] | None, kinds: Iterable[str]) -> None:
        """How many jobs there are and the age of the oldest, by kind and state: 0 where there are none of a kind that
        is worked on here."""
        numbers: dict[tuple[str, ...], float] = dict.fromkeys(product(kinds, JOB_STATES), 0)
        ages: dict[tuple[str, ...], float] = dict.fromkeys(product(kinds, JOB_STATES[1:]), 0)
        for (kind, state), (number, age) in (found or {}).items():
            about = known(kind, kinds), known(state, JOB_STATES)
            numbers[about] = numbers.get(about, 0) + number
            if state != "later":
                ages[about] = max(ages.get(about, 0), age)
        show(self.jobs, None if found is None else numbers)
        show(self.job_oldest, None if found is None else ages)

    def show_counts(self, counts: Mapping[str, int] | None) -> None:
        """What a service counts, by the names of the counts."""
        show(self.counts, None if counts is None else {(name,): number for name, number in counts.items()})
