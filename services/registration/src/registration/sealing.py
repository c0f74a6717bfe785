"""What is sealed: secrets that must be read again, and tickets that go through a browser and back."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Unsealable(Exception):
    """It was sealed with a key that is not here, or too long ago, or never."""


class Seal:
    """Made of a key or, while one takes the place of another, of several (32 bytes each): the first seals, each opens.
    `name` tells the first from others."""

    def __init__(self, keys: Sequence[bytes], name: str) -> None:
        self._fernet, self.name = MultiFernet([Fernet(base64.urlsafe_b64encode(key[:32])) for key in keys]), name

    def sealed(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode()

    def opened(self, sealed: str, *, within: timedelta | None = None) -> str:
        """Raises Unsealable."""
        seconds = int(within.total_seconds()) if within else None
        try:
            return self._fernet.decrypt(sealed.encode(errors="replace"), ttl=seconds).decode()
        except InvalidToken:
            raise Unsealable("it was sealed with another key than REGISTRATION_SIGNING_KEY, or too long ago") from None

    def anew(self, sealed: str) -> str:
        """The same, sealed by the first key; as it was, where no key that is here opens it."""
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken:
            return sealed
