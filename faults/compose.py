"""docker-compose.yml on a real engine: one project of its own, with its volumes, ports and containers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx

from local_stack.health import TRUSTS_NOBODY
from local_stack.ports import HOST, free_port

ROOT = Path(__file__).parents[1]
FILES = ("docker-compose.yml", "deploy/reachable.yml")
BUILD_SECONDS, UP_SECONDS, ASK_SECONDS = 1500, 600, 60
_OURS = "com.docker.compose"


def _command() -> list[str]:
    """The plugin, or the program that Debian has."""
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return ["docker", "compose"]
    assert shutil.which("docker-compose"), "neither `docker compose` nor `docker-compose` is here (docs/containers.md)"
    return ["docker-compose"]


@dataclass(frozen=True)
class Container:
    """One replica of a service, as the engine has it. `address`: where this machine reaches it, on a bridge."""

    service: str
    id: str
    address: str
    door: str | None = None
    """Where people reach its service, through the front; none: they come to itself."""

    @property
    def url(self) -> str:
        return self.door or f"http://{self.address}:8000"

    @property
    def health_url(self) -> str:
        return f"http://{self.address}:8001"

    @property
    def name(self) -> str:
        return f"{self.service}-{self.id[:12]}"

    async def is_ready(self) -> bool:
        try:
            async with httpx.AsyncClient(timeout=3.0, verify=TRUSTS_NOBODY) as client:
                return (await client.get(f"{self.health_url}/health/ready")).is_success
        except httpx.TransportError:
            return False

    async def has_heard(self) -> int:
        """How many messages it says that it has taken."""
        async with httpx.AsyncClient(timeout=10.0, verify=TRUSTS_NOBODY) as client:
            lines = (await client.get(f"{self.health_url}/metrics")).raise_for_status().text.splitlines()
        return int(sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("sdi_messages_heard_total{")))


@dataclass
class Compose:
    """A project's containers. All of it blocks: call it in a thread."""

    project: str
    ports: Mapping[str, int] = field(
        default_factory=lambda: {
            f"{name}_PORT": free_port() for name in ("MAP", "REGISTRATION", "LABELLING", "MAILBOX", "KAFKA", "POSTGRES")
        }
    )

    @property
    def environ(self) -> dict[str, str]:
        public = {"PUBLIC_MAP_URL": self.url("MAP"), "PUBLIC_REGISTRATION_URL": self.url("REGISTRATION")}
        public["CANARY_EVERY_SECONDS"] = "0"  # what is on the topics is held against what organisers were promised
        return {**os.environ, **{name: str(port) for name, port in self.ports.items()}, **public}

    def url(self, site: str) -> str:
        return f"http://{HOST}:{self.ports[f'{site}_PORT']}"

    def build(self) -> None:
        self.run("build", seconds=BUILD_SECONDS)

    def up(self, **replicas: int) -> None:
        """`docker compose up --detach`, with so many replicas of these services and one of each other."""
        scaled = [word for name, number in replicas.items() for word in ("--scale", f"{name}={number}")]
        self.run("up", "--detach", *scaled, seconds=UP_SECONDS)

    def down(self) -> None:
        self.run("down", "--volumes", "--remove-orphans", seconds=UP_SECONDS)

    def containers(self, service: str) -> Iterator[dict[str, Any]]:
        """What the engine says of each of a service's containers that runs."""
        ids = self.docker("ps", "--quiet", "--no-trunc", *self._filters(service)).split()
        yield from json.loads(self.docker("inspect", *ids)) if ids else ()

    def secrets(self) -> dict[str, str]:
        """Every secret, by the path of its file, as `prepare` has them."""
        words = [
            "run",
            "--rm",
            "--no-deps",
            "-T",
            "--entrypoint",
            "tar",
            "prepare",
            "--create",
            "--directory=/secrets",
            ".",
        ]
        with tarfile.open(fileobj=BytesIO(self._run(words, ASK_SECONDS))) as files:
            found = {one.name.removeprefix("./"): files.extractfile(one) for one in files if one.isfile()}
            return {name: file.read().decode() for name, file in found.items() if file}

    def mails_but(self, known: set[str], into: Path) -> None:
        """Copies every mail that is not known yet out of the mailbox."""
        listed = self.run("exec", "-T", "mailbox", "ls", "/mail/new").split()
        wanted = [name for name in listed if name not in known]
        for place in range(0, len(wanted), 200):
            words = ["exec", "-T", "mailbox", "tar", "--create", "--directory=/mail/new", *wanted[place : place + 200]]
            with tarfile.open(fileobj=BytesIO(self._run(words, UP_SECONDS))) as files:
                files.extractall(into, filter="data")

    def follow(self, container: Container, into: Path) -> subprocess.Popen[bytes]:
        """Writes what a container says into a file, until it ends."""
        with into.open("ab") as file:
            return subprocess.Popen(["docker", "logs", "--follow", container.id], stdout=file, stderr=file)

    def note_ends(self, into: Path) -> subprocess.Popen[bytes]:
        """Writes down how each container ends, from now on: the engine itself forgets it soon."""
        kinds = ["--filter", "event=die", "--filter", "event=oom"]
        words = ["events", *kinds, "--filter", f"label={_OURS}.project={self.project}", "--format", "{{json .}}"]
        with into.open("wb") as file:
            return subprocess.Popen(["docker", *words], stdout=file)

    def run(self, *words: str, seconds: float = ASK_SECONDS) -> str:
        return self._run(list(words), seconds).decode()

    def docker(self, *words: str) -> str:
        return subprocess.run(
            ["docker", *words], capture_output=True, check=True, text=True, timeout=ASK_SECONDS
        ).stdout

    def _filters(self, service: str) -> list[str]:
        labels = {"project": self.project, "service": service, "oneoff": "False"}
        return [word for name, value in labels.items() for word in ("--filter", f"label={_OURS}.{name}={value}")]

    def _run(self, words: list[str], seconds: float) -> bytes:
        files = [word for file in FILES for word in ("--file", file)]
        command = [*_command(), "--project-name", self.project, *files, *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environ, capture_output=True, timeout=seconds)
        if done.returncode:
            said = subprocess.run(
                [*command[: -len(words)], "logs", "--no-color", "--tail=8"],
                cwd=ROOT,
                env=self.environ,
                capture_output=True,
            )
            why, last = (text.decode(errors="replace") for text in (done.stderr, said.stdout))
            raise AssertionError(f"{' '.join(words[:6])}: {why[-2000:]}\nwhat the containers said last:\n{last}")
        return done.stdout


def ends(file: Path) -> list[tuple[str, str, str]]:
    """Of each container that has ended: its service, its name, and its exit code, or that its memory was not enough."""
    told = [json.loads(line) for line in file.read_text().splitlines()]
    about = [(one["Actor"]["Attributes"], one["Action"]) for one in told]
    return [(of[f"{_OURS}.service"], of["name"], "oom" if what == "oom" else of["exitCode"]) for of, what in about]
