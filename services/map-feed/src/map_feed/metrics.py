"""What map-feed counts besides what every service does."""

from __future__ import annotations

import time

from backbone.contracts import canary
from backbone.runtime.canary import Stages
from backbone.runtime.metrics import Book, show_one
from backbone.service.listener import Listener

from .board import Board
from .posted import Notice


class Metrics:
    """Map-feed's metrics, in the service's book."""

    def __init__(self, book: Book) -> None:
        self.events = book.gauge(
            "sdi_map_events",
            "Events that this process shows, of all editions whose map is open; NaN where it shows none yet.",
        )
        self.age = book.gauge(
            "sdi_map_age_seconds",
            "How far what is shown is behind what the topics say: all that was told before is on the map. In a role"
            " that only answers (`http`) behind the read model: the map is as old as the greater of this and of the"
            " other role's `sdi_lag_seconds`.",
        )
        self._canary = Stages(book, ("on_map",))
        self._newest: float | None = None

    def show(self, board: Board, listener: Listener | None) -> None:
        """As it is now."""
        show_one(self.events, sum(len(view.ordered) for view in board.views()) if board.is_posted else None)
        lags = [one.seconds for one in listener.lag.behind.values()] if listener else []
        show_one(self.age, None if board.age_seconds is None else max(board.age_seconds, *lags, 0.0))

    def note_canary(self, notice: Notice | None, *, is_news: bool) -> None:
        """What is shown now would show this canary, if it were an event. It has come when it has its pin."""
        if notice is None or notice.listing.location is None:
            return
        submitted_at, before = canary.submitted_at(notice.listing.event.description), self._newest
        if submitted_at is None or submitted_at == before:
            return
        self._newest = submitted_at
        # how long it took to one that was here first, nobody has seen
        self._canary.note("on_map", time.time() - submitted_at if is_news else None, submitted_at)
