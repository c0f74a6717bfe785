"""Passwords: hashed with Argon2id, in threads, a few at a time."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's password storage cheat sheet: Argon2id with 19 MiB, 2 passes, 1 lane
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash("nobody's password: hashed so that an unknown address takes as long as a known one")


class Passwords:
    """Hashes and checks passwords. `at_once` bounds the memory (19 MiB each) and the cores that takes."""

    def __init__(self, at_once: int = 2) -> None:
        self._free = asyncio.Semaphore(at_once)

    async def hash(self, password: str) -> str:
        async with self._free:
            return await asyncio.to_thread(_hasher.hash, password)

    async def match(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; takes as long for an account that does not exist (hash None)."""
        async with self._free:
            return await asyncio.to_thread(_matches, password_hash or _NOBODY, password) and password_hash is not None


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
