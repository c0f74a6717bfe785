"""Who is asking: short-lived tokens that registration signs (EdDSA) and every service checks by itself.

AccessDenied
├── NotSignedIn   no token, or one that is expired, forged or for somebody else
└── NotAllowed    a good token, without the role or region that is asked for
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

AUDIENCE = "semaine-industrie"
ISSUER = "registration"
TOKEN_LIFE = timedelta(minutes=15)
KEYS_LIFE_SECONDS = 600.0
KEYS_PAUSE_SECONDS = 15.0  # between two look-ups for a key that is not known, so that forged tokens cause no traffic
AWAY_PAUSE_SECONDS = 2.0  # between two look-ups while registration is away: each may take as long as its time-out
CLOCKS_DIFFER_BY = timedelta(seconds=10)  # a token signed by a machine whose clock is a little ahead is good at once


class AccessDenied(Exception):
    """The caller may not do this."""


class NotSignedIn(AccessDenied):
    """Nobody has shown who they are."""


class NotAllowed(AccessDenied):
    """The caller is known, and may not."""


@dataclass(frozen=True)
class Caller:
    """Who is asking: an account, its role (`organiser`, `reviewer`, `coordinator`, `administrator`), its regions, the
    organisation they work for, which keeps them from deciding in its cause, the name that their colleagues read, and
    the session that they have begun by signing in."""

    account_id: UUID
    role: str
    regions: frozenset[str] = frozenset()
    organisation: str = ""
    name: str = ""
    session_id: UUID | None = None


class KeySource(Protocol):
    """Knows registration's public keys by their id."""

    async def key(self, key_id: str) -> Any:
        """Raises NotSignedIn for a key that is not registration's."""
        ...


class Signer:
    """Registration's private key: signs tokens and shows its public half, and those of `others` (by their ids), which
    are about to sign or have signed until lately."""

    def __init__(
        self, private_key: Ed25519PrivateKey, key_id: str, others: Mapping[str, Ed25519PublicKey] | None = None
    ) -> None:
        self._private, self._key_id = private_key, key_id
        self._public = {key_id: private_key.public_key(), **(others or {})}

    def sign(self, caller: Caller) -> str:
        now = datetime.now(UTC)
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(caller.account_id),
            "role": caller.role,
            "regions": sorted(caller.regions),
            "organisation": caller.organisation,
            "name": caller.name,
            "iat": now,
            "exp": now + TOKEN_LIFE,
            **({"sid": str(caller.session_id)} if caller.session_id else {}),
        }
        return self.encode(claims)

    def encode(self, claims: Mapping[str, Any]) -> str:
        """These claims as a token that the public half verifies."""
        return jwt.encode(dict(claims), self._private, algorithm="EdDSA", headers={"kid": self._key_id})

    def jwks(self) -> dict[str, Any]:
        return {
            "keys": [{**_as_jwk(key), "kid": kid, "use": "sig", "alg": "EdDSA"} for kid, key in self._public.items()]
        }

    async def key(self, key_id: str) -> Any:
        if key_id not in self._public:
            raise NotSignedIn("unknown key")
        return self._public[key_id]


def _as_jwk(key: Ed25519PublicKey) -> dict[str, Any]:
    jwk: dict[str, Any] = jwt.algorithms.OKPAlgorithm.to_jwk(key, as_dict=True)
    return jwk


class PublishedKeys:
    """Registration's public keys, fetched from its JWKS address and kept for ten minutes."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, Any] = {}
        self._fetched_at = self._asked_at = -math.inf
        self._fetching = asyncio.Lock()

    async def key(self, key_id: str) -> Any:
        async with self._fetching:
            now = time.monotonic()
            wanted = KEYS_LIFE_SECONDS if key_id in self._keys else KEYS_PAUSE_SECONDS
            if now - self._fetched_at > wanted and now - self._asked_at > AWAY_PAUSE_SECONDS:
                await self._fetch()
        if key_id not in self._keys:
            raise NotSignedIn("unknown key")
        return self._keys[key_id]

    async def _fetch(self) -> None:
        try:
            async with httpx.AsyncClient(timeout=5.0, follow_redirects=False) as client:
                answer = (await client.get(self._url)).raise_for_status()
            keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        except (httpx.HTTPError, ValueError, AttributeError, jwt.PyJWTError):
            return  # registration is away, or answers with no set of keys: those known so far still hold
        finally:
            self._asked_at = time.monotonic()
        self._keys = {key.key_id: key.key for key in keys if key.key_id}
        self._fetched_at = time.monotonic()


async def read_token(token: str, keys: KeySource) -> Caller:
    """The caller that the token names. Raises NotSignedIn."""
    try:
        key_id = jwt.get_unverified_header(token).get("kid", "")
        claims = jwt.decode(
            token,
            await keys.key(key_id),
            algorithms=["EdDSA"],
            audience=AUDIENCE,
            issuer=ISSUER,
            leeway=CLOCKS_DIFFER_BY,
            options={"require": ["exp", "iat", "sub", "role"]},
        )
        organisation, name = str(claims.get("organisation", "")), str(claims.get("name", ""))
        regions = frozenset(claims.get("regions", ()))
        session_id = UUID(claims["sid"]) if "sid" in claims else None
        return Caller(UUID(claims["sub"]), str(claims["role"]), regions, organisation, name, session_id)
    except (jwt.PyJWTError, ValueError) as error:
        raise NotSignedIn(type(error).__name__) from None
