"""What registration does: with what it hears, with what it owes, and for whoever stands at its doors."""

from __future__ import annotations

from backbone.contracts import (
    AppealReceived,
    CorrectionRequested,
    EventLabelled,
    EventLocated,
    EventNotLocated,
    EventRejected,
    KitFailed,
    KitSent,
    LabelWithdrawn,
    NoticeFailed,
    NoticeSent,
    ReviewRequested,
)
from backbone.postgres.jobs import Retry
from backbone.service.floor import Hears
from backbone.service.folding import fold, in_transaction
from backbone.service.outcomes import Work

from .. import store
from .attendance import AttendanceCall, ask_who_came, await_turn
from .erasure import Erasure, remove_copies, tell_again
from .mails import Mailing, send_mail
from .reminders import Reminder, find_reviewers, owe_reminders
from .timeline import note_step
from .uploads import Uploading, give_up, work_on_upload

HEARS: Hears = {
    EventLabelled: fold(note_step, into=store.STORIES),
    EventRejected: fold(note_step, into=store.STORIES),
    ReviewRequested: fold(note_step, into=store.STORIES),
    CorrectionRequested: fold(note_step, into=store.STORIES),
    AppealReceived: fold(note_step, into=store.STORIES),
    LabelWithdrawn: fold(note_step, into=store.STORIES),
    EventLocated: fold(note_step, into=store.STORIES),
    EventNotLocated: fold(note_step, into=store.STORIES),
    KitSent: fold(note_step, into=store.STORIES),
    KitFailed: fold(note_step, into=store.STORIES),
    NoticeSent: fold(note_step, into=store.STORIES),
    NoticeFailed: fold(note_step, into=store.STORIES),
}

# a mail that cannot be sent leaves nothing behind: the person may ask for another
MAILING = Work(Mailing, do=send_mail, mails=True)

REMINDER = Work(Reminder, do=find_reviewers, then=in_transaction(owe_reminders))

ATTENDANCE = Work(AttendanceCall, do=await_turn, then=in_transaction(ask_who_came))

# What a person was promised is not given up for a mailbox that is away for a night; one that cannot be written for
# hours is an operator's to mend: the dead job says so
ERASURE = Work(Erasure, do=remove_copies, then=in_transaction(tell_again), retry=Retry(tries=20, first=1.0, cap=3600.0))

# row by row, and each row once: a worker that died is followed by one that goes on where it stood
UPLOAD = Work(
    Uploading,
    do=work_on_upload,
    dead=in_transaction(give_up),
    retry=Retry(tries=5, first=2.0, cap=60.0),
    at_once=1,
    timeout_seconds=3600.0,
)
