"""How seldom Python looks for circles among what a service has in memory."""

from __future__ import annotations

import gc

# what one poll holds (500 records, read, and told on: about 100 containers each) is let go without a look at all of it
YOUNG = 50_000


def settle() -> None:
    """To be called once, when all that lives as long as the process has been made: it is not gone through any more.

    Python looks for circles whenever 700 more containers were made than let go, and a poll makes that many with each
    eighth message, not one of them in a circle.
    """
    gc.collect()
    gc.freeze()
    _, older, oldest = gc.get_threshold()
    gc.set_threshold(YOUNG, older, oldest)
