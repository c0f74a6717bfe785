"""Who decides for a region gives a code, and one late event comes in by it. Each within the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from backbone.postgres.database import Tx

from .. import store
from ..desk import Desk
from ..domain.late import LateCodeRequest, a_code, end_of, hash_of
from ..domain.refusals import LateCodeRefused, NotYours
from ..domain.reviewing import ADMINISTRATOR, may_review
from ..domain.rights import region_of_draft
from ..store import Account, StoredEvent


async def give_code(tx: Tx, desk: Desk, account: Account, request: LateCodeRequest) -> tuple[str, str | None, datetime]:
    """A new code, said this once, with the region whose events it lets in (None: any) and the instant of its end. Where
    none is named it is the reviewer's own; who has several names one.

    Raises NotYours or Unacceptable.
    """
    region = request.region
    if region is None and account.role != ADMINISTRATOR and len(account.regions) == 1:
        [region] = account.regions
    if account.role != ADMINISTRATOR and not (region and may_review(account.role, account.regions, region)):
        raise NotYours
    code, ends_at = a_code(), end_of(request, desk.edition, desk.clock.now())
    await store.add_late_code(tx, hash_of(code), region, ends_at, account.id)
    return code, region, ends_at


async def let_in(tx: Tx, desk: Desk, event: StoredEvent, code: str, now: datetime) -> None:
    """Takes the code for this event. Raises LateCodeRefused."""
    hashed = hash_of(code)
    kept = await store.lock_late_code(tx, hashed)
    if kept is None or not kept.lets_in(event.id, region_of_draft(event.draft), now):
        raise LateCodeRefused(now, desk.edition)
    await store.use_late_code(tx, hashed, event.id)
