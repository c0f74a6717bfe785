"""Who is sent the changes: a row for each webhook, which says how far its receiver has come and how it goes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    Table,
    Uuid,
    delete,
    func,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from backbone.postgres.database import Tx

from ..domain.changes import Has
from .changes import CHANNEL, changes, journal
from .tables import metadata


class State(StrEnum):
    """How it is with a webhook."""

    ACTIVE = "active"
    PAUSED = "paused"
    GIVEN_UP = "given up"
    GONE = "gone"


webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=func.gen_random_uuid()),
    Column("url", Text, nullable=False),
    Column("filters", JSONB, nullable=False, server_default="{}"),
    Column(
        "state", Text, nullable=False, server_default=State.ACTIVE.value, comment="active · paused · given up · gone"
    ),
    Column("secret", Text, nullable=False, comment="sealed, as the next"),
    Column("old_secret", Text, comment="signs too until `old_until`"),
    Column("old_until", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("journal", Uuid, comment="whose changes it is told; null: it has been told none"),
    Column("number", BigInteger, nullable=False, server_default="0", comment="up to which it has all"),
    Column("delivered", BigInteger, nullable=False, server_default="0"),
    Column("delivered_at", DateTime(timezone=True)),
    Column("tries", Integer, nullable=False, server_default="0", comment="that failed, one after another"),
    Column("failing_since", DateTime(timezone=True)),
    Column("last_error", Text),
    Column("due_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("lease", Uuid),
    Column("lease_until", DateTime(timezone=True)),
)

held = Table(
    "webhook_events",
    metadata,
    Column("webhook_id", ForeignKey(webhooks.c.id, ondelete="CASCADE"), primary_key=True),
    Column("event_id", Uuid, primary_key=True, comment="the receiver was told of it, and not that it is gone"),
    Column("is_sure", Boolean, nullable=False, server_default=true(), comment="no: a request about it is on its way"),
)


class NotOurs(Exception):
    """Somebody else delivers to this webhook now, or nobody is to."""


@dataclass(frozen=True)
class Webhook:
    """A webhook that is being delivered to, as its row says."""

    id: UUID
    url: str
    filters: Mapping[str, str]
    secret: str = field(repr=False)
    old_secret: str | None = field(repr=False)
    old_until: datetime | None
    journal: UUID | None
    number: int
    tries: int
    failing_since: datetime | None
    lease: UUID


@dataclass
class Progress:
    """What a receiver has taken since it was written down last."""

    journal: UUID | None
    number: int
    delivered: int = 0
    now_held: dict[UUID, bool] = field(default_factory=dict)
    """Whether it has the event now, of those about which it was told something."""
    begins_anew: bool = False
    """It was told to forget all that it had."""


_COLUMNS = [webhooks.c[name] for name in Webhook.__dataclass_fields__]
_NAMES = ", ".join(f"webhooks.{column.name}" for column in _COLUMNS)

_CLAIM = text(
    "UPDATE webhooks SET lease = gen_random_uuid(), lease_until = now() + make_interval(secs => :seconds)"
    " WHERE id IN (SELECT webhooks.id FROM webhooks, journal WHERE state = 'active' AND due_at <= now()"
    " AND (lease_until IS NULL OR lease_until <= now())"
    " AND (webhooks.journal IS DISTINCT FROM journal.journal OR webhooks.number < journal.newest)"
    f" ORDER BY webhooks.id FOR UPDATE OF webhooks SKIP LOCKED) RETURNING {_NAMES}"
)


async def claim_webhooks(tx: Tx, lease_seconds: float) -> list[Webhook]:
    """Takes all whose receivers are behind, whose wait is over, and that nobody delivers to."""
    return [Webhook(*row) for row in await tx.execute(_CLAIM, {"seconds": lease_seconds})]


_KEEP = text(
    "UPDATE webhooks SET journal = :journal, number = :number, delivered = delivered + CAST(:delivered AS bigint),"
    " delivered_at = CASE WHEN CAST(:delivered AS bigint) > 0 THEN now() ELSE delivered_at END,"
    " tries = CASE WHEN CAST(:delivered AS bigint) > 0 THEN 0 ELSE tries END,"
    " failing_since = CASE WHEN CAST(:delivered AS bigint) > 0 THEN NULL ELSE failing_since END,"
    " last_error = CASE WHEN CAST(:delivered AS bigint) > 0 THEN NULL ELSE last_error END,"
    " lease_until = now() + make_interval(secs => :seconds)"
    f" WHERE id = :id AND lease = :lease AND state = 'active' RETURNING {_NAMES}"
)


async def keep_progress(tx: Tx, webhook: Webhook, progress: Progress, lease_seconds: float) -> Webhook:
    """Writes down how far the receiver has come, and holds the webhook for as long again; how its row is now. Raises
    NotOurs."""
    told = {"id": webhook.id, "lease": webhook.lease, "seconds": lease_seconds}
    told |= {"journal": progress.journal, "number": progress.number, "delivered": progress.delivered}
    row = (await tx.execute(_KEEP, told)).one_or_none()
    if row is None:
        raise NotOurs
    mine = held.c.webhook_id == webhook.id
    if progress.begins_anew:
        await tx.execute(delete(held).where(mine))
    if gone := [event_id for event_id, has_it in progress.now_held.items() if not has_it]:
        await tx.execute(delete(held).where(mine, held.c.event_id.in_(gone)))
    if new := [event_id for event_id, has_it in progress.now_held.items() if has_it]:
        rows = [{"webhook_id": webhook.id, "event_id": event_id} for event_id in new]
        sure = insert(held).on_conflict_do_update(index_elements=[*held.primary_key], set_={"is_sure": true()})
        await tx.execute(sure, rows)
    return Webhook(*row)


_ON_THE_WAY = text(
    "INSERT INTO webhook_events (webhook_id, event_id, is_sure)"
    " SELECT webhooks.id, told.event_id, false FROM webhooks, unnest(CAST(:events AS uuid[])) AS told (event_id)"
    " WHERE webhooks.id = :id AND webhooks.lease = :lease"
    " ON CONFLICT (webhook_id, event_id) DO UPDATE SET is_sure = false"
)


async def note_on_the_way(tx: Tx, webhook: Webhook, event_ids: Collection[UUID]) -> None:
    """Before a receiver is told that these events come or go: should nobody hear how that ends, it has them perhaps."""
    told = {"id": webhook.id, "lease": webhook.lease, "events": list(event_ids)}
    await tx.execute(_ON_THE_WAY, told)


async def held_of(connection: AsyncConnection, webhook: Webhook, event_ids: Collection[UUID]) -> Mapping[UUID, Has]:
    """Of each of these events, whether the receiver has it."""
    asked = select(held.c.event_id, held.c.is_sure).where(
        held.c.webhook_id == webhook.id, held.c.event_id.in_(event_ids)
    )
    kept = {event_id: Has.YES if is_sure else Has.PERHAPS for event_id, is_sure in await connection.execute(asked)}
    return {event_id: kept.get(event_id, Has.NO) for event_id in event_ids}


async def let_go(tx: Tx, webhook: Webhook) -> None:
    """Somebody else may deliver to it."""
    ours = (webhooks.c.id == webhook.id) & (webhooks.c.lease == webhook.lease)
    await tx.execute(update(webhooks).where(ours).values(lease=None, lease_until=None))


async def note_failure(tx: Tx, webhook: Webhook, error: str, *, wait: float, state: State) -> None:
    """It was not delivered: when it is tried again, or that it is no longer."""
    ours = (webhooks.c.id == webhook.id) & (webhooks.c.lease == webhook.lease)
    await tx.execute(
        update(webhooks)
        .where(ours, webhooks.c.state == State.ACTIVE.value)
        .values(
            tries=webhooks.c.tries + 1,
            failing_since=func.coalesce(webhooks.c.failing_since, func.now()),
            last_error=error,
            due_at=func.now() + timedelta(seconds=wait),
            state=state.value,
            lease=None,
            lease_until=None,
        )
    )


# --- for the operator --------------------------------------------------------------------------------


async def add_webhook(tx: Tx, url: str, filters: Mapping[str, str], secret: str, *, from_now: bool) -> UUID:
    """Begins at the beginning, with all that is on the map; or `from_now`, with what changes from here on."""
    told = {"url": url, "filters": dict(filters), "secret": secret}
    webhook_id = (await tx.execute(insert(webhooks).values(told).returning(webhooks.c.id))).scalar_one()
    if from_now:
        # whoever begins now is taken to know what is there
        here = select(journal.c.journal, journal.c.newest).with_for_update()
        known, newest = (await tx.execute(here)).one()
        behind = {"journal": known, "number": newest}
        await tx.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(behind))
        shown = select(func.cast(webhook_id, Uuid), changes.c.event_id).where(changes.c.feature.is_not(None))
        await tx.execute(insert(held).from_select(["webhook_id", "event_id"], shown))
    await _ring(tx)
    return UUID(str(webhook_id))


async def count_webhooks(connection: AsyncConnection) -> int:
    return int(await connection.scalar(select(func.count()).select_from(webhooks)) or 0)


_BEHIND = select(func.count()).where(changes.c.number > webhooks.c.number).scalar_subquery()


async def all_webhooks(connection: AsyncConnection) -> Sequence[Any]:
    """What there is to say about each, without its secrets; `behind`: how many events were told of since."""
    shown = [column for column in webhooks.c if column.name not in ("secret", "old_secret", "lease", "lease_until")]
    return (await connection.execute(select(*shown, _BEHIND.label("behind")).order_by(webhooks.c.created_at))).all()


async def find_webhook(connection: AsyncConnection, webhook_id: UUID) -> Any:
    """Its row, or None."""
    return (await connection.execute(select(webhooks).where(webhooks.c.id == webhook_id))).one_or_none()


async def set_state(tx: Tx, webhook_id: UUID, state: State, *, from_beginning: bool = False) -> bool:
    """Pauses or resumes it; whoever delivers to it sees it before the next request but one. Whether there is one."""
    now: dict[str, Any] = {"state": state.value, "lease": None, "lease_until": None}
    if state is State.ACTIVE:
        now |= {"due_at": func.now(), "tries": 0, "failing_since": None, "last_error": None}
    if from_beginning:
        now |= {"journal": None, "number": 0}
        await tx.execute(delete(held).where(held.c.webhook_id == webhook_id))
    changed = await tx.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(now))
    await _ring(tx)
    return bool(changed.rowcount)


async def rotate_secret(tx: Tx, webhook_id: UUID, secret: str, overlap: timedelta) -> bool:
    """From now on it signs, and the one before it too for so long. Whether there is such a webhook."""
    now = {"secret": secret, "old_secret": webhooks.c.secret, "old_until": func.now() + overlap}
    return bool((await tx.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(now))).rowcount)


async def remove_webhook(tx: Tx, webhook_id: UUID) -> bool:
    """Whether there was such a webhook."""
    return bool((await tx.execute(delete(webhooks).where(webhooks.c.id == webhook_id))).rowcount)


async def count_states(connection: AsyncConnection) -> dict[str, int]:
    """How many webhooks there are, and how many of them fail, or are not delivered to any more though nobody paused
    them."""
    is_active = webhooks.c.state == State.ACTIVE.value
    asked = select(
        func.count().filter(is_active).label("webhooks"),
        func.count().filter(is_active, webhooks.c.tries > 0).label("webhooks_failing"),
        func.count().filter(webhooks.c.state.in_([State.GIVEN_UP.value, State.GONE.value])).label("webhooks_ended"),
    )
    return dict((await connection.execute(asked)).mappings().one())


async def _ring(tx: Tx) -> None:
    await tx.execute(select(func.pg_notify(CHANNEL, "")))
