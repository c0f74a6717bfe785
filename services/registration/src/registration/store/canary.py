"""What the canary is kept as: an account that nobody can enter, and one event of it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from backbone.contracts import canary
from backbone.postgres.database import Tx

from .tables import accounts, events, timeline


async def open_canary(tx: Tx, email: str, name: str, organisation: str, password_hash: str) -> bool:
    """Opens its account, confirmed; whether it was not there."""
    who = {"email": email, "name": name, "organisation": organisation, "password_hash": password_hash}
    opened = insert(accounts).values(id=canary.ORGANISER, confirmed_at=func.now(), **who)
    return bool((await tx.execute(opened.on_conflict_do_nothing())).rowcount)


async def has_canary(tx: Tx) -> bool:
    """Whether its account is there."""
    return bool(await tx.scalar(select(func.count()).where(accounts.c.id == canary.ORGANISER)))


async def raise_revision(tx: Tx, revision: int) -> None:
    """Its event, at this revision or at a later one: what the others heard of it before this database was put back, or
    made anew, lies behind the next."""
    new = insert(events).values(
        id=canary.EVENT, account_id=canary.ORGANISER, draft={}, edition=canary.EDITION, revision=revision
    )
    later = func.greatest(events.c.revision, new.excluded.revision)
    await tx.execute(new.on_conflict_do_update(index_elements=["id"], set_={"revision": later}))


async def steps_of_canary(tx: Tx, since: int) -> Collection[tuple[int, str]]:
    """What its timeline has of its revisions from this one on: the revision, and the kind of step."""
    asked = select(timeline.c.revision, timeline.c.kind)
    rows = await tx.execute(asked.where(timeline.c.event_id == canary.EVENT, timeline.c.revision >= since))
    return [(revision, kind) for revision, kind in rows]


async def forget_past_of_canary(tx: Tx) -> bool:
    """A purge: the steps of its timeline but those of its newest revisions."""
    newest = select(events.c.revision).where(events.c.id == canary.EVENT).scalar_subquery()
    past = timeline.c.revision < newest - _KEPT_SECONDS
    await tx.execute(delete(timeline).where(timeline.c.event_id == canary.EVENT, past))
    return False


_KEPT_SECONDS = 3600  # its revisions are numbered by the second
