"""How the canary is timed, whichever service sees it come: the same two metrics, each with stages of its own."""

from __future__ import annotations

from collections.abc import Sequence

from .metrics import Book

SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0)


class Stages:
    """How far the canary has come, and how long that took."""

    def __init__(self, book: Book, stages: Sequence[str]) -> None:
        self._seconds = book.histogram(
            "sdi_canary_seconds",
            "From the submission of a canary to this stage. Decided, located, equipped: its organiser can read so;"
            " on_map: a process shows it, with its pin, where it would show any other.",
            SECONDS,
            stage=tuple(stages),
        )
        for stage in stages:
            self._seconds.labels(stage)
        self._newest: dict[str, float] = {}
        self._arrived = book.gauge(
            "sdi_canary_arrived_timestamp_seconds",
            "When the newest canary that has come to this stage was submitted, in Unix' time: take the `max`. Absent"
            " where this process has seen none come.",
            stage=tuple(stages),
        )

    def note(self, stage: str, seconds: float | None, submitted_at: float) -> None:
        """A canary has come so far; None: nobody knows when it came."""
        if seconds is not None:
            self._seconds.labels(stage).observe(max(0.0, seconds))  # two machines' clocks
        if submitted_at > self._newest.get(stage, 0.0):
            self._newest[stage] = submitted_at
            self._arrived.labels(stage).set(submitted_at)

    def forget(self) -> None:
        """From here on others see it come."""
        self._newest.clear()
        self._arrived.clear()
