"""Registration's tables and the few questions asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, Column, DateTime, ForeignKey, Integer, MetaData, Table, Text, Uuid, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from backbone.contracts import EventFact
from backbone.database import NAMING, Tx

from .domain.account import AccountRequest
from .domain.draft import EventDraft
from .domain.timeline import STATE_AFTER, State, Step

metadata = MetaData(naming_convention=NAMING)
INSTANT = DateTime(timezone=True)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("role", Text, nullable=False, server_default="organiser"),
    Column("regions", ARRAY(Text), nullable=False, server_default="{}"),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
    Column("confirmed_at", INSTANT),
)
events = Table(
    "events",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False, index=True),
    Column("draft", JSONB, nullable=False),
    Column("submitted_draft", JSONB(none_as_null=True), comment="the draft as of the last submission"),
    Column("revision", Integer, nullable=False, server_default="0", comment="0: never submitted"),
    Column("state", Text, nullable=False, server_default=State.DRAFT),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
)
timeline = Table(
    "timeline",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("at", INSTANT, nullable=False),
    Column("text", Text, nullable=False),
)


class Account(NamedTuple):
    """An account as it is stored."""

    id: UUID
    email: str
    password_hash: str
    name: str
    organisation: str
    role: str
    regions: list[str]
    is_confirmed: bool


class StoredEvent(NamedTuple):
    """An event as it is stored."""

    id: UUID
    account_id: UUID
    draft: EventDraft
    revision: int
    state: State
    is_changed: bool
    """Whether the draft differs from what was last submitted."""


_ACCOUNT = select(
    *(accounts.c[name] for name in ("id", "email", "password_hash", "name", "organisation", "role", "regions")),
    accounts.c.confirmed_at.is_not(None),
)
_EVENT = select(
    events.c.id,
    events.c.account_id,
    events.c.draft,
    events.c.revision,
    events.c.state,
    events.c.draft.is_distinct_from(events.c.submitted_draft),
)


def _stored(row: Sequence[Any]) -> StoredEvent:
    event_id, account_id, draft, revision, state, is_changed = row
    return StoredEvent(event_id, account_id, EventDraft.model_validate(draft), revision, State(state), is_changed)


async def open_account(tx: Tx, request: AccountRequest, password_hash: str) -> UUID | None:
    """A new account, or one still unconfirmed with its details replaced; None if the address is confirmed already."""
    details = {"password_hash": password_hash, "name": request.name, "organisation": request.organisation}
    new = insert(accounts).values(id=uuid4(), email=request.email, **details)
    renewed = new.on_conflict_do_update(
        index_elements=["email"], set_=details, where=accounts.c.confirmed_at.is_(None)
    ).returning(accounts.c.id)
    account_id: UUID | None = (await tx.execute(renewed)).scalar_one_or_none()
    return account_id


async def confirm_account(tx: Tx, account_id: UUID) -> Account | None:
    """The account, confirmed just now; None if it is unknown or was confirmed before."""
    confirmed = (
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.confirmed_at.is_(None))
        .values(confirmed_at=func.now())
    )
    return await account_by_id(tx, account_id) if (await tx.execute(confirmed)).rowcount else None


async def account_by_id(tx: Tx, account_id: UUID) -> Account | None:
    row = (await tx.execute(_ACCOUNT.where(accounts.c.id == account_id))).one_or_none()
    return Account._make(row) if row else None


async def account_by_email(tx: Tx, email: str) -> Account | None:
    row = (await tx.execute(_ACCOUNT.where(accounts.c.email == email))).one_or_none()
    return Account._make(row) if row else None


async def grant_role(tx: Tx, email: str, role: str, regions: Sequence[str]) -> bool:
    """Gives an account a role and regions; False if there is no such account."""
    granted = update(accounts).where(accounts.c.email == email).values(role=role, regions=list(regions))
    return (await tx.execute(granted)).rowcount == 1


async def save_draft(tx: Tx, event_id: UUID, account_id: UUID, draft: EventDraft) -> bool:
    """Writes a new draft or replaces the account's own; False if the id is another account's event."""
    written = draft.model_dump(mode="json")
    new = insert(events).values(id=event_id, account_id=account_id, draft=written)
    replaced = new.on_conflict_do_update(
        index_elements=["id"], set_={"draft": written}, where=events.c.account_id == account_id
    )
    return (await tx.execute(replaced)).rowcount == 1


async def own_event(tx: Tx, event_id: UUID, account_id: UUID, *, lock: bool = False) -> StoredEvent | None:
    """The account's event; locked, no other request can change or submit it until the transaction ends."""
    question = _EVENT.where(events.c.id == event_id, events.c.account_id == account_id)
    row = (await tx.execute(question.with_for_update() if lock else question)).one_or_none()
    return _stored(row) if row else None


async def own_events(tx: Tx, account_id: UUID, *, limit: int, offset: int) -> list[StoredEvent]:
    """The account's events, the newest first."""
    question = _EVENT.where(events.c.account_id == account_id).order_by(events.c.created_at.desc(), events.c.id)
    return [_stored(row) for row in await tx.execute(question.limit(limit).offset(offset))]


async def mark_submitted(tx: Tx, event_id: UUID, revision: int) -> None:
    await tx.execute(
        update(events)
        .where(events.c.id == event_id)
        .values(revision=revision, submitted_draft=events.c.draft, state=State.SUBMITTED)
    )


async def add_step(tx: Tx, fact: EventFact) -> None:
    """Adds the fact to the event's timeline, and moves the event's state if the fact is about its present revision."""
    step = Step.of(fact)
    row = {"event_id": fact.event_id, **step.model_dump()}
    await tx.execute(insert(timeline).values(row).on_conflict_do_nothing())
    if type(fact) in STATE_AFTER:
        await tx.execute(
            update(events)
            .where(events.c.id == fact.event_id, events.c.revision == fact.revision)
            .values(state=STATE_AFTER[type(fact)])
        )


async def steps(tx: Tx, event_id: UUID) -> list[Step]:
    """The event's timeline, in the order things happened."""
    columns = (timeline.c.kind, timeline.c.revision, timeline.c.at, timeline.c.text)
    rows = await tx.execute(select(*columns).where(timeline.c.event_id == event_id).order_by(timeline.c.at))
    return [Step.model_validate(row) for row in rows.mappings()]


async def counts(tx: Tx) -> dict[str, int]:
    """How many confirmed accounts and submitted events there are, and how many events in each state."""
    people = await tx.scalar(select(func.count()).where(accounts.c.confirmed_at.is_not(None)))
    by_state = await tx.execute(select(events.c.state, func.count()).group_by(events.c.state))
    submitted = await tx.scalar(select(func.count()).where(events.c.revision > 0))
    in_state = {state.value: 0 for state in State} | dict(by_state.all())
    return {"organisers": people or 0, **in_state, "submitted": submitted or 0}
