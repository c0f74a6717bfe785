"""What map-feed counts besides what every service does."""

from __future__ import annotations

from backbone.runtime.metrics import Book, show_one
from backbone.service.listener import Listener

from .board import Board


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

    def show(self, board: Board, listener: Listener | None) -> None:
        """As it is now."""
        show_one(self.events, sum(len(view.ordered) for view in board.views()) if board.is_posted else None)
        lags = [one.seconds for one in listener.lag.behind.values()] if listener else []
        show_one(self.age, None if board.age_seconds is None else max(board.age_seconds, *lags, 0.0))
