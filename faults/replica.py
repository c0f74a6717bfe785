"""One process of one service, which can be killed, stopped, frozen and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from local_stack.health import TRUSTS_NOBODY
from local_stack.ports import HOST, free_port
from local_stack.stack import command_of

from .history import History


@dataclass
class Replica:
    """A replica at a port of its own. `extra` is what this one is told besides its service's settings."""

    service: str
    settings: Mapping[str, str]
    log: Path
    history: History
    reaper: Reaper
    port: int = field(default_factory=free_port)
    health_port: int = field(default_factory=free_port)
    extra: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    command: str = ""  # this version's, if it is not said

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def health_url(self) -> str:
        return f"http://{HOST}:{self.health_port}"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, **extra: str) -> None:
        """Starts the process, told `extra` and nothing of what it was told extra before."""
        assert not self.runs
        self.extra = extra
        ports = {"HTTP_PORT": str(self.port), "HEALTH_PORT": str(self.health_port)}
        environ = {**os.environ, **self.settings, **ports, **extra}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.command or command_of(self.service)], env=environ, stdout=log, stderr=log
            )
        self.reaper.note(self.pid)  # at once: a run may be ended before this one is ready
        self.history.note("start", service=self.service, pid=self.pid, extra=extra)

    def kill(self) -> None:
        """kill -9."""
        self.history.fault("kill -9", service=self.service, pid=self.pid)
        self.signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait(10)

    def freeze(self) -> None:
        self.history.fault("SIGSTOP", service=self.service, pid=self.pid)
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.history.note("SIGCONT", service=self.service, pid=self.pid)
        self.signal(signal.SIGCONT)

    def ask_to_stop(self) -> None:
        """SIGTERM; does not wait."""
        self.history.note("SIGTERM", service=self.service, pid=self.pid)
        self.signal(signal.SIGTERM)

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def is_frozen(self) -> bool:
        return bool(psutil.Process(self.pid).status() == psutil.STATUS_STOPPED)

    def holds_port(self, port: int) -> bool:
        """Whether one of its connections leaves from this port."""
        return any(c.laddr.port == port for c in psutil.Process(self.pid).net_connections("tcp"))

    async def is_up(self) -> bool:
        """Whether it says how it is, whatever it says."""
        try:
            async with httpx.AsyncClient(timeout=3.0, verify=TRUSTS_NOBODY) as client:
                await client.get(f"{self.health_url}/health/live")
        except httpx.TransportError:
            return False
        return True

    async def is_ready(self) -> bool:
        # asked first: if it could not have its port, somebody else answers there
        assert self.runs, f"{self.service} has ended by itself ({self.process and self.process.poll()}): {self.log}"
        try:
            async with httpx.AsyncClient(timeout=3.0, verify=TRUSTS_NOBODY) as client:
                return (await client.get(f"{self.health_url}/health/ready")).is_success
        except httpx.TransportError:
            return False


class Reaper:
    """Ends what is left of the processes that were started here, and of theirs, whatever happened."""

    def __init__(self) -> None:
        self._seen: dict[int, psutil.Process] = {}
        self._lock = threading.Lock()

    def note(self, pid: int) -> None:
        """Remembers a process and its children, to be ended at last."""
        with self._lock, suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            for one in [process, *process.children(recursive=True)]:
                self._seen[one.pid] = one

    def end_all(self) -> None:
        for process in self._seen.values():
            with suppress(psutil.NoSuchProcess):
                process.kill()  # psutil compares start times: a number used again is nobody of ours
