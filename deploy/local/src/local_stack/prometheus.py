"""A Prometheus of our own on the loopback: it scrapes one stack and goes through the rules that every stack has."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from provision.errors import CannotStart

from .health import TRUSTS_NOBODY
from .ports import HOST, free_port
from .server import Program, Server

ROOT = Path(__file__).parents[4]
SHIPPED = ROOT / "deploy" / "observability"
UNPACKED = ROOT / ".local" / "prometheus" / "usr" / "bin"


def find_tool(name: str) -> str:
    """The path of `prometheus`, `promtool` or `amtool`: the machine's own, or what `deploy/setup` has unpacked."""
    found = shutil.which(name) or shutil.which(name, path=str(UNPACKED))
    if found is None:
        raise CannotStart(f"{name} is not here: run deploy/setup watch")
    return found


def write_targets(folder: Path, health: Iterable[tuple[str, str]]) -> None:
    """Tells Prometheus whom to scrape: services, each with the address of its health."""
    targets = [{"targets": [urlsplit(address).netloc], "labels": {"job": job}} for job, address in health]
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / "targets.json.new"
    written.write_text(json.dumps(targets))
    written.rename(folder / "targets.json")  # at once: it is read again whenever it changes


@dataclass(frozen=True)
class Alert:
    """One that fires, or is about to."""

    name: str
    severity: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    fires: bool


@dataclass
class LocalPrometheus:
    """Prometheus with the shipped configuration, in a folder in which `write_targets` says whom it scrapes.
    `every_seconds`: it scrapes and goes through the rules so often, where that is not as shipped."""

    folder: Path
    every_seconds: int | None = None
    port: int = field(default_factory=lambda: free_port(9090))
    _server: Server = field(init=False)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Returns once it answers. Raises CannotStart."""
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration = self.folder / "prometheus.yml"
        configuration.write_text(self._configured((SHIPPED / "prometheus.yml").read_text()))
        rules = self.folder / "rules"
        rules.unlink(missing_ok=True)
        rules.symlink_to(SHIPPED / "rules")
        self._server = Server(self.folder / "pid", self.folder / "log")
        program = Program(
            "Prometheus",
            [
                find_tool("prometheus"),
                f"--config.file={configuration}",
                f"--storage.tsdb.path={self.folder / 'data'}",
                "--storage.tsdb.retention.time=15d",
                f"--web.listen-address={HOST}:{self.port}",
            ],
            str(configuration),
            self.folder,
        )
        self._server.end_orphan(program)
        self._server.start(program, self._is_ready, deadline=60)

    def stop(self) -> None:
        self._server.stop()

    def alerts(self) -> list[Alert]:
        """Those that fire now, and those whose time has begun. Raises httpx.TransportError."""
        found = self._ask("alerts")["alerts"]
        return [
            Alert(
                one["labels"]["alertname"],
                one["labels"].get("severity", ""),
                {name: value for name, value in one["labels"].items() if name not in ("alertname", "severity")},
                one["annotations"],
                one["state"] == "firing",
            )
            for one in found
        ]

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series that an expression gives now."""
        found: list[dict[str, Any]] = self._ask("query", query=expression)["result"]
        return found

    def _ask(self, what: str, **words: str) -> dict[str, Any]:
        with httpx.Client(verify=TRUSTS_NOBODY, timeout=10.0) as client:
            answer = client.get(f"{self.url}/api/v1/{what}", params=words).json()
        assert answer["status"] == "success", answer
        data: dict[str, Any] = answer["data"]
        return data

    def _configured(self, shipped: str) -> str:
        if self.every_seconds is None:
            return shipped
        text = re.sub(r"((?:scrape|evaluation)_interval): 15s", rf"\1: {self.every_seconds}s", shipped)
        return re.sub(r"(scrape_timeout): 10s", rf"\1: {self.every_seconds}s", text)

    def _is_ready(self) -> bool:
        if self._server.pid is None:
            return False  # another's may answer there
        try:
            with httpx.Client(verify=TRUSTS_NOBODY, timeout=2.0) as client:
                return client.get(f"{self.url}/-/ready").is_success
        except httpx.TransportError:
            return False
