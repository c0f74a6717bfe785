"""The mails of who is erased are forgotten.

MailUnderWay   one of them has not ended yet: it can only be forgotten afterwards
"""

from __future__ import annotations

from backbone.postgres.database import Tx
from backbone.postgres.jobs import Claimed
from backbone.service.outcomes import Done

from .. import store
from ..desk import Desk
from ..letter import NOTICES_DOMAIN, message_id


class MailUnderWay(Exception):
    """A mail to an erased organiser has not ended yet."""


async def forget_mails(claimed: Claimed, desk: Desk) -> None:
    """Removes the copies of an erased organiser's mails, once none of theirs is under way."""
    organiser_id = claimed.job.organiser_id
    async with desk.engine.begin() as tx:
        await store.hurry_mails(tx, organiser_id)  # one that failed since may wait for an hour
        is_open = await store.has_open_mails(tx, organiser_id)
        kits, notices = await store.mails_of(tx, organiser_id)
    if is_open:
        raise MailUnderWay(str(organiser_id))
    await desk.mailer.forget([*map(message_id, kits), *(message_id(one, NOTICES_DOMAIN) for one in notices)])


async def forget_receipts(done: Done, tx: Tx, _: Desk) -> None:
    """Removes what was noted since the erasure: the mail server's answer to the last mail. It is in many events' mails,
    hence the transaction."""
    await store.strip_mails(tx, done.job.organiser_id)
