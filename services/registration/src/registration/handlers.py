"""What registration does when the other services tell what became of an event, and the mails it owes."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.contracts import EventFact
from backbone.database import Tx
from backbone.jobs import Job, JobRefused
from backbone.mail import Mailer, MailRefused

from . import store
from .confirmation import Confirmations


async def note_step(fact: EventFact, tx: Tx) -> None:
    """Adds what was told about an event to the timeline that its organiser sees."""
    await store.add_step(tx, fact)


async def send_confirmation(job: Job, engine: AsyncEngine, confirmations: Confirmations, mailer: Mailer) -> None:
    """Mails the link that confirms an address."""
    async with engine.connect() as tx:
        account = await store.account_by_id(tx, UUID(job.payload["account_id"]))
    if account is None or account.is_confirmed:
        raise JobRefused("the account is confirmed or gone")
    try:
        await mailer.send(confirmations.mail(account, job.id))
    except MailRefused as refused:
        raise JobRefused(str(refused)) from refused
    async with job.finish():
        pass


async def give_up_on_confirmation(job: Job, reason: str, tx: Tx) -> None:
    """A confirmation that cannot be sent leaves nothing behind: the person may ask for another."""
