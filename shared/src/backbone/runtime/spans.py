"""What is recorded of a trace: spans, by OpenTelemetry, sent to a collector by OTLP over HTTP.

Off unless a collector is named. One that is away or slow is never waited for: what is to be sent waits in a queue that
has an end, in a thread of its own, and what does not fit is dropped. What a span says is on the list below: never the
words of an error, an address of the web with its query, a name, a text.
"""

from __future__ import annotations

import asyncio
import random
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, TypeAlias

from opentelemetry.context import Context
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from .trace import current_work, is_recorded, trace

if TYPE_CHECKING:
    from opentelemetry import trace as otel

Said: TypeAlias = Mapping[str, str | int | bool]

ATTRIBUTES = {
    "sdi.event.id": "the event, where the work is about one",
    "sdi.job.kind": "which kind of job was tried",
    "sdi.job.id": "which job: its row in the table `jobs`",
    "sdi.job.attempt": "the how many-th try",
    "sdi.provider": "who was asked where an address is",
    "sdi.mail.kind": "which mail was handed over",
    "sdi.shown.pin": "whether the event has a pin on the map",
    "sdi.shown.hidden": "whether it was taken off the map",
    "http.request.method": "GET, POST … or `_OTHER`",
    "http.route": "the template: `/v1/events/{event_id}`, never the address itself",
    "http.response.status_code": "what was answered",
    "messaging.system": "`kafka`",
    "messaging.operation.name": "`send` or `process`",
    "messaging.operation.type": "the same",
    "messaging.destination.name": "the topic",
    "messaging.destination.partition.id": "the partition",
    "messaging.kafka.offset": "where in it",
    "messaging.consumer.group.name": "who heard it",
    "messaging.message.id": "the fact’s own number (`ce_id`): the same however often it is delivered",
    "cloudevents.event_type": "which fact it is",
    "error.type": "which error it was, or the reason’s code; no words",
}
"""All that a span may say, and what it is: nothing else leaves."""

FLUSH_SECONDS = 3.0  # for what is left when the service stops


class Span:
    """A piece of work of a trace that is recorded, until it is ended."""

    def __init__(self, tracing: Tracing, recorded: otel.Span) -> None:
        self.tracing, self._recorded = tracing, recorded
        context = recorded.get_span_context()
        self.traceparent = f"00-{context.trace_id:032x}-{context.span_id:016x}-01"

    def name(self, name: str) -> None:
        """Gives it another name than that with which it began."""
        self._recorded.update_name(name)

    def say(self, said: Said) -> None:
        self._recorded.set_attributes(_listed(said))

    def failed(self, kind: str) -> None:
        """`kind`: the error's name or the reason's code."""
        self._recorded.set_attribute("error.type", kind)
        self._recorded.set_status(Status(StatusCode.ERROR))

    def end(self) -> None:
        self._recorded.end()


class Tracing:
    """Begins the spans of one process."""

    def __init__(self, tracer: otel.Tracer | None = None, share: float = 0.0, close: Callable[[], None] | None = None):
        """`share`: of the traces that begin here, so many are recorded, from 0 to 1."""
        self._tracer, self._share, self._close = tracer, share, close

    def begin(
        self,
        name: str,
        kind: SpanKind,
        parent: str | None,
        say: Callable[[], Said] | Said,
        *,
        since: int | None = None,
    ) -> Span | None:
        """A span of the trace that `parent` (a traceparent) belongs to; None if it is not recorded: then `say` is not
        asked either. `since`: nanoseconds (`time.time_ns()`), if it began before."""
        if self._tracer is None or not is_recorded(parent):
            return None
        assert parent
        return self._begun(name, kind, _context_of(parent), say, since)

    def begin_trace(self, name: str, kind: SpanKind, say: Callable[[], Said] | Said) -> Span | None:
        """The first span of a new trace; None for most of them."""
        if self._tracer is None or random.random() >= self._share:  # noqa: S311 (no secret)
            return None
        return self._begun(name, kind, Context(), say)

    def _begun(
        self,
        name: str,
        kind: SpanKind,
        context: Context,
        say: Callable[[], Said] | Said,
        since: int | None = None,
    ) -> Span:
        assert self._tracer
        said = _listed(say() if callable(say) else say)
        return Span(self, self._tracer.start_span(name, context, kind, said, start_time=since))

    def together(self) -> Together:
        """For spans that end together: those of one poll, of one batch."""
        return Together(self)

    async def close(self) -> None:
        """Sends what is left, for `FLUSH_SECONDS` at most."""
        if self._close is None:
            return
        closing, self._close = threading.Thread(target=self._close, name="last spans", daemon=True), None
        closing.start()
        await asyncio.to_thread(closing.join, FLUSH_SECONDS)


OFF = Tracing()


class Together:
    """Spans that end when the block does: well, or all of them with its error."""

    def __init__(self, tracing: Tracing) -> None:
        self._tracing, self._spans = tracing, list[Span]()

    def begin(self, name: str, kind: SpanKind, parent: str | None, say: Callable[[], Said]) -> str | None:
        """The traceparent of a new span; the parent's own where nothing is recorded."""
        span = self._tracing.begin(name, kind, parent, say)
        if span is None:
            return parent
        self._spans.append(span)
        return span.traceparent

    async def __aenter__(self) -> Together:
        return self

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        for span in self._spans:
            if error is not None:
                span.failed(type(error).__name__)
            span.end()


@contextmanager
def spanning(span: Span | None, traceparent: str | None, about: object = None) -> Iterator[str]:
    """Runs the block as the work of a span, which ends with it; without one, as part of the trace given."""
    if span is None:
        with trace(traceparent, about) as mark:
            yield mark
        return
    try:
        with trace(span.traceparent, about, span) as mark:
            yield mark
    except BaseException as error:
        span.failed(type(error).__name__)
        raise
    finally:
        span.end()


@contextmanager
def part(name: str, kind: SpanKind = SpanKind.INTERNAL, **said: str) -> Iterator[None]:
    """A part of the running work, as a span of its own where that work is recorded: `part("render kit")`. `provider`
    and the like are attributes of ours: `sdi.provider`."""
    work = current_work()
    if work is None or work.span is None:
        yield
        return
    told = {f"sdi.{key.replace('_', '.')}": value for key, value in said.items()}
    with spanning(work.span.tracing.begin(name, kind, work.traceparent, told), work.traceparent, work.about):
        yield


def note_failure(kind: str) -> None:
    """Says in the span of the running work, if it has one, that it has failed."""
    work = current_work()
    if work and work.span:
        work.span.failed(kind)


def _listed(said: Said) -> dict[str, str | int | bool]:
    return {name: value for name, value in said.items() if name in ATTRIBUTES}


def _context_of(traceparent: str) -> Context:
    _, trace_id, span_id, _ = traceparent.split("-")
    parent = SpanContext(
        int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED)
    )
    return set_span_in_context(NonRecordingSpan(parent), Context())


def open_tracing(service: str, collector: str | None, share: float) -> Tracing:
    """Spans that go to this collector (`http://collector:4318`); none where there is no collector.

    What OpenTelemetry's own variables say of the way there (`OTEL_EXPORTER_OTLP_HEADERS`, `_CERTIFICATE`,
    `_COMPRESSION`, `_TIMEOUT`, `OTEL_BSP_MAX_QUEUE_SIZE` …) holds.
    """
    if not collector:
        return OFF
    # not above: the SDK takes a fifth of a second to import, and most do not send anything
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON

    about = {"service.name": service, "service.namespace": "sdi", "service.version": _version_of(service)}
    resource = Resource.create({**about, "service.instance.id": str(uuid.uuid4())})
    # what is not recorded never comes to it; and nothing of it is set for the whole process: a test may have several
    provider = TracerProvider(sampler=ALWAYS_ON, resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{collector.rstrip('/')}/v1/traces")))
    return Tracing(provider.get_tracer("backbone"), share, provider.shutdown)


def _version_of(service: str) -> str:
    try:
        return version(service)
    except PackageNotFoundError:
        return "unknown"
