"""The floor that every service stands on: what all of them open, and how one is put together on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from faststream.kafka import KafkaBroker
from sqlalchemy.ext.asyncio import AsyncEngine

from ..campaign.clock import Clock
from ..campaign.edition import Editions, load_editions
from ..contracts import FACT_TOPICS, Fact
from ..kafka.publisher import KafkaPublisher, Publisher
from ..postgres.bell import Bell
from ..postgres.database import open_database
from ..postgres.outbox import RELAY_LOCK, Relay
from ..postgres.switches import Switches
from ..postgres.upkeep import Upkeep
from ..postgres.witness import Witness
from ..runtime.metrics import FloorMetrics
from ..runtime.spans import OFF, Tracing, open_tracing
from .catching_up import Recall
from .folding import Way
from .listener import Ears, Listener, open_broker
from .outcomes import Work
from .scrape import Asked
from .service import Counts, Doors, Part, Service
from .settings import ServiceSettings
from .working import Worker

Hears = Mapping[type[Fact], Way]
"""What a service hears, and how each is folded into what it keeps."""


@dataclass(frozen=True)
class Floor:
    """What a service has before it does anything of its own."""

    settings: ServiceSettings
    engine: AsyncEngine
    bell: Bell
    broker: KafkaBroker
    publisher: Publisher
    clock: Clock
    editions: Editions
    switches: Switches
    metrics: FloorMetrics = field(default_factory=FloorMetrics)
    """In its book the service declares its own metrics."""
    tracing: Tracing = OFF

    @property
    def ears(self) -> Ears:
        seconds = self.settings.kafka_session_seconds
        return Ears(self.settings.service, self.broker, self.publisher, seconds, self.tracing)

    def service(
        self,
        *,
        counts: Counts,
        desk: Any,
        hears: Hears,
        works: Sequence[Work] = (),
        doors: Doors | None = None,
        parts: Sequence[Part] = (),
        asked: Sequence[Asked[Any]] = (),
        looks: Sequence[Callable[[], None]] = (),
        recall: Recall | None = None,
    ) -> Service:
        """The service that hears, works on, shows and counts this. `desk` is what its handlers, works and routes are
        given; if it has a `close`, that is called once all has ended. Its own metrics are `asked` of the database, or
        shown by `looks`, when they are read. `recall` says how it takes back its own words, once its
        database was put back."""
        name, engine, metrics, tracing = self.settings.service, self.engine, self.metrics, self.tracing
        workers = [self._worker(work, desk) for work in works]
        teller = [self._teller()] if any(topic.writer == name for topic in FACT_TOPICS) else []
        return Service(
            name=name,
            engine=engine,
            counts=counts,
            doors=doors or Doors(),
            hearing=Listener(self.ears, engine, hears, desk, metrics),
            recall=recall or Recall(),
            parts=[*workers, *parts, Upkeep(engine, self.settings.purges)],
            switches=self.switches,
            telling=[*([self.bell] if teller or workers else []), *teller],
            close=getattr(desk, "close", None),
            metrics=metrics,
            asked=asked,
            looks=looks,
            tracing=tracing,
        )

    def _teller(self) -> Relay | Witness:
        if slot := self.settings.outbox_slot:
            return Witness(self.engine, slot, RELAY_LOCK, self.metrics)
        return Relay(self.engine, self.publisher, self.bell, self.metrics, tracing=self.tracing)

    def _worker(self, work: Work, desk: Any) -> Worker:
        pace = self.switches.pace(work.job.kind, mails=work.mails)
        return Worker(self.engine, self.bell, work, desk, metrics=self.metrics, tracing=self.tracing, pace=pace)


def open_floor(
    settings: ServiceSettings,
    *,
    broker: KafkaBroker | None = None,
    publisher: Publisher | None = None,
    clock: Clock | None = None,
) -> Floor:
    """The floor by these settings; tests hand in a bus in memory and a clock. Nothing is connected to yet.

    Raises what `load_editions` raises.
    """
    engine, name = open_database(settings.database_url.get_secret_value()), settings.service
    return Floor(
        settings=settings,
        engine=engine,
        bell=Bell(engine),
        broker=broker or open_broker(name, settings.kafka),
        publisher=publisher or KafkaPublisher(settings.kafka, name),
        clock=clock or settings.clock,
        editions=load_editions(settings.edition),
        tracing=open_tracing(name, settings.otel_exporter_otlp_endpoint, settings.traces_sampled),
        switches=Switches(engine),
    )
