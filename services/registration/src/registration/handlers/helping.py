"""Who coordinates a region, or is of a federation, helps organisers: what they do is on the event's timeline, and told
to its keeper by mail, once for each revision of it.

An event may be entered for somebody who is not there yet: whoever entered it keeps it until they claim it by a link.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from backbone.contracts import OrganisationKind
from backbone.postgres.database import Tx

from .. import store
from ..domain.helping import helped, helper_among
from ..domain.reviewing import ADMINISTRATOR, COORDINATOR, REVIEWER
from ..domain.rights import Act, Relation
from ..store import Account, StoredEvent
from .mails import Mail, owe_word


async def note_help(tx: Tx, event: StoredEvent, who: Collection[Relation], act: Act, now: datetime) -> None:
    """Notes that somebody who is this to the event has edited or submitted it, unless it is their own."""
    relation = helper_among(who)
    if relation is None:
        return
    step = helped(relation, act, event.revision, event.sequence, now)
    if await store.note_new_step(tx, event.id, step):
        await owe_word(tx, Mail.HELPED, event.account_id, event.id, done=f"{relation}:{act}")


ENTER_FOR_OTHERS = (REVIEWER, COORDINATOR, ADMINISTRATOR)


async def enters_for_others(tx: Tx, account: Account) -> bool:
    """Whether somebody is one of those who enter events for others, and may have them claimed."""
    return account.role in ENTER_FOR_OTHERS or await is_of_a_federation(tx, account.id)


async def is_of_a_federation(tx: Tx, account_id: UUID) -> bool:
    mine = await store.organisations_of(tx, account_id)
    return any(organisation.kind == OrganisationKind.FEDERATION for organisation, _ in mine)
