"""Refresh tokens: opaque to whoever holds them, kept as hashes.

A token is `sdr_` and two numbers: one that names its family, and a secret of 256 bits. The next secret is made of this
one, under a key that all replicas share and no table holds: whoever asks a second time with the same is given the same.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import NamedTuple

PREFIX = "sdr_"
_FAMILY, _SECRET = 16, 32  # bytes


class Refresh(NamedTuple):
    """A refresh token."""

    family: bytes
    secret: bytes

    @classmethod
    def new(cls) -> Refresh:
        """The first of a family."""
        return cls(secrets.token_bytes(_FAMILY), secrets.token_bytes(_SECRET))

    @classmethod
    def read(cls, token: str) -> Refresh | None:
        """None for what is no token of ours."""
        try:
            both = base64.b64decode(token.removeprefix(PREFIX), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        is_one = token.startswith(PREFIX) and len(both) == _FAMILY + _SECRET
        return cls(both[:_FAMILY], both[_FAMILY:]) if is_one else None

    def __str__(self) -> str:
        return PREFIX + base64.urlsafe_b64encode(self.family + self.secret).decode()

    def next(self, key: bytes) -> Refresh:
        """The one that takes its place."""
        return self._replace(secret=hmac.digest(key, self.family + self.secret, "sha256"))

    def next_kept(self, keys: Sequence[bytes], current: bytes) -> Refresh | None:
        """The one that took its place, as it was made under one of the keys; None if that is not `current`."""
        return next((one for one in map(self.next, keys) if one.kept == current), None)

    @property
    def kept(self) -> bytes:
        """What is kept of the secret."""
        return kept(self.secret)

    @property
    def family_kept(self) -> bytes:
        """What is kept of the family's name."""
        return kept(self.family)

    @property
    def end(self) -> str:
        """What ends the family, and does nothing else."""
        return self.family.hex()


def kept(secret: bytes) -> bytes:
    """The hash of a secret that was drawn, not chosen: it needs no slow one."""
    return hashlib.sha256(secret).digest()
