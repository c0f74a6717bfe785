"""A notice is mailed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from backbone.contracts import NoticeFailed, NoticeSent
from backbone.mail.letter import Letter
from backbone.postgres.jobs import Claimed
from backbone.service.folding import Then
from backbone.service.outcomes import Dead, Done

from .. import store
from ..desk import Desk
from ..domain import failures
from ..domain.mailing import MailState
from ..domain.notices import Notice
from ..domain.standing import EventKits
from ..jobs import SendNotice
from ..notice_letter import write_notice
from ..store import NoticeOrder, notices
from .handing_over import NotOwed, OrganiserUnknown, about, hand_over, known_address, let_go


@dataclass(frozen=True)
class NoticeLeft:
    """The mail server took the notice."""

    receipt: str
    at: datetime


async def send_notice(claimed: Claimed, desk: Desk) -> NoticeLeft | NotOwed:
    """Mails a notice."""
    job: SendNotice = claimed.job
    async with desk.engine.connect() as tx:
        order = await store.notice_order(tx, job.notice_id, job.order)
        if order is None:
            return NotOwed(await store.is_of_erased(tx, notices, job.notice_id))
    if order.organiser.email is None:
        raise OrganiserUnknown(str(order.organiser.id))
    receipt = await hand_over(order, lambda: _write(order, desk), desk, order.name)
    return NoticeLeft(receipt, desk.clock.now())


def _write(order: NoticeOrder, desk: Desk) -> Letter:
    look, pages = desk.look(order.edition), desk.pages(order.event_id)
    with known_address():
        return write_notice(order, look, pages, sender=desk.mail_from, dated=desk.clock.now())


def note_notice(state: EventKits, done: Done, desk: Desk) -> Then[EventKits]:
    """What became of the notice is kept, and told if it left."""
    notice, outcome = _ordered(state, done.job), done.outcome
    if notice is None:
        return Then(state)
    if isinstance(outcome, NotOwed):
        is_owed = state.owes(notice)  # it may have been told of another region while the job looked
        return let_go(state, notice, outcome, keeping=state.keeping_notice, is_owed=is_owed, ordered=SendNotice.ordered)
    state = replace(state.keeping_notice(notice.accepted(outcome.receipt)), sequence=state.sequence + 1)
    sent = NoticeSent(**about(state, notice, desk), notice_id=notice.id, notice=notice.name, sent_at=outcome.at)
    return Then(state, [sent])


def give_up_notice(state: EventKits, dead: Dead, desk: Desk) -> Then[EventKits]:
    """After the last try, or when nobody will ever take it: an operator sees why, and the timeline says so."""
    notice = _ordered(state, dead.job)
    if notice is None or notice.state in (MailState.ACCEPTED, MailState.SUPERSEDED):
        return Then(state)
    state = replace(state.keeping_notice(notice.failed(dead.reason)), sequence=state.sequence + 1)
    what = {"notice_id": notice.id, "notice": notice.name, "reason": failures.reason_of_notice(dead.reason)}
    return Then(state, [NoticeFailed(**about(state, notice, desk), **what, failed_at=desk.clock.now())])


def _ordered(state: EventKits, job: SendNotice) -> Notice | None:
    """The notice, if it is still this order of it that counts."""
    notice = state.notice(job.notice_id)
    return notice if notice and notice.orders == job.order else None
