"""The signing key, and the secrets that are made from it."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key


def read_private_key(pem: str) -> Ed25519PrivateKey:
    """The signing key. Raises ValueError if it is no Ed25519 key in PEM."""
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("REGISTRATION_SIGNING_KEY is not an Ed25519 private key")
    return key


def key_id(key: Ed25519PrivateKey) -> str:
    """A short name for a key, from its public half: another key has another name."""
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(public).hexdigest()[:16]


def secret_of(key: Ed25519PrivateKey, purpose: str) -> bytes:
    """A secret that all replicas share, for one purpose."""
    return hashlib.blake2b(purpose.encode(), key=key.private_bytes_raw()).digest()
