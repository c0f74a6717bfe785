"""Who is signed in, in which browsers and programs: begun, gone on with, listed, ended."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from backbone.http.access import Caller
from backbone.postgres.database import Tx

from .. import store
from ..desk import Desk
from ..domain.refusals import AccountGone, SessionOver, UnknownSession, WrongCredentials
from ..domain.reviewing import ORGANISER, REVIEWS
from ..domain.session import Shown, browser_of, is_over, life, shown
from ..refreshing import Refresh, kept
from ..store import Account, Session

log = logging.getLogger(__name__)


class Entry(NamedTuple):
    """What lets somebody in now, and on: an access token, and the refresh token that is good for so long."""

    account: Account
    role: str
    """That the access token has: of whoever has not shown a second factor that they must have, an organiser's."""
    access: str
    refresh: Refresh
    life: timedelta
    is_strong: bool

    @property
    def second_factor(self) -> Literal["none", "shown", "required"]:
        """Whether one was shown; required: the role of the account is not theirs before it is."""
        return "shown" if self.is_strong else "required" if self.account.reviews else "none"


async def begin(tx: Tx, desk: Desk, account: Account, user_agent: str) -> Entry:
    """Begins a session of somebody who has just shown who they are. Raises WrongCredentials."""
    refresh = Refresh.new()
    if await store.account_by_id(tx, account.id, hold=True) is None:
        raise WrongCredentials  # erased since their password was compared
    browser = browser_of(user_agent)
    is_strong = account.has_second_factor  # nobody with one is let in without showing it
    names = refresh.family_kept, refresh.kept
    session_id = await store.open_session(tx, account.id, *names, browser, is_strong=is_strong)
    return _entry(desk, account, session_id, refresh, timedelta(0), is_strong=is_strong)


async def go_on(desk: Desk, token: str) -> Entry:
    """The next access and refresh tokens, with the role that the account has now; the same twice, if asked twice at
    once. Raises SessionOver; a token that was spent before ends the session that it is of."""
    refresh = Refresh.read(token)
    if refresh is None:
        raise SessionOver
    async with desk.engine.begin() as tx:
        entry, outcome = await _renewed(tx, desk, refresh)
    desk.metrics.refreshes.labels(outcome).inc()
    if entry is None:
        raise SessionOver
    return entry


async def _renewed(tx: Tx, desk: Desk, refresh: Refresh) -> tuple[Entry | None, str]:
    session = await store.lock_session(tx, refresh.family_kept)
    account = await store.account_by_id(tx, session.account_id) if session else None
    if session is None or account is None or is_over(account.role, age=session.age, idle=session.idle):
        return None, "ended"
    is_what = shown(refresh.kept, current=session.current, previous=session.previous, spent_ago=session.idle)
    if is_what is Shown.CURRENT:
        following = refresh.next(desk.refresh_keys[0])
        await store.keep_session(tx, session, following.kept)
        return _entry(desk, account, session.id, following, session.age, is_strong=session.is_strong), "renewed"
    again = refresh.next_kept(desk.refresh_keys, session.current) if is_what is Shown.AGAIN else None
    if again:
        return _entry(desk, account, session.id, again, session.age, is_strong=session.is_strong), "again"
    await store.end_session(tx, account.id, session.id)
    log.warning(
        "a spent refresh token was shown: its session is ended",
        extra={"account": str(account.id), "session": str(session.id)},
    )
    return None, "reused"


def _entry(
    desk: Desk, account: Account, session_id: UUID, refresh: Refresh, age: timedelta, *, is_strong: bool
) -> Entry:
    role = account.acting if is_strong or account.role not in REVIEWS else ORGANISER
    regions = frozenset(account.regions if role == account.role else ())
    caller = Caller(account.id, role, regions, account.organisation, account.name, session_id)
    return Entry(account, role, desk.signer.sign(caller), refresh, life(account.role, age), is_strong)


async def mine(tx: Tx, me: Caller) -> list[Session]:
    """The caller's sessions that go on, the one used last first. Raises AccountGone."""
    account = await store.account_by_id(tx, me.account_id)
    if account is None or not account.is_confirmed:
        raise AccountGone
    found = await store.sessions_of(tx, account.id)
    return [one for one in found if not is_over(account.role, age=one.age, idle=one.idle)]


async def end(tx: Tx, me: Caller, session_id: UUID) -> None:
    """Ends one of the caller's sessions. Raises UnknownSession."""
    if not await store.end_session(tx, me.account_id, session_id):
        raise UnknownSession


async def end_all(tx: Tx, account_id: UUID) -> None:
    """Signs the account out everywhere: within a quarter of an hour the last access token has run out."""
    await store.end_sessions(tx, account_id)


async def end_family(tx: Tx, said: str) -> None:
    """Signs out the browser that shows this (`Refresh.end`); nothing where that is no session."""
    try:
        family = kept(bytes.fromhex(said))
    except ValueError:
        return
    if session := await store.lock_session(tx, family):
        await store.end_session(tx, session.account_id, session.id)
