"""The inbox: a message's id, its effects and the facts it causes are one transaction, so that it acts once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from .database import Tx

_TAKE = text(
    "INSERT INTO inbox (consumer, message_id) SELECT :consumer, id FROM unnest(CAST(:ids AS text[])) AS told (id)"
    " ON CONFLICT DO NOTHING RETURNING message_id"
)


async def take_new(tx: Tx, consumer: str, message_ids: Sequence[str]) -> set[str]:
    """Notes that `consumer` takes these messages in this transaction; the ids of those it never took before."""
    if not message_ids:
        return set()
    # one order for all replicas: two polls that share ids after a rebalance wait for each other, never deadlock
    taken = await tx.scalars(_TAKE, {"consumer": consumer, "ids": sorted(set(message_ids))})
    return set(taken)
