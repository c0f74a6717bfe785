"""The mails that registration owes: queued with the change that they are about, and mailed by a worker."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.mail.letter import Letter
from backbone.mail.mailers import Mailer, MailRefused
from backbone.postgres.database import Tx
from backbone.postgres.jobs import Job, JobRefused, queue_job

from . import store
from .confirmation import Confirmations
from .store import Account
from .throttle import Throttle

MAILING = "confirmation"


class Mail(StrEnum):
    """What a mail is for."""

    CONFIRMATION = "confirmation"
    ACCOUNT_EXISTS = "account-exists"
    NEW_PASSWORD = "new-password"  # noqa: S105


_PACED_TOGETHER = {Mail.CONFIRMATION: "confirmation", Mail.ACCOUNT_EXISTS: "password", Mail.NEW_PASSWORD: "password"}


async def owe_mail(
    tx: Tx, throttle: Throttle, mail: Mail, account_id: UUID | None, address: str, *, is_news: bool = False
) -> None:
    """Queues a mail, unless one has just left: one whose details have changed since waits for the pause to end.

    An address without an account (None) is owed nothing and costs as much, so that nobody learns which it is.
    """
    due_in = await throttle.mail_turn(tx, _PACED_TOGETHER[mail], address, is_news=is_news)
    if due_in is not None:
        about = {"account_id": str(account_id or uuid4()), "mail": mail}
        await queue_job(tx, MAILING, f"{about['account_id']}:{uuid4()}", about, due_in=due_in)


async def send_mail(job: Job, engine: AsyncEngine, confirmations: Confirmations, mailer: Mailer) -> None:
    """Mails what the account is owed as it is now; nothing where that is no longer true."""
    async with engine.connect() as tx:
        account = await store.account_by_id(tx, UUID(job.payload["account_id"]))
    letter = _letter(Mail(job.payload.get("mail", Mail.CONFIRMATION)), account, job.id, confirmations)
    if letter:
        try:
            await mailer.send(letter)
        except MailRefused as refused:
            raise JobRefused(str(refused)) from refused
    async with job.finish():
        pass


def _letter(mail: Mail, account: Account | None, mail_id: UUID, confirmations: Confirmations) -> Letter | None:
    if account is None:
        return None  # erased since, or never there
    if mail is Mail.CONFIRMATION:
        return None if account.is_confirmed else confirmations.mail(account, mail_id)
    return confirmations.password_mail(account, mail_id, was_signing_up=mail is Mail.ACCOUNT_EXISTS)


async def give_up_on_mail(job: Job, reason: str, tx: Tx) -> None:
    """A mail that cannot be sent leaves nothing behind: the person may ask for another."""
