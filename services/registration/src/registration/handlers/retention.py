"""What nobody uses any more goes by itself, by the periods that the settings say.

accounts    their owner is told by mail, and a month later they are erased as if asked for; a sign-in takes it back
drafts      that were never submitted, once their days have long been over
words       on attendance: their numbers stay
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

from backbone.campaign.clock import Clock
from backbone.postgres.database import Tx
from backbone.postgres.jobs import queue_jobs
from backbone.postgres.purge import Purge
from backbone.runtime.trace import current_trace

from ..domain.account import FAREWELL_DAYS
from ..settings import Settings
from ..store import retention
from .erasure import erase
from .mails import Mail, Mailing

log = logging.getLogger(__name__)

AT_ONCE = 50


def retention_purges(settings: Settings, clock: Clock) -> Sequence[Purge]:
    """All that goes by itself."""
    return [
        _farewells(settings.accounts_kept_days),
        _unused_accounts(clock, settings.tombstone_again_after),
        _drafts(settings.drafts_kept_days),
        _words(settings.attendance_words_kept_days, clock),
    ]


def _farewells(kept_days: int) -> Purge:
    async def purge(tx: Tx) -> bool:
        unused = await retention.lock_unused(tx, timedelta(days=kept_days), most=AT_ONCE)
        trace = current_trace()
        for account_id in unused:
            mailing = Mailing(mail_id=uuid4(), account_id=account_id, mail=Mail.UNUSED_ACCOUNT)
            await queue_jobs(tx, [(mailing, timedelta(0), trace)])
            await retention.note_farewell(tx, account_id)
        return len(unused) == AT_ONCE

    return purge


def _unused_accounts(clock: Clock, again_after: Sequence[timedelta]) -> Purge:
    async def purge(tx: Tx) -> bool:
        told = await retention.lock_told(tx, timedelta(days=FAREWELL_DAYS), most=AT_ONCE)
        for account_id in told:
            await erase(tx, account_id, now=clock.now(), again_after=again_after)
            log.info("an account was erased", extra={"account": str(account_id), "by": "nobody uses it"})
        return len(told) == AT_ONCE

    return purge


def _drafts(kept_days: int) -> Purge:
    async def purge(tx: Tx) -> bool:
        return await retention.forget_old_drafts(tx, timedelta(days=kept_days), most=AT_ONCE) == AT_ONCE

    return purge


def _words(kept_days: int, clock: Clock) -> Purge:
    async def purge(tx: Tx) -> bool:
        # by the campaign's clock, by which it was written
        await retention.forget_old_words(tx, clock.now() - timedelta(days=kept_days))
        return False

    return purge
