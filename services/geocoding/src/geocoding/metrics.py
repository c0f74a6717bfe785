"""What geocoding counts besides what every service does."""

from __future__ import annotations

from backbone.contracts import Location, Precision
from backbone.runtime.metrics import Book, known

PROVIDERS = ("ban", "gazetteer")
OUTCOMES = ("found", "unknown", "refused", "unavailable")
PRECISIONS = (*map(str, Precision), "none")


class Metrics:
    """Geocoding's metrics, in the service's book."""

    def __init__(self, book: Book) -> None:
        self.calls = book.counter(
            "sdi_geocoder_calls_total",
            "Addresses that a geocoder was asked for. Unknown: it has no such place, or none that is believed; refused:"
            " it will not take this question, or answered with something else; unavailable: down, slow, too busy, or"
            " left alone as such.",
            provider=PROVIDERS,
            outcome=OUTCOMES,
        )
        self.call_seconds = book.histogram(
            "sdi_geocoder_call_seconds",
            "How long a geocoder that is elsewhere took to answer, or to fail; its own pace is no part of it.",
            (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
            provider=("ban",),
        )
        self.located = book.counter(
            "sdi_located_total",
            "Addresses that were looked up to the end, by how precisely; none: nobody knows them.",
            precision=PRECISIONS,
        )

    def count_located(self, location: Location | None) -> None:
        """A look-up has ended."""
        self.located.labels(known(location.precision, PRECISIONS) if location else "none").inc()
