"""The second factor of an account: set, shown, replaced, taken away.

Whoever decides about the events of others must have one: until it is set, and in a session that was begun without it,
they are an organiser like others.
"""

from __future__ import annotations

import json
import logging
import time
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from backbone.postgres.database import Tx

from .. import store
from ..confirmation import password_of
from ..desk import Desk
from ..domain import second_factor as rules
from ..domain.notices import Notice
from ..domain.refusals import (
    CodeAsked,
    LinkExpired,
    NoSecondFactor,
    SecondFactorSet,
    Unacceptable,
    WrongCode,
)
from ..sealing import Unsealable
from ..store import Account, SecondFactor
from .mails import owe_notice

log = logging.getLogger(__name__)

TICKET_LIFE = timedelta(minutes=15)
"""In which somebody whose password was right types a code, or sets up an app."""
WRONG = ValueError(
    "Ce code n’est pas le bon, ou a déjà servi. Attendez le suivant, et vérifiez l’heure de votre téléphone."
)


class Setting(NamedTuple):
    """What somebody needs who sets up an app."""

    secret: str
    address: str
    ticket: str


async def check(desk: Desk, account: Account, code: str | None) -> None:
    """Whoever has shown the password shows the second factor too, where there is one. Raises CodeAsked, WrongCode or
    TooMany."""
    if not account.has_second_factor:
        return
    if not code or not code.strip():
        raise CodeAsked(account.id)
    await desk.throttle.admit_code(account.id)
    async with desk.engine.begin() as tx:
        factor = await store.second_factor_of(tx, account.id, lock=True)
        is_right = factor is None or await _spend(tx, desk, account, factor, rules.typed(code))
    if not is_right:
        log.warning("a second factor was wrong", extra={"account": str(account.id)})
        raise WrongCode(account.id)
    await desk.throttle.code_was_right(account.id)


async def _spend(tx: Tx, desk: Desk, account: Account, factor: SecondFactor, code: str) -> bool:
    if rules.is_from_app(code):
        return await _spend_step(tx, desk, factor, code)
    kept = rules.kept(code)
    if kept not in factor.recovery_codes:
        return False
    await store.spend_recovery_code(tx, account.id, kept)
    await owe_notice(tx, account.id, Notice.RECOVERY_CODE_USED)
    return True


async def _spend_step(tx: Tx, desk: Desk, factor: SecondFactor, code: str) -> bool:
    try:
        secret = desk.vault.opened(factor.secret)
    except Unsealable as error:  # its owner has recovery codes, or asks for another: docs/runbook.md
        log.error("a second factor cannot be read", extra={"account": str(factor.account_id), "why": str(error)})
        return False
    step = rules.step_of(secret, code, now=time.time(), last=factor.last_step)
    if step is not None:
        await store.spend_step(tx, factor.account_id, step)
    return step is not None


def begin(desk: Desk, account: Account) -> Setting:
    """A new secret for somebody who has just shown their password; it counts once they show a code of it. Raises
    SecondFactorSet."""
    if account.has_second_factor:
        raise SecondFactorSet
    secret = rules.new_secret()
    return Setting(secret, rules.address_for_app(secret, account.email), ticket_for(desk, account, secret))


def begun(desk: Desk, account: Account, ticket: str) -> Setting:
    """The setting that the ticket is for, once more. Raises LinkExpired."""
    secret = opened(desk, account, ticket)
    return Setting(secret, rules.address_for_app(secret, account.email), ticket)


async def confirm(desk: Desk, account: Account, ticket: str, code: str, session_id: UUID | None) -> list[str]:
    """Sets the second factor that the ticket is for; its recovery codes, which are said this once. The session counts
    as begun with it. Raises LinkExpired, Unacceptable, SecondFactorSet or TooMany."""
    secret = opened(desk, account, ticket)
    await desk.throttle.admit_code(account.id)
    step = rules.step_of(secret, rules.typed(code), now=time.time(), last=None) if secret else None
    if step is None:
        raise Unacceptable.field("code", WRONG)
    codes = rules.new_recovery_codes()
    async with desk.engine.begin() as tx:
        if await store.account_by_id(tx, account.id, hold=True) is None:
            raise LinkExpired
        sealed, kept = desk.vault.sealed(secret), [rules.kept(one) for one in codes]
        if not await store.set_second_factor(tx, account.id, sealed, desk.vault.name, step, kept):
            raise SecondFactorSet
        if session_id:
            await store.strengthen_session(tx, account.id, session_id)
        await owe_notice(tx, account.id, Notice.SECOND_FACTOR_SET)
    await desk.throttle.code_was_right(account.id)
    log.info("a second factor was set", extra={"account": str(account.id)})
    return codes


async def renew_recovery_codes(desk: Desk, account: Account) -> list[str]:
    """Other recovery codes in place of those there are. Raises NoSecondFactor."""
    codes = rules.new_recovery_codes()
    async with desk.engine.begin() as tx:
        if await store.second_factor_of(tx, account.id, lock=True) is None:
            raise NoSecondFactor
        await store.replace_recovery_codes(tx, account.id, [rules.kept(one) for one in codes])
    return codes


async def take_away(tx: Tx, account_id: UUID, notice: Notice) -> bool:
    """Takes it away and says so by mail; whether there was one."""
    was_there = await store.drop_second_factor(tx, account_id)
    if was_there:
        await owe_notice(tx, account_id, notice)
        log.info("a second factor was taken away", extra={"account": str(account_id), "why": notice})
    return was_there


def ticket_for(desk: Desk, account: Account, secret: str = "") -> str:
    """What shows, for a quarter of an hour, that somebody has typed the account's password; and the secret that they
    are about to set."""
    return desk.tickets.sealed(json.dumps([str(account.id), password_of(account), secret]))


async def bearer_of(desk: Desk, ticket: str) -> Account:
    """Whoever typed the password that the ticket is for. Raises LinkExpired."""
    account_id, _, _ = _read(desk, ticket)
    async with desk.engine.connect() as tx:
        account = await store.account_by_id(tx, UUID(account_id))
    if account is None:
        raise LinkExpired
    opened(desk, account, ticket)
    return account


def opened(desk: Desk, account: Account, ticket: str) -> str:
    """The secret in a ticket of this account's. Raises LinkExpired."""
    account_id, password, secret = _read(desk, ticket)
    if account_id != str(account.id) or password != password_of(account):
        raise LinkExpired
    return secret


def _read(desk: Desk, ticket: str) -> tuple[str, str, str]:
    try:
        account_id, password, secret = json.loads(desk.tickets.opened(ticket, within=TICKET_LIFE))
    except Unsealable as error:
        raise LinkExpired from error
    return account_id, password, secret
