"""Who has begun a draft and not submitted it is reminded, once an edition, in the last week to register."""

from __future__ import annotations

from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from backbone.campaign.clock import Clock
from backbone.campaign.edition import Edition
from backbone.postgres.database import Tx
from backbone.postgres.jobs import Job, queue_jobs
from backbone.postgres.purge import Purge
from backbone.runtime.trace import current_trace

from ..domain.deadline import day_in_paris
from ..store import nudging
from .mails import Mail, Mailing

AHEAD = timedelta(days=7)
AT_ONCE = 200


def nudges(edition: Edition, clock: Clock) -> Purge:
    """A part of the upkeep: one replica does it at a time, whichever, and the row of each mail says that it is owed."""

    async def owe(tx: Tx) -> bool:
        last = edition.registration.last_day
        if not last - AHEAD <= day_in_paris(clock.now()) <= last:
            return False
        people = await nudging.keepers_of_drafts(tx, Mail.UNFINISHED, most=AT_ONCE)
        ids = ((uuid5(NAMESPACE_URL, f"unfinished:{edition.name}:{one}"), one) for one in people)
        owed: list[Job] = [Mailing(mail_id=mail_id, account_id=one, mail=Mail.UNFINISHED) for mail_id, one in ids]
        await queue_jobs(tx, [(mailing, timedelta(0), current_trace()) for mailing in owed])
        return len(people) == AT_ONCE

    return owe
