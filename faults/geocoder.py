"""A national address service that behaves as badly as asked, on the loopback."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from backbone.contracts.event import Address
from geocoding.domain import Commune
from geocoding.gazetteer import Gazetteer
from local_stack.ports import HOST, free_port


@dataclass(frozen=True)
class Answer:
    """What is answered, and after how long."""

    status: int = 200
    body: bytes | None = None
    """None: the honest answer."""
    headers: tuple[tuple[str, str], ...] = ()
    after: float = 0.0


@dataclass(frozen=True)
class Asked:
    """One question, when it came, and the status it was answered with."""

    question: str
    at: float
    status: int


class GeocoderServer:
    """Knows every commune that the gazetteer knows; `behave` decides what each question meets."""

    def __init__(self) -> None:
        self.port = free_port()
        self.asked: list[Asked] = []
        self.behave: Callable[[int], Answer] = lambda _: Answer()
        self._gazetteer = Gazetteer.load()
        self._server: ThreadingHTTPServer | None = None
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer._serve(self)

            def log_message(self, *_: object) -> None:
                return None

        self._server = ThreadingHTTPServer((HOST, self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
        self._server = None

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        query = parse_qs(urlsplit(request.path).query)
        with self._lock:
            answer = self.behave(len(self.asked))
            self.asked.append(Asked(query["q"][0], time.monotonic(), answer.status))
        time.sleep(answer.after)
        body = self._honest(query) if answer.body is None else answer.body
        try:
            request.send_response(answer.status)
            for name, value in (*answer.headers, ("Content-Length", str(len(body)))):
                request.send_header(name, value)
            request.end_headers()
            request.wfile.write(body)
        except OSError:
            request.close_connection = True  # the asker has given up

    def _honest(self, query: dict[str, list[str]]) -> bytes:
        commune = self._commune(query)
        features: list[dict[str, Any]] = []
        if commune:
            point = {"type": "Point", "coordinates": [commune.longitude, commune.latitude]}
            known = {"type": "street", "score": 0.9, "citycode": commune.code}
            features = [{"geometry": point, "properties": known}]
        return json.dumps({"features": features}).encode()

    def _commune(self, query: dict[str, list[str]]) -> Commune | None:
        if code := query.get("citycode"):
            return self._gazetteer.by_code(code[0])
        # a city of arrondissements, or business mail: bounded by no commune
        named = re.search(r"(?P<postcode>\d{5}) (?P<city>.+)$", query["q"][0])
        found = self._gazetteer.find(Address(street=None, **named.groupdict())) if named else None
        return found.commune if found else None
