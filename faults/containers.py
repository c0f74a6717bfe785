"""The platform as docker-compose.yml runs it, for the invariants: its services are containers, in any number."""

from __future__ import annotations

import asyncio
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy.engine import make_url

from backbone.kafka.cluster import Cluster
from backbone.testing.waiting import until
from local_stack.ports import HOST
from provision.databases import SERVICES
from provision.guard import ADMIN

from .compose import Compose, Container
from .history import History
from .log import Log
from .mailbox import Mailbox
from .platform import START_SECONDS, Platform

NOT_YET: Any = object()
"""A server whose password is made once everything is up."""


@dataclass(frozen=True)
class Kafka:
    """The containers' Kafka, as a program on this machine enters it."""

    compose: Compose
    passwords: dict[str, str]

    def cluster(self, principal: str = ADMIN) -> Cluster:
        servers, password = f"{HOST}:{self.compose.ports['KAFKA_PORT']}", SecretStr(self.passwords[principal])
        return Cluster(servers, principal, password, "PLAIN" if principal == ADMIN else "SCRAM-SHA-512")


@dataclass(frozen=True)
class Postgres:
    """The containers' PostgreSQL, likewise. `urls`: as the services are told."""

    compose: Compose
    password: str
    urls: dict[str, str]

    @property
    def admin_url(self) -> str:
        return f"postgresql://postgres:{self.password}@{HOST}:{self.compose.ports['POSTGRES_PORT']}/postgres"

    def url(self, service: str) -> str:
        there = make_url(self.urls[service]).set(host=HOST, port=self.compose.ports["POSTGRES_PORT"])
        return there.render_as_string(hide_password=False)


class SharedMailbox(Mailbox):
    """The volume of the mails, copied out whenever it is looked at."""

    def __init__(self, compose: Compose, folder: Path) -> None:
        super().__init__(folder)
        self._compose = compose
        (folder / "new").mkdir(parents=True)

    @property
    def accepted(self) -> Counter[str]:
        self._copy()
        return super().accepted

    def token_for(self, address: str) -> str | None:
        self._copy()
        return super().token_for(address)

    def _copy(self) -> None:
        new = self.folder / "new"
        self._compose.mails_but({file.name for file in new.iterdir()}, new)


class Containers(Platform):
    """A platform in containers. Organisers come in by the front; everything else is looked at from this machine."""

    def __init__(self, compose: Compose, state: Path, history: History) -> None:
        (state / "logs").mkdir(parents=True)
        mail = SharedMailbox(compose, state / "mail")
        super().__init__(state, history, kafka=NOT_YET, postgres=NOT_YET, mail=mail)
        self.compose = compose
        self.ends = state / "ends"
        self._followers: dict[str, subprocess.Popen[bytes]] = {}

    async def start(self) -> None:
        self._followers["ends"] = self.compose.note_ends(self.ends)
        await asyncio.to_thread(self.compose.up)
        secrets = await asyncio.to_thread(self.compose.secrets)
        known = {name.split("/")[0]: text for name, text in secrets.items() if name.endswith("/kafka-password")}
        self.kafka = Kafka(self.compose, {**known, ADMIN: secrets["kafka/password"]})
        urls = {service: secrets[f"{service}/database-url"] for service in SERVICES}
        self.postgres = Postgres(self.compose, secrets["postgres/password"], urls)  # type: ignore[assignment]
        self.log = Log(self.kafka.cluster())
        await self._make_tables()
        await self.ready()
        await self.gather_organisers()

    async def stop(self) -> None:
        for client in [*self.clients, *self.forgotten]:
            await client.http.aclose()
        for connection in self._watching.values():
            connection.terminate()
        await asyncio.to_thread(self.compose.down)
        for follower in self._followers.values():
            follower.terminate()
            follower.wait(10)

    def containers(self, *services: str) -> list[Container]:
        """The replicas of these services."""
        return [one for service in services for one in self.replicas[service] if isinstance(one, Container)]

    async def jobs_in_hand(self, service: str) -> int:
        return await self._ask(service, "SELECT count(*) FROM jobs WHERE state = 'running'")

    async def scaled(self, **replicas: int) -> None:
        """So many replicas of these services and one of each other, by the one command that a person gives."""
        self.history.note("scale", **replicas)
        await asyncio.to_thread(self.compose.up, **replicas)
        await self.ready()
        found = {service: len(running) for service, running in self.replicas.items()}
        assert found == {service: replicas.get(service, 1) for service in SERVICES}

    async def ready(self) -> None:
        await asyncio.to_thread(self._look)
        for one in self.all_replicas():
            await until(f"{one.service} is ready", one.is_ready, START_SECONDS)

    def _look(self) -> None:
        """Who is there now; what each says is kept from its first word on, as a container that goes takes it along."""
        for service in SERVICES:
            found = [self._container(service, told) for told in self.compose.containers(service)]
            self.replicas[service] = found  # type: ignore[assignment]
            for one in found:
                if one.id not in self._followers:
                    log = self.state / "logs" / f"{one.name}.log"
                    self._followers[one.id] = self.compose.follow(one, log)

    def _container(self, service: str, told: dict[str, Any]) -> Container:
        networks = told["NetworkSettings"]["Networks"]
        address = next(network["IPAddress"] for name, network in networks.items() if name.endswith("_inside"))
        door = self.compose.url("REGISTRATION") if service == "registration" else None
        return Container(service, told["Id"], address, door)
