"""Bodies that are made and compressed once, and sent many times, or not at all to who has them already."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from mimetypes import guess_type
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

FOR_A_MOMENT = "public, max-age=0, s-maxage=30, stale-while-revalidate=60"
FOR_EVER = "public, max-age=31536000, immutable"  # for addresses that change with their content
NEVER = "no-store"


@dataclass(frozen=True)
class Packed:
    """A body with its fingerprint, compressed once however often it is sent."""

    body: bytes
    media_type: str
    cache: str = FOR_A_MOMENT

    @cached_property
    def etag(self) -> str:
        # weak: the same fingerprint stands for the body compressed or not
        return f'W/"{blake2b(self.body, digest_size=12).hexdigest()}"'

    @cached_property
    def gzipped(self) -> bytes:
        return gzip.compress(self.body, compresslevel=6, mtime=0)

    def respond(self, request: Request, *, status: int = 200, open_to_all: bool = False) -> Response:
        """The body as this client takes it; nothing but the headers (304) where it has it already."""
        # what is wrong now may be right in a moment
        headers = {"ETag": self.etag, "Vary": "Accept-Encoding", "Cache-Control": self.cache if status < 400 else NEVER}
        if open_to_all:
            headers["Access-Control-Allow-Origin"] = "*"
        if status == 200 and self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
        if takes_gzip:
            headers["Content-Encoding"] = "gzip"
        content = self.gzipped if takes_gzip else self.body
        return Response(content, status, headers, media_type=self.media_type)


def page(html: str) -> Packed:
    """A page for people."""
    return Packed(html.encode(), "text/html; charset=utf-8")


class Kept:
    """The bodies that were asked for last, by what they depend on."""

    def __init__(self, most: int) -> None:
        self._most, self._bodies = most, OrderedDict[Hashable, Packed]()

    def get(self, key: Hashable, make: Callable[[], Packed]) -> Packed:
        """The body of this key, made now if it is not at hand."""
        if key not in self._bodies:
            self._bodies[key] = make()
            if len(self._bodies) > self._most:
                self._bodies.popitem(last=False)
        self._bodies.move_to_end(key)
        return self._bodies[key]


class Shelf:
    """The files of a folder, read once, under an address that changes with any of them."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): Packed(path.read_bytes(), _media_type(path), FOR_EVER)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        etags = "".join(f"{name} {packed.etag}\n" for name, packed in self._files.items())
        self.address = f"/static/{blake2b(etags.encode(), digest_size=6).hexdigest()}"

    def get(self, name: str) -> Packed | None:
        """The file of this name, or None."""
        return self._files.get(name)


def _media_type(path: Path) -> str:
    media_type = guess_type(path.name)[0] or "text/plain"
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
