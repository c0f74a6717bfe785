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
UPLOADS = Limit("uploads-of-organisation", 50, A_DAY)
PICTURES = Limit("pictures-of-organisation", 2_000, A_DAY)
"""Each takes a core for a second, and 300 KB for good."""
INVITATIONS = Limit("invitations", 200, A_DAY)
"""Of an organisation; of who offers events to those for whom they were entered: each is a mail to a stranger."""


async def count_draft(tx: Tx, organisation_id: UUID | None) -> None:
    """One more draft of this organisation. Raises TooMany."""
    if organisation_id:
        await _count(tx, Why.DRAFTS, DRAFTS, organisation_id)


async def count_revision(tx: Tx, event_id: UUID, organisation_id: UUID | None) -> None:
    """One more revision of this event. Raises TooMany."""
    await _count(tx, Why.REVISIONS, REVISIONS_OF_EVENT, event_id)
    if organisation_id:
        await _count(tx, Why.REVISIONS, REVISIONS, organisation_id)


async def count_upload(tx: Tx, organisation_id: UUID) -> None:
    """One more file of events of this organisation. Raises TooMany."""
    await _count(tx, Why.UPLOADS, UPLOADS, organisation_id)


async def count_picture(tx: Tx, organisation_id: UUID | None) -> None:
    """One more picture of this organisation. Raises TooMany."""
    if organisation_id:
        await _count(tx, Why.PICTURES, PICTURES, organisation_id)


async def count_invitation(tx: Tx, of: UUID) -> None:
    """One more mail to somebody who is invited, `of` an organisation or an account. Raises TooMany."""
    await _count(tx, Why.INVITED, INVITATIONS, of)


def key_of(limit: Limit, of: UUID) -> bytes:
    """The bucket of one organisation, event or account: a number of ours, which needs no secret in its hash."""
    return hashlib.blake2b(f"{limit.name}\n{of}".encode(), digest_size=16).digest()


async def _count(tx: Tx, why: Why, limit: Limit, of: UUID) -> None:
    taken = await store.take(tx, key_of(limit, of), limit)
    if not taken.is_granted:
        raise TooMany(why, taken.seconds)
