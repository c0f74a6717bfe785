"""What labelling counts besides what every service does: all of it is read from its database."""

from __future__ import annotations

from collections.abc import Mapping

from backbone.campaign.geography import REVIEW_REGIONS
from backbone.contracts import DecidedBy, Label
from backbone.runtime.metrics import OTHER, Book, known, show

LABELS, BY = (*map(str, Label), OTHER), (*map(str, DecidedBy), OTHER)
REGION = "its INSEE code; `00`: online; `other`: none that is known"


class Metrics:
    """Labelling's metrics, in the service's book."""

    def __init__(self, book: Book) -> None:
        self.decisions = book.totals(
            "sdi_decisions_total",
            "Decisions in the log, all editions together; the same in each replica.",
            label=LABELS,
            by=BY,
        )
        self.waiting = book.gauge(
            "sdi_reviews_waiting",
            "Questions that wait for a person of this region: reviews and appeals; the same in each replica.",
            region=REGION,
        )
        self.overdue = book.gauge(
            "sdi_reviews_overdue",
            "Those of them whose time is over, by the region that let it pass; the same in each replica.",
            region=REGION,
        )

    def show_decisions(self, found: Mapping[tuple[str, str], int] | None) -> None:
        """How many there are, by label and by whom."""
        if found is None:
            return self.decisions.show(None)
        totals = {(label, by): 0.0 for label in LABELS for by in BY}
        for (label, by), number in found.items():
            totals[known(label, LABELS), known(by, BY)] += number
        return self.decisions.show({about: total for about, total in totals.items() if total})

    def show_reviews(self, found: tuple[Mapping[str, int], Mapping[str, int]] | None) -> None:
        """How many wait, and how many of them for too long, by region."""
        for gauge, numbers in zip((self.waiting, self.overdue), found or (None, None), strict=True):
            show(gauge, None if numbers is None else _of_all_regions(numbers))


def _of_all_regions(numbers: Mapping[str, int]) -> dict[tuple[str, ...], float]:
    shown: dict[tuple[str, ...], float] = {(region,): 0.0 for region in (*REVIEW_REGIONS, OTHER)}
    for region, number in numbers.items():
        shown[known(region, REVIEW_REGIONS),] += number
    return shown
