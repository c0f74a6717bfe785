"""How much one organisation may write in a day, by whatever door: more than one whole file of events, and less than
what would keep everybody else waiting. Counted in the caller's transaction: what is not kept is not counted."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

from backbone.postgres.database import Tx

from .. import store
from ..store import Limit
from ..throttle import TooMany, Why

A_DAY = timedelta(days=1)
DRAFTS = Limit("drafts-of-organisation", 12_000, A_DAY)
REVISIONS = Limit("revisions-of-organisation", 24_000, A_DAY)
REVISIONS_OF_EVENT = Limit("revisions-of-event", 100, A_DAY)
"""Each is judged, printed and mailed."""


async def count_draft(tx: Tx, organisation_id: UUID | None) -> None:
    """One more draft of this organisation. Raises TooMany."""
    if organisation_id:
        await _count(tx, Why.DRAFTS, DRAFTS, organisation_id)


async def count_revision(tx: Tx, event_id: UUID, organisation_id: UUID | None) -> None:
    """One more revision of this event. Raises TooMany."""
    await _count(tx, Why.REVISIONS, REVISIONS_OF_EVENT, event_id)
    if organisation_id:
        await _count(tx, Why.REVISIONS, REVISIONS, organisation_id)


async def _count(tx: Tx, why: Why, limit: Limit, of: UUID) -> None:
    # no person's: the number of an organisation or an event needs no secret in its hash
    key = hashlib.blake2b(f"{limit.name}\n{of}".encode(), digest_size=16).digest()
    taken = await store.take(tx, key, limit)
    if not taken.is_granted:
        raise TooMany(why, taken.seconds)
