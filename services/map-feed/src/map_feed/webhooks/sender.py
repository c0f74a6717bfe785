"""What goes out to receivers, by HTTP, to addresses that were checked; of what comes back, the status and a few words.

NoDestination    the name leads to where nothing is sent
OSError          no answer: not reached, no TLS, cut off, too slow

No redirect is followed, no proxy of the environment is asked, and the name is looked up once for each connection, which
is then made to the address that was checked: a name that leads elsewhere a moment later leads nowhere new.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from ..domain.destinations import Address, Destinations, NoDestination, Target, read_address, target_of, unwrapped

LOOK_UP_SECONDS = 5.0
SECONDS = 10.0  # for a request as a whole
MOST_BYTES = 4096  # of an answer's body; where there is more, the connection is closed
MOST_WORDS = 200  # of them are kept
IDLE_SECONDS = 20.0  # a connection is kept open between two requests
LOOK_UPS = 128  # at once: a name that is looked up for long keeps no other waiting

Resolve = Callable[[str, int], Awaitable[list[Address]]]
_TIMES = {"timeout": {"connect": 5.0, "read": SECONDS, "write": 5.0, "pool": 1.0}}


@dataclass(frozen=True)
class Answer:
    """What a receiver said: the status, a few words, and after how many seconds it asks to be called again."""

    status: int
    words: str = ""
    retry_after: float | None = None

    @property
    def is_taken(self) -> bool:
        return 200 <= self.status < 300


class Resolver:
    """Asks the system for the addresses of a name, in threads of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOK_UPS, thread_name_prefix="look-up")

    async def __call__(self, host: str, port: int) -> list[Address]:
        def look_up() -> list[Any]:
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)

        found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        return list(dict.fromkeys(read_address(where[0]) for *_, where in found))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class _Checked(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked, and to nothing else."""

    def __init__(self, scheme: str, allowed: Destinations, resolve: Resolve) -> None:
        self._scheme, self._allowed, self._resolve = scheme, allowed, resolve
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the name is httpcore's)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self.addresses(Target(self._scheme, host, port))
        failed: Exception | None = None
        for address in addresses:
            try:
                stream = await self._plain.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
                continue
            if self._leads_back(stream):
                await stream.aclose()
                raise NoDestination(f"{host} leads to {address}, which is this machine")
            return stream
        raise failed or httpcore.ConnectError("nowhere")

    async def addresses(self, target: Target) -> list[Address]:
        """All that the name leads to, each of them checked. Raises NoDestination, and OSError."""
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                addresses = await self._resolve(target.host, target.port)
        except (socket.gaierror, UnicodeError):
            raise OSError(f"no answer: nobody knows the name {target.host}") from None
        self._allowed.check(target, addresses)
        return addresses

    def _leads_back(self, stream: httpcore.AsyncNetworkStream) -> bool:
        """Whether the other end is this very machine, at an address that looks like anybody's."""
        here, there = stream.get_extra_info("client_addr"), stream.get_extra_info("server_addr")
        is_same = bool(here and there and here[0] == there[0])
        return is_same and not self._allowed.is_inside(unwrapped(read_address(there[0])))

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise NoDestination("nothing is sent to a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Line:
    """One receiver, by one connection at a time."""

    def __init__(self, url: str, pool: httpcore.AsyncConnectionPool) -> None:
        self._url, self._pool, self._is_used = url, pool, False

    async def post(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Raises NoDestination, and OSError where there was no answer."""
        told = _host(self._url, {**headers, "Content-Length": str(len(body))})
        try:
            async with asyncio.timeout(SECONDS):
                if self._is_used:
                    with suppress(httpcore.NetworkError, httpcore.ProtocolError):
                        return await self._ask(told, body)
                    # a connection that was kept open and was closed just then, which is nobody's failure: by another
                return await self._ask(told, body)
        except TimeoutError:
            raise OSError(f"no answer within {SECONDS:.0f} s") from None
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise OSError(f"no answer: {type(error).__name__} {_printable(str(error))}".strip()) from error

    async def _ask(self, headers: list[tuple[bytes | str, bytes | str]], body: bytes) -> Answer:
        self._is_used = False
        async with self._pool.stream("POST", self._url, headers=headers, content=body, extensions=_TIMES) as response:
            answer = Answer(response.status, await _first_words(response), _retry_after(response))
        self._is_used = True
        return answer


class Sender:
    """Opens lines to receivers."""

    def __init__(self, allowed: Destinations, *, resolve: Resolve | None = None, tls: Any = None) -> None:
        self._allowed = allowed
        self._own = None if resolve else Resolver()
        self._resolve = resolve or self._own
        self._tls = tls or httpx.create_ssl_context()

    async def check(self, url: str) -> None:
        """Whether something may be sent there as things are now. Raises NoDestination, and OSError for a name that
        nobody knows."""
        target = target_of(url)
        assert self._resolve
        await _Checked(target.scheme, self._allowed, self._resolve).addresses(target)

    @asynccontextmanager
    async def to(self, url: str) -> AsyncIterator[Line]:
        """A line to this address. Raises NoDestination, before anything is looked up, where it is none."""
        target = target_of(url)
        assert self._resolve
        async with httpcore.AsyncConnectionPool(
            ssl_context=self._tls,
            max_connections=1,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=_Checked(target.scheme, self._allowed, self._resolve),
        ) as pool:
            yield Line(url, pool)

    def close(self) -> None:
        if self._own:
            self._own.close()


def _host(url: str, headers: Mapping[str, str]) -> list[tuple[bytes | str, bytes | str]]:
    return [("Host", url.split("://", 1)[1].split("/", 1)[0].split("?", 1)[0]), *headers.items()]


async def _first_words(response: httpcore.Response) -> str:
    """The beginning of the body. What is longer than it may be is not read to its end."""
    read = b""
    async for part in response.aiter_stream():
        read += part
        if len(read) > MOST_BYTES:
            break
    return _printable(read[:MOST_BYTES].decode(errors="replace"))


def _printable(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:MOST_WORDS]


def _retry_after(response: httpcore.Response) -> float | None:
    told = {name.lower(): value for name, value in response.headers}.get(b"retry-after", b"").decode("latin-1")
    return float(told) if re.fullmatch(r"\d{1,6}", told, re.ASCII) else None
