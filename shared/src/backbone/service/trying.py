"""How a try at a job shows in a trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from opentelemetry.trace import SpanKind

from ..postgres.jobs import Claimed
from ..runtime.spans import Said, Tracing, spanning
from ..runtime.trace import event_of


@contextmanager
def trying(tracing: Tracing, claimed: Claimed, kind: str) -> Iterator[Claimed]:
    """Runs the block as a try at the job, until what came of it is committed. The job as it is gone on with: what
    follows from it follows from this try."""

    def said() -> Said:
        event = event_of(claimed)
        about: Said = {"sdi.job.kind": kind, "sdi.job.id": str(claimed.id), "sdi.job.attempt": claimed.attempt}
        return {**about, **({"sdi.event.id": event} if event else {})}

    span = tracing.begin(f"job {kind}", SpanKind.INTERNAL, claimed.traceparent, said)
    with spanning(span, claimed.traceparent, claimed) as mark:
        yield replace(claimed, traceparent=mark)
