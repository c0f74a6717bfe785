"""Reviewers are reminded of what waits for them: a mail in the morning of the last working day, or of the days before
that the edition says; and at once where their desk is asked after the time of another is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import AwareDatetime

from backbone.campaign.working_days import morning_of_working_day_before
from backbone.contracts import AppealReceived, EventFact, ReviewRequested
from backbone.postgres.database import Tx
from backbone.postgres.jobs import Claimed, Job, queue_jobs
from backbone.runtime.trace import current_trace
from backbone.service.folding import Later
from backbone.service.outcomes import Done

from .. import store
from ..desk import Desk
from .mails import Mail, Mailing


class Reminder(Job):
    """The reviewers of a region are to be told that there is something to decide until `due_at`: once, however many
    events that are."""

    kind: ClassVar[str] = "reminder"
    region: str
    due_at: AwareDatetime

    @property
    def key(self) -> str:
        return f"{self.region}:{self.due_at.isoformat()}"


def reminders(fact: EventFact, days: int, now: datetime) -> list[Later]:
    """The reminder of a question to a person, so many working days before it is due."""
    if not isinstance(fact, ReviewRequested | AppealReceived):
        return []
    postcode = fact.event.venue.address.postcode if fact.event.venue else None
    at = morning_of_working_day_before(fact.due_at, days, postcode)
    return [Later(Reminder(region=fact.region, due_at=fact.due_at), max(at - now, timedelta(0)))]


async def find_reviewers(claimed: Claimed, desk: Desk) -> list[UUID]:
    """Who is to be reminded, if something still waits."""
    job: Reminder = claimed.job
    async with desk.engine.connect() as tx:
        is_something = await store.count_waiting(tx, job.region, job.due_at)
        return await store.reviewers_of(tx, job.region) if is_something else []


async def owe_reminders(done: Done, tx: Tx, _: Desk) -> None:
    """A mail to each of them, of its own: one that is refused keeps nobody else from theirs."""
    job: Reminder = done.job
    about = {"mail": Mail.REMINDER, "region": job.region, "due_at": job.due_at}
    trace = current_trace()
    owed = [Mailing(mail_id=_mail_id(job, one), account_id=one, **about) for one in done.outcome]
    await queue_jobs(tx, [(mailing, timedelta(0), trace) for mailing in owed])


def _mail_id(job: Reminder, account_id: UUID) -> UUID:
    return uuid5(NAMESPACE_URL, f"reminder:{job.key}:{account_id}")
