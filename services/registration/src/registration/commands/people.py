"""What is done for people: a role is granted, an account erased, a second factor that was lost taken away."""

from __future__ import annotations

import argparse
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backbone.campaign.geography import REVIEW_REGIONS
from backbone.postgres.database import Tx, open_database

from .. import store
from ..domain.account import address_of
from ..domain.notices import Notice
from ..handlers.erasure import erase
from ..handlers.second_factor import take_away
from ..settings import Settings

log = logging.getLogger(__name__)

NO_ACCOUNT = "registration: no account has this address"


async def grant(settings: Settings, arguments: list[str]) -> None:
    """`registration grant ADDRESS ROLE [REGION …]`: gives an account a role, a reviewer and a coordinator regions."""
    parser = argparse.ArgumentParser(prog="registration grant")
    parser.add_argument("email")
    parser.add_argument("role", choices=["organiser", "reviewer", "coordinator", "administrator"])
    parser.add_argument("regions", nargs="*", help="INSEE codes, e.g. 84; 00 for online events")
    asked = parser.parse_args(arguments)
    if unknown := sorted({*asked.regions} - REVIEW_REGIONS.keys()):
        known = ", ".join(f"{code} {name}" for code, name in sorted(REVIEW_REGIONS.items()))
        parser.error(f"no region has the code {', '.join(unknown)}; those there are: {known}")
    if (asked.role in ("reviewer", "coordinator")) != bool(asked.regions):
        parser.error("a reviewer is given one region or more, a coordinator too; nobody else is given any")
    async with _database(settings) as tx:
        account_id = await store.grant_role(tx, address_of(asked.email) or "", asked.role, asked.regions)
    if account_id is None:
        raise SystemExit(NO_ACCOUNT)
    granted = {"account": str(account_id), "role": asked.role, "regions": asked.regions}
    log.info("a role was granted", extra=granted)


async def erase_by_letter(settings: Settings, arguments: list[str]) -> None:
    """`registration erase ADDRESS`: forgets a person who asked for it by letter, confirmed or not."""
    parser = argparse.ArgumentParser(prog="registration erase")
    parser.add_argument("email")
    address = address_of(parser.parse_args(arguments).email) or ""
    now, again_after = settings.clock.now(), settings.tombstone_again_after
    async with _database(settings) as tx:
        account = await store.account_by_email(tx, address)
        done = account is not None and await erase(tx, account.id, now=now, again_after=again_after)
    if not (account and done):
        raise SystemExit(NO_ACCOUNT)
    log.info("an account was erased", extra={"account": str(account.id), "by": "letter"})


async def reset_second_factor(settings: Settings, arguments: list[str]) -> None:
    """`registration reset-second-factor ADDRESS`: takes the second factor away from somebody who has lost theirs and
    their recovery codes, ends their sessions, and tells them by mail. Make sure that it is they who ask."""
    parser = argparse.ArgumentParser(prog="registration reset-second-factor")
    parser.add_argument("email")
    address = address_of(parser.parse_args(arguments).email) or ""
    async with _database(settings) as tx:
        account = await store.account_by_email(tx, address)
        was_there = account is not None and await take_away(tx, account.id, Notice.SECOND_FACTOR_RESET)
        if account:
            await store.end_sessions(tx, account.id)
    if account is None:
        raise SystemExit(NO_ACCOUNT)
    if not was_there:
        raise SystemExit("registration: this account has no second factor")


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Tx]:
    engine = open_database(settings.database_url.get_secret_value())
    try:
        async with engine.begin() as tx:
            yield tx
    finally:
        await engine.dispose()
