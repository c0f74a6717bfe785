"""The shipped front, nginx, before replicas that come and go; what it answered is known from its log."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from backbone.testing.waiting import until
from local_stack.ports import HOST

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "deploy" / "proxy"
# who answered, and what: `upstream` has the address of each replica that was tried
LOG = (
    'log_format versions escape=json \'{"site":"$service","method":"$request_method","path":"$asked","status":$status,'
    '"upstream":"$upstream_addr","seconds":$request_time}\';'
)


@dataclass(frozen=True)
class Answer:
    """What somebody got. `port`: of the replica that answered last; None where the front answered by itself."""

    site: str
    method: str
    path: str
    status: int
    port: int | None
    tried: int
    seconds: float


def nginx() -> str:
    for found in (shutil.which("nginx"), ROOT / ".local/nginx/usr/sbin/nginx"):
        if found and Path(found).exists():
            return str(found)
    raise AssertionError("nginx is not installed: run deploy/setup test")


class Front:
    """nginx with the shipped configuration, one site a port, and the replicas that each site's requests go to."""

    def __init__(self, folder: Path, sites: Mapping[str, int]) -> None:
        self._folder, self._sites = folder, dict(sites)
        self._replicas: dict[str, list[int]] = {site: [] for site in sites}
        self._log = folder / "requests.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._folder.mkdir()
        for name in ("main.conf", "limits.conf", "pass.conf", "hsts.conf"):
            text = (SHIPPED / name).read_text().replace("/tmp/", f"{folder}/")
            text = text.replace("access_log /dev/stdout plain;", f"{LOG}\naccess_log {self._log} versions;")
            # five people at one address are busier than a school; and a reload hangs up on nobody
            text = text.replace("rate=50r/s", "rate=5000r/s").replace("keepalive_timeout 15s", "keepalive_timeout 0")
            # a busy machine may take longer over a request than a reload of the shipped front has patience
            text = text.replace("worker_shutdown_timeout 20s", "worker_shutdown_timeout 120s")
            (folder / name).write_text(text)

    def _started(self) -> subprocess.Popen[bytes]:
        command = [nginx(), "-e", "stderr", "-p", str(self._folder), "-c", "front.conf"]
        with (self._folder / "error.log").open("wb") as errors:
            return subprocess.Popen(command, stderr=errors)

    def _workers(self) -> set[int]:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "error.log").read_text()
        return {child.pid for child in psutil.Process(self._process.pid).children()}

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(30)

    async def send_to(self, site: str, ports: Sequence[int]) -> None:
        """From the return on, the site's requests go to these replicas alone, and none is under way to another."""
        if not ports or self._replicas[site] == list(ports):
            return
        self._replicas[site] = list(ports)
        self._write()
        before: set[int] = set()
        if self._process is None:
            self._process = self._started()
        else:
            before = self._workers()
            self._process.send_signal(signal.SIGHUP)

        async def has_taken_over() -> bool:
            return bool(now := self._workers()) and not now & before

        await until(f"the front sends {site} to {ports}", has_taken_over, 60.0)

    def _write(self) -> None:
        blocks = []
        for site, port in self._sites.items():
            if replicas := self._replicas[site]:
                servers = " ".join(f"server {HOST}:{replica} max_fails=0;" for replica in replicas)
                listens = f"listen {HOST}:{port}; set $service {site}; include hsts.conf; include pass.conf;"
                blocks.append(f"upstream {site} {{ {servers} }}\nserver {{ {listens} }}")
        http = ["include limits.conf;", 'map $scheme $hsts { default ""; }', *blocks]
        lines = ["include main.conf;", "http {", *http, "}"]
        (self._folder / "front.conf").write_text("\n".join(lines) + "\n")

    def answers(self) -> Iterator[Answer]:
        """Everything that was answered up to now, in order."""
        for line in self._log.read_text().splitlines():
            told = json.loads(line)
            tried = [int(port) for port in re.findall(r":(\d+)", told["upstream"])]
            port = tried[-1] if tried else None
            yield Answer(
                told["site"], told["method"], told["path"], told["status"], port, len(tried), float(told["seconds"])
            )
