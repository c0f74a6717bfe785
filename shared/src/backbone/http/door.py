"""The door of a service: connections that have deadlines, and a cap for each client.

uvicorn waits for a request for as long as it takes: a client that connects and says nothing, or a byte a second, holds
its place for ever, and once all places are held nobody gets in. Here every wait for a client has an end, no client
holds more than its share, and when all places are taken the one that has been silent longest makes room.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from .problem_kinds import MEDIA_TYPE, Kind, body_of, kind_of
from .traced import believing

log = logging.getLogger(__name__)

Networks = Sequence[IPv4Network | IPv6Network]


@dataclass(frozen=True)
class Limits:
    """How long a client may take, in seconds, and how many connections there may be."""

    head: float = 10.0
    """From the connection, or the last answer, to the end of a request's headers."""
    body: float = 30.0
    """From there to the end of its body, and as long again as `pace` allows for its length."""
    pace: float = 64 * 1024.0
    """Bytes in a second, of a body whose length was said: a file comes over a slow line too."""
    rest: float = 5.0
    """For the rest of a body that was answered before it was read."""
    reading: float = 30.0
    """For the next part of an answer (about 50 KiB) to be taken."""
    leaving: float = 2.0
    """From a farewell to the end of the connection."""
    most: int = 400
    most_of_client: int = 100
    """The address that connects; reverse proxies that are trusted have no cap."""


class _Awaits(Enum):
    HEAD = auto()
    BODY = auto()
    REST = auto()
    END = auto()
    NOTHING = auto()


@dataclass
class Tally:
    """Says in the log how many connections were ended, at most once a minute: a flood must not flood the log too."""

    ended: Counter[str] = field(default_factory=Counter)
    counts: Callable[[str], None] = lambda why: None
    """Is told of each, besides."""
    _next: asyncio.TimerHandle | None = None

    def note(self, why: str, loop: asyncio.AbstractEventLoop) -> None:
        self.ended[why] += 1
        self.counts(why)
        if self._next is None:
            self._say(loop)

    def _say(self, loop: asyncio.AbstractEventLoop) -> None:
        if self.ended:
            log.warning("connections were ended", extra=dict(self.ended))
            self.ended.clear()
            self._next = loop.call_later(60.0, self._say, loop)
        else:
            self._next = None


class Door(H11Protocol):
    """One connection. `opened` makes the class that uvicorn is given."""

    limits: ClassVar[Limits]
    proxies: ClassVar[Networks]
    tally: ClassVar[Tally]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.awaits = _Awaits.NOTHING
        self.since = 0.0
        self.unread_since: float | None = None
        self._due: asyncio.TimerHandle | None = None
        self._reader_due: asyncio.TimerHandle | None = None

    # --- what the transport tells ----------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._is_of_proxy():
            self.app = believing(self.app)
        self._await(_Awaits.HEAD, self.limits.head)
        if len(self.connections) > 2 * self.limits.most:  # even farewells take room
            last = self._longest(_Awaits.END) or self
            last._abort("all_taken")
            if last is self:
                return
        if self._shares_of_client() > self.limits.most_of_client:
            self._farewell(kind_of(429), "Trop de connexions ouvertes depuis votre adresse ; fermez-en.", "over_share")
        elif self._places_taken() > self.limits.most and not self._make_room():
            self._farewell(kind_of(503), "Trop de monde à la fois. Réessayez dans quelques instants.", "all_taken")

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for timer in (self._due, self._reader_due):
            if timer:
                timer.cancel()

    def data_received(self, data: bytes) -> None:
        if self.awaits is not _Awaits.END:
            super().data_received(data)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.unread_since = self.loop.time()
        self._reader_due = self.loop.call_later(self.limits.reading, self._abort, "slow_reader")

    def resume_writing(self) -> None:
        super().resume_writing()
        self.unread_since = None
        if self._reader_due:
            self._reader_due.cancel()

    # --- what uvicorn does with it ---------------------------------------------------------------

    def handle_events(self) -> None:
        super().handle_events()
        self._look()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._look()

    def send_400_response(self, msg: str) -> None:
        self._farewell(kind_of(400), "Ce n’est pas une demande HTTP que nous sachions lire.", "no_request")

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._look()

    def shutdown(self) -> None:
        if self.awaits is not _Awaits.END:
            super().shutdown()
            self._look()

    # --- what is awaited -------------------------------------------------------------------------

    def _look(self) -> None:
        """Sees what is awaited of the client now, and by when."""
        theirs = self.conn.their_state
        if self.awaits is _Awaits.END:
            return
        if self.transport.is_closing():
            self._await(_Awaits.END, self.limits.leaving)  # what is still unsent must not keep it open
        elif theirs is h11.IDLE:
            self._await(_Awaits.HEAD, self.limits.head)
        elif theirs is h11.SEND_BODY and self.cycle.response_complete:
            self._await(_Awaits.REST, self.limits.rest)
        elif theirs is h11.SEND_BODY:
            self._await(_Awaits.BODY, self.limits.body + self._length_said() / self.limits.pace)
        else:
            self._await(_Awaits.NOTHING)

    def _length_said(self) -> int:
        """Of the body that comes, as its head says it; a route refuses at once what is too much for it."""
        said = next((value for name, value in self.headers if name == b"content-length"), b"0")
        return int(said) if said.isdigit() and len(said) < 10 else 0

    def _await(self, what: _Awaits, seconds: float | None = None) -> None:
        if what is self.awaits:
            return
        if self._due:
            self._due.cancel()
        self.awaits, self.since = what, self.loop.time()
        self._due = self.loop.call_later(seconds, self._overdue) if seconds is not None else None

    def _overdue(self) -> None:
        if self.awaits is _Awaits.HEAD and not self.conn.trailing_data[0]:
            self.tally.note("silent", self.loop)
            self.transport.close()
            self._look()
        elif self.awaits in (_Awaits.HEAD, _Awaits.BODY) and not self._is_answering():
            self._farewell(kind_of(408), "Votre demande arrive trop lentement. Réessayez.", "slow")
        else:
            self._abort("left_behind" if self.awaits is _Awaits.END else "slow")

    def _is_answering(self) -> bool:
        return self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete

    # --- how it ends -----------------------------------------------------------------------------

    def _farewell(self, kind: Kind, detail: str, why: str) -> None:
        """Says why, and ends. The client is given a moment to read it: closed at once, with something of theirs
        unread, the connection would be reset and the words lost."""
        self.tally.note(why, self.loop)
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._unset_keepalive_if_required()
        self.transport.write(_answer(kind, detail))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._await(_Awaits.END, self.limits.leaving)
        self.flow.resume_reading()

    def _abort(self, why: str) -> None:
        if why != "left_behind":
            self.tally.note(why, self.loop)
        self.transport.abort()

    # --- whose places ----------------------------------------------------------------------------

    def _everybody(self) -> Iterator[Door]:
        return (connection for connection in self.connections if isinstance(connection, Door))

    def _places_taken(self) -> int:
        return sum(1 for other in self._everybody() if other.awaits is not _Awaits.END)

    def _is_of_proxy(self) -> bool:
        return self.client is not None and any(ip_address(self.client[0]) in network for network in self.proxies)

    def _shares_of_client(self) -> int:
        """How many places this connection's client holds, this one included; 0 for a proxy that is trusted."""
        if self.client is None or self._is_of_proxy():
            return 0
        mine = (other for other in self._everybody() if other.client and other.client[0] == self.client[0])
        return sum(1 for other in mine if other.awaits is not _Awaits.END)

    def _make_room(self) -> bool:
        """Ends the connection whose client has been waited for longest; False if none is."""
        longest = self._longest(_Awaits.HEAD, _Awaits.BODY, _Awaits.REST)
        if longest is None:
            return False
        if longest.awaits is _Awaits.BODY and not longest._is_answering():
            longest._farewell(
                kind_of(503), "Trop de monde à la fois, et votre demande tardait. Réessayez.", "made_room"
            )
        else:
            longest._abort("made_room")
        return True

    def _longest(self, *awaited: _Awaits) -> Door | None:
        """The other connection whose client has been waited for longest, to do one of these, or to read."""
        waited_for = {
            other: other.since if other.awaits in awaited else other.unread_since
            for other in self._everybody()
            if other is not self and (other.awaits in awaited or other.unread_since is not None)
        }
        return min(waited_for, key=lambda other: waited_for[other] or 0.0, default=None)


def opened(limits: Limits, proxies: Networks = (), counts: Callable[[str], None] = lambda why: None) -> type[Door]:
    """The class of the connections of one server; `counts` is told why one of them was ended."""
    return type("OpenedDoor", (Door,), {"limits": limits, "proxies": proxies, "tally": Tally(counts=counts)})


def _answer(kind: Kind, detail: str) -> bytes:
    body = json.dumps(body_of(kind, detail), ensure_ascii=False).encode()
    head = (
        f"HTTP/1.1 {kind.status} {kind.phrase}",
        f"Content-Type: {MEDIA_TYPE}",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        *(("Retry-After: 5",) if kind.status in (429, 503) else ()),
        "Connection: close",
    )
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body
