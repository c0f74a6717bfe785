"""A collector of traces that keeps what it is sent: OTLP over HTTP, read as every collector reads it."""

from __future__ import annotations

import gzip
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as ProtoSpan
from opentelemetry.proto.trace.v1.trace_pb2 import Status


@dataclass(frozen=True)
class Received:
    """A span as it arrived."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    began: int
    ended: int
    has_failed: bool
    attributes: dict[str, Any] = field(hash=False)
    has_words: bool
    """Whether it says more than its attributes: an event of it, or the words of an error."""

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-01"


class Collector:
    """Listens on a port of this machine while its block runs; `answer` is how it answers, once it is let."""

    def __init__(self) -> None:
        self.spans: list[Received] = []
        self.answer = 200
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.asked = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def of(self, trace_id: str) -> list[Received]:
        """The spans of one trace, in the order in which they began."""
        return sorted((span for span in self.spans if span.trace_id == trace_id), key=lambda span: span.began)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.may_answer.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                collector.asked += 1
                collector.may_answer.wait()
                is_asked_well = self.path == "/v1/traces" and self.headers["content-type"] == "application/x-protobuf"
                if is_asked_well and collector.answer == 200:
                    zipped = self.headers.get("content-encoding") == "gzip"
                    collector.spans += _read(gzip.decompress(body) if zipped else body)
                answer = ExportTraceServiceResponse().SerializeToString()
                self.send_response(collector.answer if is_asked_well else 404)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def _read(body: bytes) -> list[Received]:
    request, read = ExportTraceServiceRequest(), []
    request.ParseFromString(body)
    for resource_spans in request.resource_spans:
        service = _said(resource_spans.resource.attributes)["service.name"]
        for scope_spans in resource_spans.scope_spans:
            read += [_received(service, span) for span in scope_spans.spans]
    return read


def _received(service: str, span: ProtoSpan) -> Received:
    return Received(
        service=service,
        name=span.name,
        kind=ProtoSpan.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        began=span.start_time_unix_nano,
        ended=span.end_time_unix_nano,
        has_failed=span.status.code == Status.STATUS_CODE_ERROR,
        attributes=_said(span.attributes),
        has_words=bool(span.events or span.status.message or span.trace_state),
    )


def _said(attributes: Any) -> dict[str, Any]:
    return {each.key: _value(each) for each in attributes}


def _value(each: KeyValue) -> Any:
    value: AnyValue = each.value
    return getattr(value, value.WhichOneof("value") or "string_value")
