"""The questions asked of sessions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, update

from backbone.postgres.database import Tx
from backbone.postgres.purge import Purge, older

from ..domain.session import IDLE, LONGEST
from .tables import accounts, sessions


class Session(NamedTuple):
    """A session as it is stored; how old it is, and how long ago it was last used, by the database's clock, which
    replicas share."""

    id: UUID
    account_id: UUID
    current: bytes
    previous: bytes | None
    is_strong: bool
    """Begun with the second factor too."""
    browser: str
    created_at: datetime
    used_at: datetime
    age: timedelta
    idle: timedelta


_KEPT = ("id", "account_id", "current", "previous", "is_strong", "browser", "created_at", "used_at")
_SESSION = select(
    *(sessions.c[name] for name in _KEPT),
    func.now() - sessions.c.created_at,
    func.now() - sessions.c.used_at,
)


async def open_session(tx: Tx, account_id: UUID, family: bytes, token: bytes, browser: str, *, is_strong: bool) -> UUID:
    """Begins a session; its id. `family` and `token` are hashes."""
    session_id = uuid4()
    names = {"id": session_id, "account_id": account_id, "family": family, "current": token}
    new = {**names, "browser": browser, "is_strong": is_strong}
    await tx.execute(sessions.insert().values(new))
    used = update(accounts).where(accounts.c.id == account_id)
    await tx.execute(used.values(used_at=func.now(), farewell_at=None))
    return session_id


async def lock_session(tx: Tx, family: bytes) -> Session | None:
    """The session of this family, locked so that two tokens of it are looked at one after the other."""
    row = (await tx.execute(_SESSION.where(sessions.c.family == family).with_for_update())).one_or_none()
    return Session._make(row) if row else None


async def keep_session(tx: Tx, session: Session, token: bytes) -> None:
    """The session goes on with this token, and has spent the one before."""
    renewed = {"current": token, "previous": session.current, "used_at": func.now()}
    await tx.execute(update(sessions).where(sessions.c.id == session.id).values(renewed))


async def strengthen_session(tx: Tx, account_id: UUID, session_id: UUID) -> None:
    """The second factor was shown in this session of the account's."""
    its = (sessions.c.id == session_id) & (sessions.c.account_id == account_id)
    await tx.execute(update(sessions).where(its).values(is_strong=True))


async def sessions_of(tx: Tx, account_id: UUID) -> list[Session]:
    """The account's sessions, the one used last first; some may have ended."""
    rows = await tx.execute(_SESSION.where(sessions.c.account_id == account_id).order_by(sessions.c.used_at.desc()))
    return [Session._make(row) for row in rows]


async def end_session(tx: Tx, account_id: UUID, session_id: UUID) -> bool:
    """Ends one of the account's sessions; whether there was such a one."""
    its = (sessions.c.id == session_id) & (sessions.c.account_id == account_id)
    return bool((await tx.execute(delete(sessions).where(its))).rowcount)


async def end_sessions(tx: Tx, account_id: UUID) -> None:
    """Ends all sessions of the account."""
    await tx.execute(delete(sessions).where(sessions.c.account_id == account_id))


def ended_sessions() -> list[Purge]:
    """Purges: those that have ended, for want of use or of time."""
    return [older(sessions, sessions.c.used_at, IDLE), older(sessions, sessions.c.created_at, LONGEST)]
