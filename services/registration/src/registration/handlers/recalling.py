"""What registration told, taken back into a database that has lost it: people, then their events, then who was erased.

In this order: an event needs its account; and of somebody who was erased the events were taken back already, so that
nothing is told of them a second time but the tombstone.
"""

from __future__ import annotations

from typing import Any

from backbone.contracts import (
    EventSubmitted,
    EventWithdrawn,
    OrganiserChanged,
    OrganiserErased,
    OrganiserFact,
    OrganiserRegistered,
    canary,
)
from backbone.postgres.database import Tx
from backbone.service.catching_up import Recall
from backbone.service.folding import in_transaction

from .. import store
from ..desk import Desk
from ..domain.kept import as_draft
from .erasure import erase


async def recall_organiser(fact: OrganiserFact, tx: Tx, desk: Desk) -> None:
    await store.recall_account(tx, fact, no_password=desk.passwords.of_nobody)


async def recall_submitted(fact: EventSubmitted, tx: Tx, _: Any) -> None:
    if fact.event_id == canary.EVENT:  # of a season half a million times; its numbers are seconds, none comes twice
        return
    await store.recall_told(tx, fact, as_draft(fact.event))


async def recall_withdrawn(fact: EventWithdrawn, tx: Tx, _: Any) -> None:
    await store.recall_told(tx, fact, None)


async def erase_again(fact: OrganiserErased, tx: Tx, desk: Desk) -> None:
    """Whoever was erased since the backup, or before an older one, is erased once more: rows, mails and outbox."""
    await erase(tx, fact.organiser_id, now=desk.clock.now(), again_after=desk.tombstone_again_after)


RECALL = Recall(
    before=[
        {OrganiserRegistered: in_transaction(recall_organiser), OrganiserChanged: in_transaction(recall_organiser)},
        {EventSubmitted: in_transaction(recall_submitted), EventWithdrawn: in_transaction(recall_withdrawn)},
        {OrganiserErased: in_transaction(erase_again)},
    ]
)
