"""Kits as they are handed out: made when they are asked for, so that none is kept.

NoKit     the event is owed none now: no label that is known here, called off, taken back, or its organiser erased
NotMade   it cannot be made: a fault of ours, the same every time
Crowded   so many are being made that it is worth coming back
"""

from __future__ import annotations

from uuid import UUID

from async_lru import alru_cache

from . import store
from .desk import Desk
from .domain import failures
from .domain.pieces import Kit
from .render import RenderFailed, RenderTimedOut

MOST_AT_ONCE = 20
KEPT, KEPT_SECONDS = 8, 60.0  # of a megabyte at the most: somebody clicks twice, a browser comes back for it


class NoKit(Exception):
    """There is no kit to hand out."""


class NotMade(Exception):
    """The kit cannot be made."""


class Crowded(Exception):
    """Too many kits are asked for at once."""


class Counter:
    """Where kits are handed out: the same one, made once, to all who ask for it within a minute."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._waiting = desk, 0
        self._made = alru_cache(maxsize=KEPT, ttl=KEPT_SECONDS)(desk.renderers.kit)

    async def kit(self, event_id: UUID) -> Kit:
        """The kit that the event is owed now. Raises NoKit, NotMade, Crowded, EditionUnknown or RenderCrashed."""
        desk = self._desk
        async with desk.engine.connect() as tx:
            shown = await store.kit_on_show(tx, event_id)
        if shown is None:
            raise NoKit(str(event_id))
        if failures.is_of_making(shown.receipt):
            raise NotMade(str(event_id))  # without another try, which may take its whole time again
        if self._waiting >= MOST_AT_ONCE:
            raise Crowded(str(event_id))
        self._waiting += 1
        try:
            page, look = desk.pages(event_id).event, desk.look(shown.event.edition)
            return await self._made(shown.event, page, look, shown.labelled_at, shown.earlier)
        except (RenderFailed, RenderTimedOut) as error:
            raise NotMade(f"{event_id}: {error}") from error
        finally:
            self._waiting -= 1
