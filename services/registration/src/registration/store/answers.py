"""What was answered to calls that bear a key."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from backbone.postgres.database import Tx
from backbone.postgres.purge import Purge, older

from .tables import answers

KEPT = timedelta(hours=24)


class Answer(NamedTuple):
    """What was answered to a call; `fingerprint`: of what was asked."""

    fingerprint: bytes
    status: int
    headers: dict[str, str]
    body: str


async def take_key(tx: Tx, account_id: UUID, key: str, fingerprint: bytes) -> Answer | None:
    """Takes a key that this account has not used; where it has, what was answered. Who asks with the same key at the
    same time waits here until the first call has ended."""
    row = {"account_id": account_id, "key": key, "fingerprint": fingerprint}
    taken = await tx.execute(insert(answers).values(row).on_conflict_do_nothing())
    if taken.rowcount:
        return None
    columns = (answers.c.fingerprint, answers.c.status, answers.c.headers, answers.c.body)
    question = select(*columns).where(answers.c.account_id == account_id, answers.c.key == key)
    return Answer._make((await tx.execute(question)).one())


async def keep_answer(tx: Tx, account_id: UUID, key: str, status: int, headers: dict[str, str], body: str) -> None:
    """What is answered again to the same call."""
    this = (answers.c.account_id == account_id) & (answers.c.key == key)
    await tx.execute(update(answers).where(this).values(status=status, headers=headers, body=body))


def old_answers() -> Purge:
    """Those that nobody asks for again."""
    return older(answers, answers.c.asked_at, KEPT)
