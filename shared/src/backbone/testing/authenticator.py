"""An app that shows codes (TOTP, RFC 6238), as somebody has it on their telephone who signs in with a second factor."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import struct
import time

STEP_SECONDS = 30


class Authenticator:
    """The app of one account, set up with its secret."""

    def __init__(self, secret: str) -> None:
        self.secret, self._shown = secret, 0

    def code(self) -> str:
        """What it shows now."""
        self._shown = self._step()
        digest = hmac.digest(base64.b32decode(self.secret), struct.pack(">Q", self._shown), hashlib.sha1)
        at = digest[-1] & 15
        return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"

    async def next_code(self) -> str:
        """A code that it has not shown yet: each serves once."""
        if self._step() <= self._shown:
            await asyncio.sleep((self._shown + 1) * STEP_SECONDS - time.time())
        return self.code()

    @staticmethod
    def _step() -> int:
        return int(time.time() // STEP_SECONDS)
