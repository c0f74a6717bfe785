"""What happens when nobody has answered in time: the national desk is asked as well; then silence means what the
edition says."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from backbone.campaign.edition import ReviewRules, Silence
from backbone.campaign.geography import ONLINE
from backbone.campaign.working_days import end_of_working_day
from backbone.contracts import AppealReceived, Fact, PublicEvent, ReviewRequested
from backbone.postgres.jobs import Claimed, Job
from backbone.service.folding import Later, Then, fold
from backbone.service.outcomes import Done, Work

from .desk import Desk
from .domain.case import entered
from .domain.decision import Waiting, fall_silent, handed_over
from .store import CASES, OpenCase, judged


class Deadline(Job):
    """A person must have decided by `due_at`. `is_last`: the time of the national desk has passed as well."""

    kind: ClassVar[str] = "deadline"
    event_id: UUID
    due_at: AwareDatetime
    is_last: bool = False

    @property
    def key(self) -> str:
        return f"{self.event_id}:{self.due_at.isoformat()}{':last' if self.is_last else ''}"

    @property
    def about(self) -> str:
        return str(self.event_id)


def deadlines(decision: Fact, now: datetime) -> list[Later]:
    """What is to be done when the time of this question has passed; told again, it has its job already."""
    if not isinstance(decision, ReviewRequested | AppealReceived):
        return []
    return [Later(Deadline(event_id=decision.event_id, due_at=decision.due_at), decision.due_at - now)]


async def _wait(_: Claimed, __: Desk) -> None:
    """The hour has come: there is nothing to do in the world."""


def pass_deadline(case: OpenCase, done: Done, desk: Desk) -> Then[OpenCase]:
    """The time of a question has passed. Nothing, if it was answered, or is asked anew by another clock."""
    deadline: Deadline = done.job
    asked, now = judged(case.now), desk.clock.now()
    if not isinstance(asked, ReviewRequested | AppealReceived) or asked.due_at != deadline.due_at:
        return Then(case)
    rules = desk.review_rules(asked.edition)
    if deadline.is_last:
        return _fall_silent(case, asked, rules, now)
    return _ask_national_desk(case, asked, rules, now)


def _ask_national_desk(case: OpenCase, asked: Waiting, rules: ReviewRules, now: datetime) -> Then[OpenCase]:
    jobs = []
    if rules.silence != Silence.NOTHING:
        last = Deadline(event_id=asked.event_id, due_at=asked.due_at, is_last=True)
        until = end_of_working_day(asked.due_at, rules.silence_days, _postcode(asked.event))
        jobs.append(Later(last, until - now))
    if asked.region == ONLINE:  # it is theirs
        return Then(case, jobs=jobs)
    again = handed_over(case.now, asked, ONLINE, now)
    after, taken = entered(case.now, again, case.now.reviewer, overdue_in=asked.region)
    return Then(case.after(after, taken), [taken.told], jobs)


def _fall_silent(case: OpenCase, asked: Waiting, rules: ReviewRules, now: datetime) -> Then[OpenCase]:
    if rules.silence == Silence.NOTHING:
        return Then(case)
    after, taken = entered(case.now, fall_silent(case.now, asked, rules.silence, now))
    return Then(case.after(after, taken), [taken.told])


def _postcode(event: PublicEvent) -> str | None:
    return event.venue.address.postcode if event.venue else None


DEADLINE = Work(Deadline, do=_wait, then=fold(pass_deadline, into=CASES))
