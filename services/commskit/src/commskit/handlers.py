"""One function per kind of news. Each folds it into what commskit keeps of the event, or of the organiser."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from backbone.contracts import (
    AppealReceived,
    CorrectionRequested,
    DecisionFact,
    EventFact,
    EventLabelled,
    EventRejected,
    EventWithdrawn,
    JudgedFact,
    KitFailed,
    KitSent,
    LabelWithdrawn,
    NoticeFailed,
    NoticeSent,
    OrganiserChanged,
    OrganiserErased,
    OrganiserFact,
    OrganiserRegistered,
    ReviewRequested,
)
from backbone.postgres.database import Tx
from backbone.postgres.jobs import Job, queue_jobs
from backbone.runtime.trace import current_trace
from backbone.service.catching_up import Recall
from backbone.service.floor import Hears
from backbone.service.folding import Then, fold, in_transaction

from . import store
from .domain import failures
from .domain.mailing import MOST_COPIES, Mailed, MailState
from .domain.organiser import Organiser
from .domain.standing import EventKits
from .jobs import ForgetMails, MakeKit, SendNotice

M = TypeVar("M", bound=Mailed)


def order_mails(state: EventKits, decision: DecisionFact, _: object) -> Then[EventKits]:
    """A labelled revision is owed one kit, once; without the label none is sent, not even one that is queued. Of a
    decision that is no label its organiser is written, once."""
    if decision.mark <= state.decided:
        return Then(state)
    before, state = state, state.after_decision(decision)
    wanted: list[Job] = []
    if isinstance(decision, JudgedFact) and state.owed == decision.revision:
        state, kit = state.ordering(decision.event, decision.decided_at)
        wanted += [MakeKit.ordered(state.event_id, kit)] if kit else []
    state, notice = state.noticing(decision, before)
    wanted += [SendNotice.ordered(state.event_id, notice)] if notice else []
    return Then(state, jobs=wanted)


def stop_mails(state: EventKits, withdrawn: EventWithdrawn, _: object) -> Then[EventKits]:
    """Of an event that its organiser took back they are sent nothing more."""
    if withdrawn.revision <= state.withdrawn_revision:
        return Then(state)
    return Then(state.after_withdrawal(withdrawn.revision))


def note_organiser(state: Organiser, fact: OrganiserFact, _: object) -> Then[Organiser]:
    """Keeps whom to write to, unless they were erased: what is told of them after that is old, or a mistake."""
    return Then(state if state.is_erased else Organiser(state.id, fact.name, fact.email))


async def forget_organiser(erased: OrganiserErased, tx: Tx, _: Any) -> None:
    """Erases whom to write to, and has the copies of their mails removed.

    In the transaction itself, since it touches the kits of all their events. Each time it is told.
    """
    await store.erase_organiser(tx, erased.organiser_id)
    await queue_jobs(tx, [(ForgetMails(organiser_id=erased.organiser_id), timedelta(0), current_trace())])


def recall_kit(state: EventKits, fact: KitSent | KitFailed, _: object) -> Then[EventKits]:
    """A kit that was mailed in hours that the database has lost is not mailed again; one that failed is tried once
    more, unless it may have arrived."""
    kit = state.kit(fact.revision)
    known = replace(state, sequence=max(state.sequence, fact.sequence))
    if kit is None or kit.state is MailState.ACCEPTED:
        return Then(state if known == state else known)
    return Then(known.keeping(_recalled(kit, fact)))


def recall_notice(state: EventKits, fact: NoticeSent | NoticeFailed, _: object) -> Then[EventKits]:
    """The same of a notice."""
    notice = state.notice(fact.notice_id)
    known = replace(state, sequence=max(state.sequence, fact.sequence))
    if notice is None or notice.state is MailState.ACCEPTED:
        return Then(state if known == state else known)
    return Then(known.keeping_notice(_recalled(notice, fact)))


def _recalled(mailed: M, fact: EventFact) -> M:
    if isinstance(fact, KitSent | NoticeSent):
        return replace(mailed, state=MailState.ACCEPTED, receipt=RECALLED, copies=max(mailed.copies, 1))
    if isinstance(fact, KitFailed | NoticeFailed) and fact.reason.code == failures.UNCERTAIN_TWICE:
        return replace(mailed, state=MailState.FAILED, receipt=failures.UNCERTAIN_TWICE, copies=MOST_COPIES)
    return mailed


RECALLED = "as it was told: the mail server's own words are lost"
RECALL = Recall(
    among={
        KitSent: fold(recall_kit, into=store.EVENTS),
        KitFailed: fold(recall_kit, into=store.EVENTS),
        NoticeSent: fold(recall_notice, into=store.EVENTS),
        NoticeFailed: fold(recall_notice, into=store.EVENTS),
    },
    after=[{OrganiserErased: in_transaction(forget_organiser)}],  # of whom kits were found since
)

HEARS: Hears = {
    EventLabelled: fold(order_mails, into=store.EVENTS),
    EventRejected: fold(order_mails, into=store.EVENTS),
    ReviewRequested: fold(order_mails, into=store.EVENTS),
    CorrectionRequested: fold(order_mails, into=store.EVENTS),
    AppealReceived: fold(order_mails, into=store.EVENTS),
    LabelWithdrawn: fold(order_mails, into=store.EVENTS),
    EventWithdrawn: fold(stop_mails, into=store.EVENTS),
    OrganiserRegistered: fold(note_organiser, into=store.ORGANISERS),
    OrganiserChanged: fold(note_organiser, into=store.ORGANISERS),
    OrganiserErased: in_transaction(forget_organiser),
}
