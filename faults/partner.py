"""A partner outside: keeps one copy of the map by reading the changes, another by having them sent."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
from standardwebhooks import Webhook

from backbone.testing.waiting import until
from local_stack.health import TRUSTS_NOBODY
from local_stack.ports import HOST
from local_stack.stack import command_of

from .platform import Platform
from .public import features

Change = dict[str, Any]
LATE_SECONDS = 12.0  # longer than anybody waits for an answer


class Copy:
    """What came, one change after another, and the map that it comes to."""

    def __init__(self, name: str) -> None:
        self.name, self.events, self.begun_anew = name, dict[str, Any](), 0
        self._latest: dict[str, str] = {}
        self._seen: dict[str, list[str]] = defaultdict(list)
        self.amiss: list[str] = []

    def take(self, change: Change) -> None:
        event, at = change["data"]["event_id"], change["timestamp"]
        if change["id"] in self._seen[event]:
            return  # at least once
        if at <= self._latest.get(event, ""):
            self.amiss.append(f"{self.name}: {change['type']} of {event} at {at} came after {self._latest[event]}")
        self._latest[event] = at
        self._seen[event].append(change["id"])
        self.events[event] = change["data"]["feature"]

    def forget(self) -> None:
        self.events.clear()
        self.begun_anew += 1

    def differs(self, shown: dict[str, Any]) -> Iterator[str]:
        """What it has otherwise than the map shows it."""
        mine = {event: feature for event, feature in self.events.items() if feature is not None}
        yield from (f"{self.name} lacks {event}" for event in shown.keys() - mine.keys())
        yield from (f"{self.name} has {event}, which is not on the map" for event in mine.keys() - shown.keys())
        yield from (
            f"{self.name} has {event} otherwise" for event in shown.keys() & mine.keys() if shown[event] != mine[event]
        )


class Partner:
    """Reads and receives until it is told to stop. `behave`: how its server takes what is sent, one after another."""

    def __init__(self, platform: Platform) -> None:
        self._platform, self.read, self.sent = platform, Copy("the reader"), Copy("the receiver")
        self._behaviour: Iterator[str] = iter(())
        self._secret = ""
        self._open: set[asyncio.StreamWriter] = set()

    def behave(self, ways: Iterable[str]) -> None:
        self._behaviour = iter(ways)

    @asynccontextmanager
    async def follows(self) -> AsyncIterator[Partner]:
        server = await asyncio.start_server(self._receive, HOST, 0)
        port = server.sockets[0].getsockname()[1]
        webhook, self._secret, *_ = (await self._command("add", f"http://{HOST}:{port}/")).split()
        reading = asyncio.create_task(self._follow())
        try:
            yield self
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            with suppress(AssertionError):  # the database may be gone for good
                await self._command("remove", webhook)
            server.close()
            for writer in [*self._open]:
                writer.close()

    async def agrees(self) -> None:
        """Returns once both copies are what every replica shows; fails with how they differ."""
        left: list[str] = []

        async def is_so() -> bool:
            shown = await features(self._platform.replicas["map-feed"][0].url)
            left[:] = [*self.read.differs(shown), *self.sent.differs(shown)]
            return not left

        try:
            await until("partners have what the map shows", is_so, 90.0, pace=0.3)
        except AssertionError:
            raise AssertionError("\n".join(left[:10])) from None
        assert self.read.amiss + self.sent.amiss == []

    async def _command(self, *words: str) -> str:
        environ = self._platform.settings_of("map-feed")
        program = await asyncio.create_subprocess_exec(
            *(command_of("map-feed"), "webhooks", *words),
            env={"PATH": "/usr/bin:/bin", **environ},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, failed = await program.communicate()
        assert program.returncode == 0, failed.decode()
        return said.decode()

    async def _follow(self) -> None:
        """As docs/partners.md says, from whichever replica answers."""
        after: str | None = None
        async with httpx.AsyncClient(timeout=45.0, verify=TRUSTS_NOBODY) as client:
            while True:
                for replica in self._platform.replicas["map-feed"]:
                    asked = {"wait": "2"} | ({"after": after} if after else {})
                    try:
                        answer = await client.get(f"{replica.url}/v1/changes", params=asked)
                    except httpx.TransportError:
                        await asyncio.sleep(0.1)
                        continue
                    if answer.status_code == 410:
                        self.read.forget()
                        after = None
                    elif answer.is_success:
                        for change in answer.json()["changes"]:
                            self.read.take(change)
                        after = answer.json()["next"]
                    else:
                        await asyncio.sleep(0.2)

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while await self._take_one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass  # whoever sent it has gone
        finally:
            self._open.discard(writer)
            writer.close()

    async def _take_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        above = {name.lower(): value for name, value in (line.split(": ", 1) for line in head)}
        body = await reader.readexactly(int(above["content-length"]))
        way = next(self._behaviour, "take")
        if way == "close":
            return False
        if way == "hang":
            await asyncio.sleep(LATE_SECONDS)
            return False
        if way in ("take", "take and close"):
            Webhook(self._secret).verify(body, above)
            said = json.loads(body)
            self.sent.forget() if said["type"] == "feed.reset" else self.sent.take(said)
        if way == "take and close":
            return False
        status = b"204 No Content" if way == "take" else b"500 Internal Server Error"
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        return True
