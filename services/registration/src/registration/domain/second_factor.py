"""The second factor: six digits that change each half minute (TOTP, RFC 6238), or a recovery code where the telephone
that shows them is lost.

Written out here: it is ten lines of the standard library and has test vectors, and a library that only says whether a
code is right does not say which half minute it was of, without which one code would serve twice.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
SECRET_BYTES = 20  # as RFC 4226 has it: what all apps read
RECOVERY_CODES = 10
ISSUER = "Semaine de l’industrie"
_AROUND = (-1, 0, 1)  # a clock that is half a minute off, or a slow typist
_DIGITS = 6
_GROUPS, _GROUP = 4, 4  # 80 bits: a hash of it needs no slow one


def new_secret() -> str:
    """A secret, in the letters that people may type."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def code_of(secret: str, step: int) -> str:
    """The code of a half minute, counted since 1970."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1)
    at = digest[-1] & 15
    number: int = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}}"


def step_at(seconds: float) -> int:
    """The half minute of an instant, in seconds since 1970."""
    return int(seconds // STEP_SECONDS)


def step_of(secret: str, code: str, *, now: float, last: int | None) -> int | None:
    """The half minute that the code is of, around now and after the `last` that was used; None: it is not good."""
    around = (step_at(now) + offset for offset in _AROUND)
    fresh = [step for step in around if last is None or step > last]
    return next((step for step in fresh if hmac.compare_digest(code_of(secret, step), code)), None)


def address_for_app(secret: str, email: str) -> str:
    """What an app reads from the picture."""
    asked = urlencode({"secret": secret, "issuer": ISSUER}, quote_via=quote)
    return f"otpauth://totp/{quote(ISSUER)}:{quote(email)}?{asked}"


def new_recovery_codes() -> list[str]:
    """Codes that serve once each: « abcd-2345-efgh-6723 »."""
    size = _GROUPS * _GROUP * 5 // 8
    drawn = (base64.b32encode(secrets.token_bytes(size)).decode().lower() for _ in range(RECOVERY_CODES))
    return ["-".join(one[at : at + _GROUP] for at in range(0, len(one), _GROUP)) for one in drawn]


def typed(code: str) -> str:
    """A code without what people put between its signs."""
    return "".join(code.split()).replace("-", "").lower()


def is_from_app(code: str) -> bool:
    """Whether what was typed looks like the digits of an app."""
    return len(code) == _DIGITS and code.isascii() and code.isdigit()


def kept(recovery_code: str) -> bytes:
    """What is kept of a recovery code."""
    return hashlib.sha256(typed(recovery_code).encode(errors="replace")).digest()
