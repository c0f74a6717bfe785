"""addok, the geocoder behind the national address base, on the loopback; and what the national service adds to it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Any, Self

import httpx
from aiohttp import ClientSession, web

from local_stack.ports import HOST, free_port
from local_stack.server import Program, Server
from provision.errors import CannotStart

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[4]
PROGRAMS = ROOT / ".local" / "addok" / "bin"


@contextmanager
def addok_with(places: Iterable[dict[str, Any]], folder: Path) -> Iterator[str]:
    """The address of an addok that knows these places. Raises CannotStart."""
    file = folder / "places.json"
    with file.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(place, ensure_ascii=False) + "\n" for place in places)
    redis, front, index, port = Server(folder / "redis.pid", folder / "redis.log"), None, free_port(), free_port()
    told = {
        "ADDOK_CONFIG_MODULE": str(HERE / "addok.conf"),
        "ADDOK_SQLITE_DB_PATH": str(folder / "addok.db"),
        "ADDOK_LOG_DIR": str(folder),
        "REDIS_HOST": HOST,
        "REDIS_PORT": str(index),
    }
    try:
        redis.start(_redis(folder, index), lambda: _pong(index), deadline=60)
        for step in (["batch", str(file)], ["ngrams"]):
            _load(step, told, folder)
        front = Server(folder / "addok.pid", folder / "addok.log")
        front.start(_addok(folder, port, told), lambda: _answers(port), deadline=120)
        yield f"http://{HOST}:{port}"
    finally:
        if front:
            front.stop()
        redis.stop()


def _redis(folder: Path, port: int) -> Program:
    program = shutil.which("redis-server")
    if program is None:
        # Debian's redis-tools has it, under another name, and starts no server of its own beside ours
        if (found := shutil.which("redis-check-rdb")) is None:
            raise CannotStart("Redis is not here: apt-get install redis-tools, or have redis-server in the PATH")
        program = str(folder / "redis-server")
        Path(program).symlink_to(found)
    told = ["--bind", HOST, "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(folder)]
    return Program("Redis", [program, *told], str(folder), folder)


def _addok(folder: Path, port: int, told: dict[str, str]) -> Program:
    words = ["--workers", "2", "--bind", f"{HOST}:{port}", "--timeout", "120"]  # a starved worker is not a hung one
    argv = [str(PROGRAMS / "gunicorn"), *words, "addok.http.wsgi:application"]
    return Program("addok", argv, str(folder), folder, environment=told)


def _load(step: list[str], told: dict[str, str], folder: Path) -> None:
    done = subprocess.run([PROGRAMS / "addok", *step], env={**os.environ, **told}, cwd=folder, capture_output=True)
    if done.returncode:
        raise CannotStart(f"addok {step[0]}: {done.stderr.decode()[-2000:]}")


def _pong(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=2.0) as asked:
            asked.sendall(b"PING\r\n")
            return asked.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://{HOST}:{port}/search", params={"q": "Paris"}, timeout=2.0).is_success
    except httpx.TransportError:
        return False


MOST, WAIT = 50, 5.0
"""Questions a second, and for how long none is answered after more: as the national service tells of itself."""


class Front:
    """What the national service has and addok has not: its path, and that it answers 429 to who asks too often."""

    def __init__(self, addok: str, most: int = MOST, within: float = 1.0) -> None:
        """`most` questions `within` so many seconds are not too many."""
        self.asked = self.refused = 0
        self._within = within
        self._addok, self._lately, self._shut_until = addok, deque[float](maxlen=most), 0.0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/geocodage/search", self._search)
        self._client, self._runner = ClientSession(), web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0).start()
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}/geocodage"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._client.close()

    async def _search(self, request: web.Request) -> web.Response:
        self.asked += 1
        if (wait := self._wait()) > 0:
            self.refused += 1
            return web.Response(status=429, headers={"Retry-After": str(ceil(wait))})
        async with self._client.get(f"{self._addok}/search", params=request.query) as answer:
            return web.Response(status=answer.status, body=await answer.read(), content_type=answer.content_type)

    def _wait(self) -> float:
        now = time.monotonic()
        if len(self._lately) == self._lately.maxlen and now - self._lately[0] < self._within:
            self._shut_until = now + WAIT
            self._lately.clear()  # who goes on asking like that is shut out anew
        self._lately.append(now)
        return self._shut_until - now
