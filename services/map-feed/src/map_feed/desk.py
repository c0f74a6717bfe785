"""What the pages and feeds are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from .board import Board
from .feed import Feed
from .legal import Texts
from .store import count_seen
from .store.webhooks import count_states


@dataclass(frozen=True)
class Desk:
    """The board, what partners are told of it, where visitors find it, and the texts of the legal pages."""

    board: Board
    feed: Feed
    public_url: str
    texts: Texts
    deposit_url: str = ""
    """Where somebody begins who has an event to register; empty: this map does not say."""
    pictures_url: str = ""
    """Where the pictures of events are shown from; empty: this map shows none."""
    places_url: str = ""
    """Where the page asks for communes while one is typed; empty: it has no field for one."""

    async def counts(self, connection: AsyncConnection) -> Mapping[str, int]:
        """What visitors may see now of the current edition, nothing before its map opens; and what the feed of this
        process holds of it, and of others; how it goes with the webhooks."""
        current = self.board.editions.current
        seen = await count_seen(connection, current.name)
        listed = seen if self.board.is_open(current) else dict.fromkeys(seen, 0)
        return listed | self.board.counts() | await count_states(connection)
