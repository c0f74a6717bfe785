"""The secrets of webhooks, sealed: whoever reads the database, or a copy of it, can sign nothing with them."""

from __future__ import annotations

import base64
import secrets

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SECRET_BYTES = 32  # 24 to 64, says the specification


class Unsealable(Exception):
    """The secret was sealed with a key that is not here."""


class Seal:
    """Made of one key or, while one takes the place of another, of several: the first seals, each opens."""

    def __init__(self, keys: str) -> None:
        self._fernet = MultiFernet([Fernet(_derived(key.strip())) for key in keys.split(",") if key.strip()])

    def sealed(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode()

    def opened(self, sealed: str) -> str:
        """Raises Unsealable."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise Unsealable("its secret was sealed with another key than MAP_FEED_WEBHOOKS_KEY") from None


def new_secret() -> str:
    """A secret as standardwebhooks.com writes it: whsec_…"""
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def _derived(key: str) -> bytes:
    derived = HKDF(SHA256(), 32, salt=None, info=b"map-feed webhooks").derive(key.encode())
    return base64.urlsafe_b64encode(derived)
