"""How often anybody may try: for each client, each account, each address; counted in PostgreSQL.

TooMany   come back after `retry_after` seconds; `why` says which limit it was

A client that guesses is slowed long before it slows the account's owner: it fills its own bucket for this account
first, which leaks more slowly than the account's. Whoever has signed in from a client before is counted apart there.
And a link that is mailed always leads to a new password, and with it to an empty bucket.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.postgres.database import Tx

from . import store
from .settings import Settings
from .store import Limit

KNOWN_FOR = timedelta(days=30)
SWEEP_SECONDS = 60.0
CLIENTS_AT_ONCE = 3  # so many clients must guess together before an account's own bucket is full
MAILS_A_DAY = 10
CODES_AN_HOUR = 10
CODES_A_DAY = 10  # three of a million are good: who has the password and guesses for a year has one chance in a hundred


class Why(StrEnum):
    """Which limit was met."""

    CLIENT = "client"
    ACCOUNT = "account"
    QUEUE = "queue"
    INVITATIONS = "invitations"
    CODES = "codes"
    CODE = "code"
    DRAFTS = "drafts"
    REVISIONS = "revisions"
    UPLOADS = "uploads"
    PICTURES = "pictures"
    INVITED = "invited"


class TooMany(Exception):
    """Too often; `retry_after` is in whole seconds."""

    def __init__(self, why: Why, seconds: float) -> None:
        super().__init__(why)
        self.why, self.retry_after = why, max(1, math.ceil(seconds))


@dataclass(frozen=True)
class Guess:
    """A password that is being tried, as it was counted."""

    counted: Sequence[tuple[bytes, Limit]]
    known: bytes


class Throttle:
    """Counts tries. Addresses and clients stand in the table as hashes under `secret`, which replicas share."""

    def __init__(self, engine: AsyncEngine, secret: bytes, settings: Settings) -> None:
        half_an_hour = timedelta(minutes=30)
        self._engine, self._secret, self._unlimited = engine, secret, settings.unlimited_clients
        self._client = Limit("client", settings.client_tries_per_minute, timedelta(minutes=1))
        self._pair = Limit("guess-of-client", settings.account_tries, half_an_hour)
        self._account = Limit("guess", CLIENTS_AT_ONCE * settings.account_tries, half_an_hour)
        self.mail_pause, self._a_day = settings.mail_pause, Limit("mails-a-day", MAILS_A_DAY, timedelta(days=1))
        self._factor_codes = Limit("code", CODES_A_DAY, timedelta(days=1))
        self._codes = Limit("late-codes", CODES_AN_HOUR, timedelta(hours=1))
        self._swept_at = time.monotonic()

    async def admit(self, client: str) -> None:
        """Lets a client do something that is dear. Raises TooMany."""
        await self._sweep()
        if self._is_unlimited(client):
            return
        async with self._engine.begin() as tx:
            taken = await store.take(tx, self._key(self._client.name, _network_of(client)), self._client)
        if not taken.is_granted:
            raise TooMany(Why.CLIENT, taken.seconds)

    async def admit_guess(self, client: str, address: str) -> Guess:
        """Lets a client try a password. The same for an address without an account. Raises TooMany."""
        network = _network_of(client)
        known = self._key("known", address, network)
        counted = [(self._key(self._pair.name, address, network), self._pair)]
        async with self._engine.begin() as tx:
            if not await store.is_marked(tx, known):
                counted.append((self._key(self._account.name, address), self._account))
            for key, limit in counted:
                taken = await store.take(tx, key, limit)
                if not taken.is_granted:
                    raise TooMany(Why.ACCOUNT, taken.seconds)
        return Guess(counted, known)

    async def admit_late_code(self, account_id: UUID) -> None:
        """Lets an account try a code that lets a late event in. Raises TooMany."""
        async with self._engine.begin() as tx:
            taken = await store.take(tx, self._key(self._codes.name, str(account_id)), self._codes)
        if not taken.is_granted:
            raise TooMany(Why.CODES, taken.seconds)

    async def was_right(self, guess: Guess) -> None:
        """Whoever knows the password is not slowed by it, and is known at this client from now on."""
        async with self._engine.begin() as tx:
            for key, limit in guess.counted:
                await store.give_back(tx, key, limit)
            await store.mark(tx, guess.known, KNOWN_FOR)

    async def admit_code(self, account_id: UUID) -> None:
        """Lets somebody who knows the password try a code of the second factor, wherever they are. Raises TooMany."""
        async with self._engine.begin() as tx:
            taken = await store.take(tx, self._code_key(account_id), self._factor_codes)
        if not taken.is_granted:
            raise TooMany(Why.CODE, taken.seconds)

    async def code_was_right(self, account_id: UUID) -> None:
        """Whoever shows the second factor is not slowed by it."""
        async with self._engine.begin() as tx:
            await self.codes_begin_anew(tx, account_id)

    async def codes_begin_anew(self, tx: Tx, account_id: UUID) -> None:
        """Whoever guessed had a password that is another now."""
        await store.forget_tries(tx, [self._code_key(account_id)])

    def _code_key(self, account_id: UUID) -> bytes:
        return self._key(self._factor_codes.name, str(account_id))

    async def mail_turn(self, tx: Tx, kind: str, address: str, *, is_news: bool) -> timedelta | None:
        """When a mail of this kind may leave: at once, or once the pause since the last one is over; None if none is
        due: one waits already, or nothing has changed since the last (`is_news`), or the day has had enough."""
        queued = Limit(kind, 2 if is_news else 1, self.mail_pause * (2 if is_news else 1))
        turn = await store.take(tx, self._key(kind, address), queued)
        if (
            not turn.is_granted
            or not (await store.take(tx, self._key(self._a_day.name, address), self._a_day)).is_granted
        ):
            return None
        return timedelta(seconds=turn.seconds)

    async def begin_anew(self, tx: Tx, client: str, address: str) -> None:
        """A new password has nothing to do with the tries at the old one; who set it is known where they are."""
        network = _network_of(client)
        tries = [self._key(self._account.name, address), self._key(self._pair.name, address, network)]
        await store.forget_tries(tx, tries)
        await store.mark(tx, self._key("known", address, network), KNOWN_FOR)

    def _is_unlimited(self, client: str) -> bool:
        address = _address(client)
        return address is not None and any(address in network for network in self._unlimited)

    def _key(self, *words: str) -> bytes:
        return hashlib.blake2b("\n".join(words).encode(), key=self._secret, digest_size=16).digest()

    async def _sweep(self) -> None:
        if time.monotonic() - self._swept_at > SWEEP_SECONDS:
            self._swept_at = time.monotonic()
            async with self._engine.begin() as tx:
                await store.sweep_limits(tx)


def _network_of(client: str) -> str:
    """Who counts as one client: an address, or of IPv6 the /64 that one subscriber has."""
    address = _address(client)
    return str(IPv6Network((address, 64), strict=False)) if isinstance(address, IPv6Address) else str(address or client)


def _address(client: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(client)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
