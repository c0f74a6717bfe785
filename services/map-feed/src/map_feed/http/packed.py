"""Bodies that are made and compressed once, and sent many times, or not at all to who has them already."""

from __future__ import annotations

import asyncio
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

from backbone.http.negotiation import has_it, takes_gzip

READ_ONLY = ["GET", "HEAD"]
FOR_A_MOMENT = "public, max-age=0, s-maxage=30, stale-while-revalidate=60"
FOR_EVER = "public, max-age=31536000, immutable"  # for addresses that change with their content
FOR_A_DAY = "public, max-age=86400"
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

    @property
    def is_worth_packing(self) -> bool:
        return not self.media_type.startswith("image/") or self.media_type == "image/svg+xml"

    def packed(self) -> Packed:
        """The same, with its fingerprint and its compressed form at hand: to be called in a thread."""
        _ = self.etag, self.is_worth_packing and self.gzipped
        return self

    def respond(self, request: Request, *, status: int = 200, open_to_all: bool = False) -> Response:
        """The body as this client takes it; nothing but the headers where it has it already (304), or for HEAD."""
        # what is wrong now may be right in a moment
        headers = {"ETag": self.etag, "Vary": "Accept-Encoding", "Cache-Control": self.cache if status < 400 else NEVER}
        if open_to_all:
            headers["Access-Control-Allow-Origin"] = "*"
        if status == 200 and has_it(request.headers.get("if-none-match", ""), self.etag):
            return Response(status_code=304, headers=headers)
        content = self.body
        if self.is_worth_packing and takes_gzip(request.headers.getlist("accept-encoding")):
            headers["Content-Encoding"] = "gzip"
            content = self.gzipped
        headers["Content-Length"] = str(len(content))
        return Response(b"" if request.method == "HEAD" else content, status, headers, media_type=self.media_type)


def page(html: str) -> Packed:
    """A page for people."""
    return Packed(html.encode(), "text/html; charset=utf-8")


class TooBusy(Exception):
    """More bodies are waiting to be made than will be in reasonable time."""


class Press:
    """Makes bodies in threads, few at a time, so that the event loop answers others meanwhile. Raises TooBusy."""

    def __init__(self, at_once: int = 2, waiting: int = 64) -> None:
        self._turn, self._most, self._orders = asyncio.Semaphore(at_once), at_once + waiting, 0

    async def make(self, make: Callable[[], Packed]) -> Packed:
        if self._orders >= self._most:
            raise TooBusy
        self._orders += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(lambda: make().packed())
        finally:
            self._orders -= 1


class Kept:
    """The bodies that were asked for last, by what they depend on; each is made once, whoever asks meanwhile."""

    def __init__(self, press: Press, *, most: int, most_bytes: int) -> None:
        self._press, self._most, self._most_bytes = press, most, most_bytes
        self._bodies = OrderedDict[Hashable, Packed]()
        self._in_press: dict[Hashable, asyncio.Task[Packed]] = {}

    async def get(self, key: Hashable, make: Callable[[], Packed]) -> Packed:
        """The body of this key, made now if it is not at hand. Raises TooBusy, and whatever `make` does."""
        if packed := self._bodies.get(key):
            self._bodies.move_to_end(key)
            return packed
        if key not in self._in_press:
            task = self._in_press[key] = asyncio.create_task(self._press.make(make))
            task.add_done_callback(lambda done: self._keep(key, done))
        # a client that goes away must not end it for the others
        return await asyncio.shield(self._in_press[key])

    def _keep(self, key: Hashable, done: asyncio.Task[Packed]) -> None:
        del self._in_press[key]
        if done.cancelled() or done.exception():
            return
        self._bodies[key] = done.result()
        while len(self._bodies) > 1 and (len(self._bodies) > self._most or self._size > self._most_bytes):
            self._bodies.popitem(last=False)

    @property
    def _size(self) -> int:
        return sum(len(packed.body) for packed in self._bodies.values())


class Shelf:
    """The files of a folder, read and compressed once, under an address that changes with any of them."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): Packed(path.read_bytes(), _media_type(path), FOR_EVER).packed()
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
