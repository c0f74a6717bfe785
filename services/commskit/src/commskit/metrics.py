"""What commskit counts besides what every service does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from backbone.contracts import NoticeName
from backbone.mail.counted import Mails
from backbone.runtime.metrics import Book

from .render import RenderError, RenderFailed, RenderTimedOut

KIT = "kit"
KITS = ("made", "refused", "timed_out", "crashed")


class Metrics:
    """Commskit's metrics, in the service's book."""

    def __init__(self, book: Book) -> None:
        self.mails = Mails(book, (KIT, *map(str, NoticeName)))
        self.kits = book.counter(
            "sdi_kits_total",
            "Kits that were drawn. Refused: by a fault of ours, the same every time; timed out: it used up its"
            " processor time; crashed: the process died under it, or stood still.",
            outcome=KITS,
        )
        self.kit_seconds = book.histogram(
            "sdi_kit_seconds",
            "From asking for a kit to having it, the wait for a free process included.",
            (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0),
        )

    @contextmanager
    def kit(self) -> Iterator[None]:
        """Around the drawing of one."""
        began = time.monotonic()
        try:
            yield
        except RenderError as error:
            self.kits.labels(_outcome_of(error)).inc()
            raise
        self.kits.labels("made").inc()
        self.kit_seconds.observe(time.monotonic() - began)


def _outcome_of(error: RenderError) -> str:
    if isinstance(error, RenderTimedOut):
        return "timed_out"
    return "refused" if isinstance(error, RenderFailed) else "crashed"
