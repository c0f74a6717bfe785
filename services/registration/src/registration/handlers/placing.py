"""An organiser says where the pin of their event is: told as a revision, so that geocoding and the map follow."""

from __future__ import annotations

from uuid import UUID

from backbone.postgres.database import Tx

from .. import store
from ..desk import Desk
from ..domain.announcing import pinned_at
from ..domain.fields import DraftPosition
from ..domain.refusals import NotAnnounced
from .announcing import announce


async def place_pin(tx: Tx, desk: Desk, me: UUID, event_id: UUID, at: DraftPosition) -> None:
    """The pin stands there from now on, as its organiser says. Raises as `announce` does."""
    told = await store.submitted_draft(tx, event_id)
    if told and not told.get("venue"):
        raise NotAnnounced
    await announce(tx, desk, me, event_id, pinned_at(at, told["venue"] if told else {}))
