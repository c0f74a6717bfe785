"""The signing keys, and the secrets that are made from them."""

from __future__ import annotations

import hashlib
import re

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key


def read_private_keys(pem: str) -> list[Ed25519PrivateKey]:
    """The signing keys, one PEM below the other: the first signs, and what any of them has signed is believed, so that
    one takes the place of another and nobody is signed out. Raises ValueError if one is no Ed25519 key in PEM."""
    blocks = _BLOCK.findall(pem)
    keys = [load_pem_private_key(block.encode(), password=None) for block in blocks or [pem]]
    if not all(isinstance(key, Ed25519PrivateKey) for key in keys):
        raise ValueError("REGISTRATION_SIGNING_KEY holds a key that is no Ed25519 private key")
    return [key for key in keys if isinstance(key, Ed25519PrivateKey)]


_BLOCK = re.compile(r"-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----", re.DOTALL)


def key_id(key: Ed25519PrivateKey) -> str:
    """A short name for a key, from its public half: another key has another name."""
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(public).hexdigest()[:16]


def secret_of(key: Ed25519PrivateKey, purpose: str) -> bytes:
    """A secret that all replicas share, for one purpose."""
    return hashlib.blake2b(purpose.encode(), key=key.private_bytes_raw()).digest()
