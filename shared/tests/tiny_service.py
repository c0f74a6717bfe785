"""The smallest service there can be, as a process; argument 2 says what its one part does."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import ClassVar

from backbone.kafka.publisher import KafkaPublisher
from backbone.postgres.bell import Bell
from backbone.postgres.database import open_database
from backbone.postgres.outbox import Relay
from backbone.service.process import run_service
from backbone.service.service import Doors, Service
from backbone.service.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of the tiny service, prefix TINY_."""

    service: ClassVar[str] = "tiny"


class Task:
    """Waits until it is asked to stop; fails at once, or never stops, if told to."""

    name = "task"

    async def run(self, stopping: asyncio.Event) -> None:
        if os.environ.get("TASK") == "fails":
            raise RuntimeError("a fault of ours")
        await stopping.wait()
        while os.environ.get("TASK") == "hangs":
            # as aiokafka's fetcher does in a rebalance
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()


def create_app(settings: Settings) -> Service:
    engine = open_database(settings.database_url.get_secret_value())
    bell = Bell(engine)

    async def counts(_):
        return {"tiny": 1}

    relay = Relay(engine, KafkaPublisher(settings.kafka, "tiny"), bell)
    return Service("tiny", engine, counts, Doors(), parts=[Task()], telling=[bell, relay])


if __name__ == "__main__":
    run_service(Settings, create_app)
