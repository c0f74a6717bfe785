"""Passwords: hashed with Argon2id, in threads, a few at a time; who waits stands in a line that has an end."""

from __future__ import annotations

import asyncio
import base64
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cached_property
from secrets import token_urlsafe

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from .throttle import TooMany, Why

# OWASP's password storage cheat sheet: Argon2id with 19 MiB, 2 passes, 1 lane
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash("nobody's password: hashed so that an unknown address takes as long as a known one")
COME_BACK_SECONDS = 2.0


class Crowded(Exception):
    """Too many passwords wait to be hashed: come back after `retry_after` seconds."""

    retry_after = int(COME_BACK_SECONDS)


class Passwords:
    """Hashes and checks passwords. `at_once` bounds the memory (19 MiB each) and the cores that takes, `waiting` how
    many requests may wait for that; a client may have half of the places, and clients take turns."""

    def __init__(self, at_once: int = 2, waiting: int = 32) -> None:
        self._free, self._places = at_once, at_once + waiting
        self._taken: Counter[str] = Counter()
        self._lines: dict[str, deque[asyncio.Future[None]]] = {}

    @cached_property
    def of_nobody(self) -> str:
        """The hash of a password that nobody knows: to try one against it takes as long as against another."""
        return _hasher.hash(token_urlsafe())

    @contextmanager
    def place(self, client: str) -> Iterator[None]:
        """A place for a request that needs a password hashed: taken before anything else is done for it, so that
        those who are sent away cost nothing and those who are not wait a short time. Raises Crowded, or TooMany."""
        if 2 * self._taken[client] >= self._places:
            raise TooMany(Why.QUEUE, COME_BACK_SECONDS)
        if self._taken.total() >= self._places:
            raise Crowded
        self._taken[client] += 1
        try:
            yield
        finally:
            self._taken[client] -= 1
            self._taken += Counter()  # forgets clients with none

    async def hash(self, password: str, client: str, *, like: str | None = None) -> str:
        """The password's hash; with the salt of `like`, so that the same password has the same hash."""
        async with self._turn(client):
            return await asyncio.to_thread(_hasher.hash, password, salt=_salt_of(like) if like else None)

    async def match(self, password_hash: str | None, password: str, client: str) -> bool:
        """Whether the password is right; takes as long for an account that does not exist (hash None)."""
        async with self._turn(client):
            return await asyncio.to_thread(_matches, password_hash or _NOBODY, password) and password_hash is not None

    @asynccontextmanager
    async def _turn(self, client: str) -> AsyncIterator[None]:
        if self._free:
            self._free -= 1
        else:
            await self._stand_in_line(client)
        try:
            yield
        finally:
            self._call_next()

    async def _stand_in_line(self, client: str) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._lines.setdefault(client, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._call_next()  # it was called just as it left
            raise

    def _call_next(self) -> None:
        while self._lines:
            client, line = next(iter(self._lines.items()))
            del self._lines[client]
            turn = line.popleft()
            if line:
                self._lines[client] = line  # behind those of the others
            if not turn.cancelled():
                turn.set_result(None)
                return
        self._free += 1


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _salt_of(password_hash: str) -> bytes:
    salt = password_hash.split("$")[4]
    return base64.b64decode(salt + "=" * (-len(salt) % 4))
