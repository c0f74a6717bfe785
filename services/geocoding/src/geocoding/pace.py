"""How often something may be done."""

from __future__ import annotations


class Pace:
    """Turns at an even pace, in the order they are asked for: each may start `1 / per_second` after the last.

    It counts for this process alone: where several call one service from one address, each is given its share.
    """

    def __init__(self, per_second: float) -> None:
        self._interval = 1 / per_second
        self._next = 0.0

    def wait(self, now: float) -> float:
        """Takes the next turn, and says in how many seconds from `now` (any monotonic clock) it comes."""
        turn = max(now, self._next)
        self._next = turn + self._interval
        return turn - now
