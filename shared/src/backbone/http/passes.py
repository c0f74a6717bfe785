"""A pass: registration's word that whoever bears it is given one thing that another service keeps, for a few minutes.

Who may have the thing is registration's to know; the service that keeps it knows registration by its public keys, and
asks it nothing. An access token is no pass, nor is a pass to one thing one to another: each is for its own audience.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt

from .access import CLOCKS_DIFFER_BY, ISSUER, KeySource, NotSignedIn, Signer

KIT = "kit"
"""The audience of a pass to the kit of an event."""
PASS_LIFE = timedelta(minutes=5)


class PassOver(Exception):
    """The pass has ended, or is none of registration's to this."""


def sign_pass(signer: Signer, audience: str, subject: UUID) -> tuple[str, datetime]:
    """A pass to what the audience keeps of this, and when it ends."""
    now = datetime.now(UTC).replace(microsecond=0)
    ends_at = now + PASS_LIFE
    return signer.encode({"iss": ISSUER, "aud": audience, "sub": str(subject), "iat": now, "exp": ends_at}), ends_at


async def check_pass(token: str, keys: KeySource, audience: str, subject: UUID) -> None:
    """Lets pass who bears a pass to this. Raises PassOver."""
    try:
        jwt.decode(
            token,
            await keys.key(jwt.get_unverified_header(token).get("kid", "")),
            algorithms=["EdDSA"],
            audience=audience,
            issuer=ISSUER,
            subject=str(subject),
            leeway=CLOCKS_DIFFER_BY,
            options={"require": ["exp", "iat", "aud", "sub"]},
        )
    except (jwt.PyJWTError, ValueError, NotSignedIn) as error:
        raise PassOver(type(error).__name__) from None
