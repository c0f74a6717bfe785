"""After the event: its organiser is asked who came, says so, and is given an attestation.

asked      by mail on the first working day after the last opening, and twice again a week apart, until it is reported
reported   by the link in the mail, signed in or not, or by the API; corrected in the same ways, for two months
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import AwareDatetime

from backbone.campaign.clock import Clock
from backbone.contracts import EventFact, EventLabelled, Label, PublicEvent, canary
from backbone.postgres.database import Tx
from backbone.postgres.jobs import Claimed, Job, queue_jobs
from backbone.postgres.purge import Purge
from backbone.runtime.trace import current_trace
from backbone.service.folding import Later
from backbone.service.outcomes import Done

from .. import store
from ..desk import Desk
from ..domain.attendance import CALLS, Report, Shown, again_at, call_at, last_opening, open_until
from ..domain.kept import as_submitted
from ..domain.measure import under
from ..domain.refusals import LinkExpired, NoReport, WhyNoReport
from ..domain.reviewing import ADMINISTRATOR, COORDINATOR, REVIEWER
from ..domain.rights import region_of_draft
from ..domain.story import State, state_of
from ..domain.word import Word
from ..store import SubmittedEvent
from ..store.attendance import Kept, unasked
from .events import hold_account
from .mails import Mail, Mailing

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that one reads as another
_GROUP, _GROUPS = 4, 3
AT_ONCE = 50


class AttendanceCall(Job):
    """The organiser is to be asked who came, for the nth time (from 0), once the last opening (`last`) is over."""

    kind: ClassVar[str] = "attendance-call"
    event_id: UUID
    revision: int
    last: AwareDatetime
    time: int = 0

    @property
    def key(self) -> str:
        return f"{self.event_id}:{self.revision}:{self.last.isoformat()}:{self.time}"


@dataclass(frozen=True)
class Reported:
    """An event that took place, and what was reported of it so far."""

    stored: SubmittedEvent
    event: PublicEvent
    last: datetime
    kept: Kept | None

    @property
    def region(self) -> str | None:
        return region_of_draft(self.stored.draft or {})


def attendance_calls(fact: EventFact, now: datetime) -> list[Later]:
    """The first question about an event that has the label; where it is amended, the one about its new openings."""
    if not isinstance(fact, EventLabelled) or fact.event_id == canary.EVENT:
        return []
    last = last_opening(fact.event)
    if last is None:
        return []
    call = AttendanceCall(event_id=fact.event_id, revision=fact.revision, last=last)
    return [Later(call, _wait(call, fact.event, now))]


def questions_never_queued(clock: Clock, edition: str) -> Purge:
    """Queues the questions about events that were labelled before there were any. No purge, but it comes by as one
    does: now and then, in one replica."""

    async def queue(tx: Tx) -> bool:
        found = await unasked(tx, edition, kind=AttendanceCall.kind, most=AT_ONCE)
        now, trace = clock.now(), current_trace()
        for stored in found:
            event = _public(stored)
            # of what does not take place the question is queued too, and comes to nothing: it is not looked for again
            last = (event and last_opening(event)) or now
            call = AttendanceCall(event_id=stored.id, revision=stored.revision, last=last)
            await queue_jobs(tx, [(call, _wait(call, event, now) if event else timedelta(0), trace)])
        return len(found) == AT_ONCE

    return queue


def _wait(call: AttendanceCall, event: PublicEvent, now: datetime) -> timedelta:
    return max(call_at(call.last, call.time, _postcode(event)) - now, timedelta(0))


def _postcode(event: PublicEvent) -> str | None:
    return event.venue.address.postcode if event.venue else None


async def await_turn(_: Claimed, __: Desk) -> None:
    """Nothing outside is touched: the question is put in the transaction."""


async def ask_who_came(done: Done, tx: Tx, desk: Desk) -> None:
    """Owes the organiser the mail, if the event took place with its label and nothing is reported; and the next."""
    call: AttendanceCall = done.job
    try:
        found = await event_that_was(tx, desk, call.event_id, lock=True)
    except NoReport:
        return
    if found.last != call.last or not await store.note_asked(tx, found.stored, found.region, call.time):
        return
    mailing = Mailing(
        mail_id=uuid5(NAMESPACE_URL, f"{call.kind}:{call.event_id}:{call.time}"),
        account_id=found.stored.account_id,
        mail=Mail.ATTENDANCE,
        event_id=call.event_id,
    )
    work: list[tuple[Job, timedelta]] = [(mailing, timedelta(0))]
    if call.time + 1 < CALLS:
        again = call.model_copy(update={"time": call.time + 1})
        now = desk.clock.now()
        at = again_at(again.last, again.time, now, _postcode(found.event))
        work.append((again, at - now))
    trace = current_trace()
    await queue_jobs(tx, [(job, due_in, trace) for job, due_in in work])


async def event_that_was(tx: Tx, desk: Desk, event_id: UUID, *, lock: bool = False) -> Reported:
    """The event, which took place with its label, at a time at which one may say who came.

    Raises NoReport.
    """
    found = await labelled_event(tx, event_id, lock=lock)
    now = desk.clock.now()
    if now < min(slot.starts_at for slot in found.event.slots):
        raise NoReport(WhyNoReport.TOO_EARLY)
    if now > open_until(found.last):
        raise NoReport(WhyNoReport.TOO_LATE)
    return found


async def labelled_event(tx: Tx, event_id: UUID, *, lock: bool = False) -> Reported:
    """The event, which takes place with its label, and what was reported of it so far. Raises NoReport."""
    stored = await store.submitted_event(tx, event_id, lock=lock)
    found = await _labelled(tx, [stored] if stored else [])
    if event_id not in found:
        raise NoReport(WhyNoReport.NO_LABEL)
    return found[event_id]


async def labelled_events(tx: Tx, event_ids: Collection[UUID]) -> dict[UUID, Reported]:
    """Those of these events that take place with their label, and what was reported of each so far."""
    return await _labelled(tx, await store.submitted_among(tx, event_ids))


async def _labelled(tx: Tx, found: Sequence[SubmittedEvent]) -> dict[UUID, Reported]:
    words = await store.words_on(tx, found)
    labelled = [stored for stored in found if _has_label(stored, words.get(stored.id))]
    kept = await store.attendance_among(tx, [stored.id for stored in labelled])
    told = {}
    for stored in labelled:
        event = _public(stored)
        last = last_opening(event) if event else None
        if event and last:
            told[stored.id] = Reported(stored, event, last, kept.get(stored.id))
    return told


def _public(stored: SubmittedEvent) -> PublicEvent | None:
    if stored.draft is None:
        return None
    event = as_submitted(stored.draft, stored.id, stored.revision, stored.edition, stored.account_id)
    return under(stored.measures, event) if event else None


def _has_label(stored: SubmittedEvent, word: Word | None) -> bool:
    """Whether it has the label, or keeps it while an amendment is judged."""
    state = state_of(stored.state)
    if state in (State.IN_REVIEW, State.CORRECTION_ASKED):
        return word is not None and word.had_label and word.label == Label.UNDER_REVIEW
    return state is State.LABELLED


async def event_of_link(tx: Tx, desk: Desk, token: str, *, lock: bool = False) -> Reported:
    """The event that the link in the mail asks about. Raises LinkExpired or NoReport."""
    event_id, keeper = desk.confirmations.asked_about(token)
    event = await store.event_by_id(tx, event_id)
    if event is None or event.account_id != keeper:
        raise LinkExpired  # erased, or handed over since: the next mail is somebody else's
    return await event_that_was(tx, desk, event_id, lock=lock)


async def reported_by_link(tx: Tx, desk: Desk, token: str) -> Kept | None:
    """What was reported of the event that the link asks about; it may be read as long as the link lives. Raises
    LinkExpired."""
    event_id, keeper = desk.confirmations.asked_about(token)
    event = await store.event_by_id(tx, event_id)
    if event is None or event.account_id != keeper:
        raise LinkExpired
    return await store.attendance_of(tx, event_id)


async def report(tx: Tx, desk: Desk, found: Reported, said: Report) -> Kept:
    """Writes down who came; said again, the last word stands, and the attestation keeps its number."""
    shown = Shown.of(found.event)
    await store.save_report(
        tx, found.stored, found.region, said, shown, _a_number(found.stored.edition), desk.clock.now()
    )
    kept = await store.attendance_of(tx, found.stored.id)
    assert kept is not None  # written just now
    return kept


async def regions_of(tx: Tx, me: UUID) -> Collection[str] | None:
    """The regions whose sums this account is told; None: all; none, where they answer for
    none. Raises AccountGone."""
    account = await hold_account(tx, me)
    if account.role == ADMINISTRATOR:
        return None
    return account.regions if account.role in (REVIEWER, COORDINATOR) else ()


def _a_number(edition: str) -> str:
    """The number of an attestation: nobody finds one by counting."""
    groups = ["".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS)]
    return "-".join([edition, *groups])
