"""The caller of a FastAPI route, from the `Authorization: Bearer …` header."""

from __future__ import annotations

from fastapi import Request
from fastapi.security import HTTPBearer

from .access import Caller, KeySource, NotAllowed, NotSignedIn, read_token

bearer = HTTPBearer(auto_error=False, description="Jeton obtenu par POST /v1/tokens du service d’inscription")
"""The scheme as the API's documentation shows it: add it to the dependencies of a router."""


async def caller_of(request: Request, keys: KeySource, *roles: str) -> Caller:
    """Who makes this request. Raises NotSignedIn, or NotAllowed if `roles` are given and theirs is none of them."""
    shown = await bearer(request)
    if shown is None:
        raise NotSignedIn("no token")
    caller = await read_token(shown.credentials, keys)
    if roles and caller.role not in roles:
        raise NotAllowed(caller.role)
    return caller
