"""The mails that registration owes: queued with the change that they are about, and mailed by a worker."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID, uuid4

from opentelemetry.trace import SpanKind
from pydantic import AwareDatetime

from backbone.contracts import PublicEvent
from backbone.mail.letter import Letter
from backbone.mail.mailers import MailRefused
from backbone.postgres.database import Tx
from backbone.postgres.jobs import Claimed, Job, JobRefused, queue_jobs
from backbone.runtime.spans import part
from backbone.runtime.trace import current_trace

from .. import store
from ..desk import Desk
from ..domain.attendance import last_opening
from ..domain.deadline import day_in_paris
from ..domain.kept import as_submitted
from ..domain.notices import Notice
from ..domain.reviewing import may_review
from ..store import Account, Invitation, StoredEvent, nudging
from ..throttle import Throttle


class Mail(StrEnum):
    """What a mail is for."""

    CONFIRMATION = "confirmation"
    ACCOUNT_EXISTS = "account-exists"
    NEW_PASSWORD = "new-password"  # noqa: S105
    REMINDER = "reminder"
    INVITATION = "invitation"
    HANDED_OVER = "handed-over"
    HELPED = "helped"
    ATTENDANCE = "attendance"
    UNUSED_ACCOUNT = "unused-account"
    UNFINISHED = "unfinished"
    NOTICE = "account-notice"
    NEW_ADDRESS = "new-address"
    KEY_ENDS = "api-key-ends"


class Mailing(Job):
    """A mail to the owner of an account. Its row stays as long as the account does: by it the copy of the mail is found
    when the person is erased."""

    kind: ClassVar[str] = store.MAILING
    mail_id: UUID
    account_id: UUID
    mail: str
    region: str = ""
    due_at: AwareDatetime | None = None
    """Of a reminder: whose questions, and which."""
    invitation_id: UUID | None = None
    """Of an invitation. Where its address has no account, `account_id` is this number too."""
    event_id: UUID | None = None
    """Which the mail is about."""
    key_id: UUID | None = None
    """The key of an organisation whose end is told."""
    what: str = ""
    to: str = ""
    """Of a notice: of what; and the address that it goes to, where that is not, or no more, the account's."""
    done: str = ""
    """What was done with it, and by whom: `coordinator:edit`."""

    @property
    def key(self) -> str:
        return f"{self.account_id}:{self.mail_id}"


_PACED_TOGETHER = {Mail.CONFIRMATION: "confirmation", Mail.ACCOUNT_EXISTS: "password", Mail.NEW_PASSWORD: "password"}


async def owe_mail(
    tx: Tx, throttle: Throttle, mail: Mail, account_id: UUID | None, address: str, *, is_news: bool = False
) -> None:
    """Queues a mail, unless one has just left: one whose details have changed since waits for the pause to end.

    An address without an account (None) is owed nothing and costs as much, so that nobody learns which it is.
    """
    due_in = await throttle.mail_turn(tx, _PACED_TOGETHER[mail], address, is_news=is_news)
    if due_in is not None:
        await _queue(tx, Mailing(mail_id=uuid4(), account_id=account_id or uuid4(), mail=mail), due_in)


async def owe_invitation(tx: Tx, throttle: Throttle, invitation: Invitation, account: Account | None) -> bool:
    """Queues the mail of an invitation; False where the address has been sent enough."""
    due_in = await throttle.mail_turn(tx, Mail.INVITATION, invitation.email, is_news=True)
    if due_in is not None:
        about = {"mail": Mail.INVITATION, "invitation_id": invitation.id}
        await _queue(tx, Mailing(mail_id=uuid4(), account_id=account.id if account else invitation.id, **about), due_in)
    return due_in is not None


async def owe_word(tx: Tx, mail: Mail, account_id: UUID, event_id: UUID, *, done: str = "") -> None:
    """Queues a mail to this account about an event."""
    what = {"mail": mail, "event_id": event_id, "done": done}
    await _queue(tx, Mailing(mail_id=uuid4(), account_id=account_id, **what), timedelta(0))


async def owe_new_address(tx: Tx, throttle: Throttle, account_id: UUID, address: str, owner_id: UUID | None) -> None:
    """Queues the link that makes the address this account's, or a word to its owner, where it has one: in the same
    pause, so that nobody learns which."""
    due_in = await throttle.mail_turn(tx, Mail.NEW_ADDRESS, address, is_news=False)
    if due_in is None:
        return
    if owner_id:
        await owe_notice(tx, owner_id, Notice.ADDRESS_WANTED)
    else:
        about = {"account_id": account_id, "mail": Mail.NEW_ADDRESS, "to": address}
        await _queue(tx, Mailing(mail_id=uuid4(), **about), due_in)


async def owe_end_of_key(tx: Tx, account_id: UUID, key_id: UUID, due_in: timedelta) -> None:
    """Queues, for so long before the end of a key, the mail that tells of it."""
    await _queue(tx, Mailing(mail_id=uuid4(), account_id=account_id, mail=Mail.KEY_ENDS, key_id=key_id), due_in)


async def owe_notice(tx: Tx, account_id: UUID, what: Notice, *, to: str = "") -> None:
    """Queues a mail that tells a person what has happened to their account. Nobody brings one about without being let
    into it: so they are not counted."""
    await _queue(tx, Mailing(mail_id=uuid4(), account_id=account_id, mail=Mail.NOTICE, what=what, to=to), timedelta(0))


async def _queue(tx: Tx, job: Job, due_in: timedelta) -> None:
    await queue_jobs(tx, [(job, due_in, current_trace())])


async def send_mail(claimed: Claimed, desk: Desk) -> None:
    """Mails what the account is owed as it is now; nothing where that is no longer true."""
    job: Mailing = claimed.job
    if letter := await _owed(job, desk):
        try:
            with part("hand over mail", SpanKind.CLIENT, mail_kind=job.mail):
                await desk.metrics.mails.send(desk.mailer, letter, job.mail)
        except MailRefused as refused:
            raise JobRefused(str(refused)) from refused


async def _owed(job: Mailing, desk: Desk) -> Letter | None:
    async with desk.engine.connect() as tx:
        account = await store.account_by_id(tx, job.account_id)
        waiting = await store.count_waiting(tx, job.region, job.due_at) if job.due_at else 0
        invitation = await store.invitation_by_id(tx, job.invitation_id) if job.invitation_id else None
        event = await store.event_by_id(tx, job.event_id) if job.event_id else None
        asked = await _event_asked_about(tx, job)
        key = await store.key_by_id(tx, job.key_id) if job.key_id else None
        home = await store.organisation_by_id(tx, key.organisation_id) if key else None
        drafts = await nudging.titles_of_drafts(tx, job.account_id) if job.mail == Mail.UNFINISHED else []
    if job.mail == Mail.INVITATION:
        return desk.confirmations.invitation_mail(invitation, job.mail_id) if invitation else None
    if job.mail == Mail.KEY_ENDS:  # revoked since, or its maker has left: there is nothing to tell
        if account and key and home:
            return desk.confirmations.key_mail(account, job.mail_id, key, home.name)
        return None
    if job.mail == Mail.ATTENDANCE:
        return _asking(job, account, desk, asked)
    if job.mail == Mail.UNFINISHED:
        return _nudge(job, account, desk, drafts)
    if job.mail in ABOUT_EVENTS:
        return _about_event(job, account, event, desk)
    return _letter(job, account, desk, waiting)


async def _event_asked_about(tx: Tx, job: Mailing) -> PublicEvent | None:
    """The event whose organiser is asked who came, if nothing is reported and it is still theirs."""
    if job.mail != Mail.ATTENDANCE or job.event_id is None:
        return None
    stored, kept = await store.submitted_event(tx, job.event_id), await store.attendance_of(tx, job.event_id)
    if stored is None or stored.draft is None or stored.account_id != job.account_id or (kept and kept.filed_at):
        return None
    return as_submitted(stored.draft, stored.id, stored.revision, stored.edition, stored.account_id)


def _asking(job: Mailing, account: Account | None, desk: Desk, event: PublicEvent | None) -> Letter | None:
    last = last_opening(event) if event else None
    return desk.confirmations.attendance(account, job.mail_id, event, last) if account and event and last else None


def _nudge(job: Mailing, account: Account | None, desk: Desk, drafts: list[str | None]) -> Letter | None:
    last = desk.edition.registration.last_day
    if account is None or not drafts or day_in_paris(desk.clock.now()) > last:
        return None  # submitted since, or too late
    return desk.confirmations.unfinished(account, job.mail_id, drafts, last)


def _letter(job: Mailing, account: Account | None, desk: Desk, waiting: int) -> Letter | None:
    if account is None:
        return None  # erased since, or never there
    if job.mail == Mail.REMINDER and job.due_at:
        return _reminder(job, account, desk, waiting, job.due_at)
    if job.mail == Mail.CONFIRMATION:
        return None if account.is_confirmed else desk.confirmations.mail(account, job.mail_id)
    if job.mail == Mail.UNUSED_ACCOUNT:
        return desk.confirmations.unused_account(account, job.mail_id)
    if job.mail == Mail.NEW_ADDRESS:
        return desk.confirmations.new_address_mail(account, job.mail_id, job.to)
    if job.mail == Mail.NOTICE:
        return desk.confirmations.notice(account, job.mail_id, job.what, job.to)
    if job.mail not in (Mail.ACCOUNT_EXISTS, Mail.NEW_PASSWORD):
        raise JobRefused("another release has queued this mail, which this one does not know")
    is_signing_up = job.mail == Mail.ACCOUNT_EXISTS
    return desk.confirmations.password_mail(account, job.mail_id, was_signing_up=is_signing_up)


ABOUT_EVENTS = (Mail.HANDED_OVER, Mail.HELPED)


def _about_event(job: Mailing, account: Account | None, event: StoredEvent | None, desk: Desk) -> Letter | None:
    if account is None or event is None or event.account_id != account.id:
        return None  # erased since, or handed on
    if job.mail == Mail.HELPED:
        return desk.confirmations.help_mail(account, job.mail_id, event, *job.done.split(":"))
    return desk.confirmations.event_mail(account, job.mail_id, job.mail, event)


def _reminder(job: Mailing, account: Account, desk: Desk, waiting: int, due_at: datetime) -> Letter | None:
    if not waiting or not may_review(account.role, account.regions, job.region):
        return None  # decided since, or by somebody else
    link = f"{desk.public_desk_url or desk.confirmations.public_url}/relecture"
    is_late = desk.clock.now() >= due_at
    return desk.confirmations.reminder(account, job.mail_id, job.region, waiting, due_at, link=link, is_late=is_late)
