"""A platform whose services are replaced one by one, by another version's, behind a front, while people use it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import httpx

from backbone.postgres.database import open_database
from backbone.postgres.migrations import migrate
from backbone.testing.waiting import until
from local_stack.ports import HOST
from provision.databases import SERVICES

from .front import Front
from .history import History
from .organiser import Client
from .platform import KEEP_MOVES, Platform
from .replica import Replica
from .versions import Version

READERS_FIRST = ("map-feed", "commskit", "geocoding", "labelling", "registration")
WRITERS_FIRST = READERS_FIRST[::-1]
ASKED_THROUGH_THE_FRONT = ("registration", "labelling")
BESIDE = 4  # revisions that are acknowledged while both versions of a service run


@dataclass
class Behind(Replica):
    """A replica behind the front: that is where people ask, whichever replica answers them."""

    version: str = ""
    front: str = ""

    @property
    def url(self) -> str:
        return self.front or super().url


class Rolling(Platform):
    """A platform of the `old` version, until it is rolled to another."""

    def __init__(self, state: Path, history: History, old: Version) -> None:
        super().__init__(state, history)
        self.version = old
        self.versions: dict[int, str] = {}
        self._started: Counter[str] = Counter()
        self.front: Front | None = None

    def make_settings(self) -> dict[str, dict[str, str]]:
        # the front is who asks; whom it asks for is who is limited, or not
        more = {"TRUSTED_PROXIES": f"{HOST}/32", "KAFKA_SESSION_SECONDS": "30"}  # nobody dies here: no haste
        settings = {service: {**told, **more} for service, told in super().make_settings().items()}
        self.front = Front(self.state / "front", {name: int(told["HTTP_PORT"]) for name, told in settings.items()})
        return settings

    async def _make_tables(self) -> None:
        await self.make_fold_database()
        engine = open_database(self.fold_url, statement_seconds=None)
        await migrate(engine, "map-feed")
        await engine.dispose()
        await self.migrate_with(self.version)
        async with self.admin("commskit") as connection:
            await connection.execute(KEEP_MOVES)

    async def migrate_with(self, version: Version) -> None:
        """A version brings all databases to what it needs, as an operator has it do."""
        for service, (code, said) in (await self.try_to_migrate_with(version)).items():
            assert code == 0, f"{service} migrate of {version.commit}: {said}"

    async def try_to_migrate_with(self, version: Version) -> dict[str, tuple[int, str]]:
        """Each service's exit code, and the last line that it said."""
        runs = [asyncio.to_thread(version.run, one, "migrate", settings=self.settings_of(one)) for one in SERVICES]
        done = {}
        for service, ended in zip(SERVICES, await asyncio.gather(*runs), strict=True):
            lines = (ended.stderr or ended.stdout).strip().splitlines()
            done[service] = ended.returncode, lines[-1] if lines else ""
            self.history.note("migrate", service=service, version=version.commit, code=ended.returncode)
        return done

    def somebody_new(self) -> Client:
        client = super().somebody_new()
        client.http.timeout = httpx.Timeout(60.0)  # as long as the front's: a busy machine is nobody's error
        return client

    def command_of(self, service: str) -> str:
        return self.version.command(service)

    def add(self, service: str, **extra: str) -> Replica:
        return self.add_version(service, self.version, **extra)

    def add_version(self, service: str, version: Version, **extra: str) -> Behind:
        """Starts one more replica, of this version; people are sent to it once it is ready."""
        logs = self.state / "logs"
        logs.mkdir(exist_ok=True)
        self._started[service] += 1
        log = logs / f"{service}-{self._started[service]}-{version.name}.log"
        told = self.settings_of(service)
        front = f"http://{HOST}:{told['HTTP_PORT']}" if service in ASKED_THROUGH_THE_FRONT else ""
        command = version.command(service)
        replica = Behind(
            service, told, log, self.history, self.reaper, command=command, version=version.name, front=front
        )
        replica.start(**extra)
        self.versions[replica.port] = version.name
        self.replicas[service].append(replica)
        return replica

    async def ready(self) -> None:
        await super().ready()
        for service in SERVICES:
            await self.send_people_to(service, self.replicas[service])

    async def send_people_to(self, service: str, replicas: list[Replica]) -> None:
        assert self.front is not None
        await self.front.send_to(service, [replica.port for replica in replicas])

    async def roll(self, service: str, version: Version) -> None:
        """Puts a replica of a version beside those that run, and takes these away once it has served for a while."""
        is_new = [isinstance(one, Behind) and one.version == version.name for one in self.replicas[service]]
        before = [one for one, new in zip(self.replicas[service], is_new, strict=True) if not new]
        waits = [one for one, new in zip(self.replicas[service], is_new, strict=True) if new]
        new = waits[0] if waits else self.add_version(service, version)
        await until(f"{service} of {version.commit} is ready", new.is_ready, 120.0)
        await self.send_people_to(service, [*before, new])
        await self.acknowledges_more()
        await self.send_people_to(service, [new])
        for old in before:
            await self.end(old)
        self.replicas[service][:] = [new]
        self.history.note("rolled", service=service, version=version.commit)

    async def acknowledges_more(self) -> None:
        """Returns once organisers have had some more of their revisions acknowledged."""
        wanted = self.history.acknowledged + BESIDE

        async def has_more() -> bool:
            return self.history.acknowledged >= wanted

        await until("organisers go on", has_more, 60.0)

    async def stop(self) -> None:
        try:
            await super().stop()
        finally:
            if self.front:
                await asyncio.to_thread(self.front.stop)
