"""One trace from an organiser's request to the map: W3C `traceparent`, carried by facts and jobs.

Its flag says whether the trace is recorded, and is obeyed by all: of one that is not, nothing is. What is recorded, and
where it goes, is for `spans` to say. Neither `tracestate` nor `baggage` is passed on: nobody here needs them, and
either may hold anything.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from .spans import Span

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class Work(NamedTuple):
    """What is being done: the trace it belongs to, what it is about, and its span, where that is recorded."""

    traceparent: str
    about: Any = None
    span: Span | None = None


_current: ContextVar[Work | None] = ContextVar("work", default=None)


def new_trace() -> str:
    """A trace of which nothing is recorded: its id is for the logs and for `sdi`."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"


def well_formed(traceparent: str | None) -> str | None:
    """The traceparent, if it is one."""
    return traceparent if traceparent and _TRACEPARENT.fullmatch(traceparent) else None


def is_recorded(traceparent: str | None) -> bool:
    """Whether the flag of a well-formed traceparent says that its trace is recorded."""
    return traceparent is not None and traceparent[-1:] in "13579bdf" and well_formed(traceparent) is not None


def current_work() -> Work | None:
    """What is being done now; None where nothing was begun."""
    return _current.get()


def current_trace() -> str:
    """The trace that the running work belongs to; a new one where none was begun."""
    work = _current.get()
    return work.traceparent if work else new_trace()


@contextmanager
def trace(traceparent: str | None, about: Any = None, span: Span | None = None) -> Iterator[str]:
    """Runs the block as part of the trace given, or of a new one where it is absent or malformed. `about`: the fact,
    job or request that it is done for; log lines name the event of it."""
    work = Work(well_formed(traceparent) or new_trace(), about, span)
    token = _current.set(work)
    try:
        yield work.traceparent
    finally:
        _current.reset(token)


def recorded_trace() -> str | None:
    """The trace that the running work belongs to, if it is recorded: for a row that somebody goes on from later."""
    work = _current.get()
    return work.traceparent if work and is_recorded(work.traceparent) else None


def trace_id() -> str | None:
    """The 32 hexadecimal digits that all logs and facts of one request share."""
    work = _current.get()
    return work.traceparent.split("-")[1] if work else None


def where_we_are() -> dict[str, str]:
    """What a log line says of the running work: its trace, its span, and the event that it is about, if any."""
    work = _current.get()
    if work is None:
        return {}
    _, trace_, span, _ = work.traceparent.split("-")
    event = event_of(work.about)
    return {"trace": trace_, "span": span, **({"event": event} if event else {})}


def event_of(about: Any) -> str | None:
    """The number of the event that a fact, a job, what came of a job, or a request is about."""
    if isinstance(about, dict):  # a request, as ASGI has it
        return _if_a_number(about.get("path_params", {}).get("event_id"))
    found = getattr(about, "event_id", None) or getattr(getattr(about, "job", None), "event_id", None)
    return str(found) if found is not None else None


def _if_a_number(told: object) -> str | None:
    # what stands in an address is its visitor's word
    try:
        return str(UUID(str(told)))
    except ValueError:
        return None
