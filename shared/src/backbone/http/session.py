"""Who is at a page: the cookie that registration sets at the sign-in, an access token that every service checks by
itself; and whether a form comes from a page of ours.

A page of ours may be at another origin than its service (on one machine each service has a port of its own): it then
says where it comes from, so it must not have the referrer policy `no-referrer`, which makes its Origin « null ».
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from .access import Caller, KeySource, NotAllowed, NotSignedIn, read_token

COOKIE = "session"
MOST_RETURN = 500


class ForeignForm(Exception):
    """A form that no page of ours has sent."""


async def page_caller(request: Request, keys: KeySource, *roles: str) -> Caller:
    """Who asks for a page. Raises NotSignedIn, or NotAllowed if `roles` are given and theirs is none of them."""
    token = request.cookies.get(COOKIE)
    if not token:
        raise NotSignedIn("no session")
    caller = await read_token(token, keys)
    if roles and caller.role not in roles:
        raise NotAllowed(caller.role)
    return caller


def keep_cookie(
    request: Request, response: Response, value: str, life: timedelta, *, name: str = COOKIE, path: str = "/"
) -> None:
    """Has the browser keep the cookie, which no script reads and no other site's form takes along."""
    seconds, secure = int(life.total_seconds()), not is_plain_loopback(request)
    response.set_cookie(name, value, max_age=seconds, path=path, httponly=True, samesite="lax", secure=secure)


def drop_cookie(request: Request, response: Response, *, name: str = COOKIE, path: str = "/") -> None:
    """Has the browser forget the cookie."""
    secure = not is_plain_loopback(request)
    response.delete_cookie(name, path=path, httponly=True, samesite="lax", secure=secure)


def is_plain_loopback(request: Request) -> bool:
    """Whether the door is plain HTTP on this very machine: nobody listens in between, and some browsers keep no secure
    cookie there."""
    host = request.url.hostname or ""
    try:
        is_here = ip_address(host).is_loopback
    except ValueError:
        is_here = host == "localhost"
    return is_here and request.url.scheme == "http"


def check_origin(request: Request, others: Collection[str] = ()) -> None:
    """Lets pass what a page of this service, or of one of the `others` (origins), has sent. Raises ForeignForm.

    Browsers say it in Sec-Fetch-Site, older ones in Origin; whatever says neither is no page.
    """
    if request.headers.get("sec-fetch-site") == "same-origin":
        return
    origin = request.headers.get("origin", "")
    if origin and (origin == origin_of(str(request.url)) or origin in others):
        return
    raise ForeignForm(origin)


def refuse_foreign(request: Request, others: Collection[str] = ()) -> None:
    """Lets pass what no browser says to be another site's: also what is sent by a page that says nothing, as its own
    address holds a secret. Enough where the form itself brings that secret; elsewhere ask `check_origin`.

    Raises ForeignForm.
    """
    says_where = request.headers.get("origin", "null") != "null" or "sec-fetch-site" in request.headers
    if request.method == "POST" and says_where and request.headers.get("sec-fetch-site") != "none":
        check_origin(request, others)


def origin_of(url: str) -> str:
    """`https://host:port` of an address; empty for a path."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def own_path(wanted: str) -> str | None:
    """The path of this site that somebody is to be sent back to; None for anything that could lead elsewhere."""
    is_path = wanted.startswith("/") and not wanted.startswith("//") and len(wanted) <= MOST_RETURN
    # browsers read « \ » as « / », and skip tabs and line breaks
    return wanted if is_path and wanted.isprintable() and "\\" not in wanted else None
