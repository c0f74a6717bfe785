"""One trace from an organiser's request to the map: W3C `traceparent`, carried by facts and jobs."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_TRACEPARENT = re.compile(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\Z")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def current_trace() -> str:
    """The trace that the running work belongs to; a new one where none was begun."""
    return _current.get() or f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


@contextmanager
def trace(traceparent: str | None) -> Iterator[str]:
    """Runs the block as part of the trace given, or of a new one where it is absent or malformed."""
    known = traceparent if traceparent and _TRACEPARENT.match(traceparent) else None
    token = _current.set(known or f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01")
    try:
        yield current_trace()
    finally:
        _current.reset(token)


def trace_id() -> str | None:
    """The 32 hexadecimal digits that all logs and facts of one request share."""
    traceparent = _current.get()
    return traceparent.split("-")[1] if traceparent else None
