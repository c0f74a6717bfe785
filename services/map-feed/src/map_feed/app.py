"""The composition root: the only place where map-feed's objects are made."""

from __future__ import annotations

from collections.abc import Mapping

from faststream.kafka import KafkaBroker
from sqlalchemy.ext.asyncio import AsyncConnection

from backbone.campaign.clock import Clock
from backbone.campaign.edition import load_edition
from backbone.contracts import (
    EventCancelled,
    EventLabelled,
    EventLocated,
    EventNotLocated,
    EventRejected,
    EventWithdrawn,
    Fact,
    LabelWithdrawn,
)
from backbone.kafka.publisher import KafkaPublisher, Publisher
from backbone.postgres.bell import Bell
from backbone.postgres.database import open_database
from backbone.postgres.outbox import Relay
from backbone.service.listener import Handler, Listener, open_broker
from backbone.service.process import Service, run_service

from . import geojson
from .board import Board
from .handlers import hide_event, place_event, show_event, unplace_event
from .http import create_http
from .legal import load_texts
from .settings import Settings
from .store import count_seen

HANDLERS: Mapping[type[Fact], Handler] = {
    EventLabelled: show_event,
    EventRejected: hide_event,
    LabelWithdrawn: hide_event,
    EventLocated: place_event,
    EventNotLocated: unplace_event,
    EventWithdrawn: hide_event,
    EventCancelled: hide_event,
}


def create_app(
    settings: Settings,
    *,
    broker: KafkaBroker | None = None,
    publisher: Publisher | None = None,
    clock: Clock | None = None,
) -> Service:
    """The service, made of its parts; a test hands in those that touch the world."""
    name, kafka = settings.service, settings.kafka
    engine = open_database(settings.database_url.get_secret_value())
    bell = Bell(engine)
    publisher = publisher or KafkaPublisher(kafka, name)
    public_url = settings.public_map_url.rstrip("/")
    board = Board(
        engine,
        load_edition(settings.edition),
        clock or settings.clock,
        lambda listing: geojson.feature(listing, public_url),
        settings.refresh_seconds,
    )

    async def counts(connection: AsyncConnection) -> Mapping[str, int]:
        """What visitors may see now, nothing before the map opens; and what the feed of this process holds of it."""
        seen = await count_seen(connection)
        return (seen if board.is_open else dict.fromkeys(seen, 0)) | board.counts()

    return Service(
        name=name,
        engine=engine,
        bell=bell,
        relay=Relay(engine, publisher, bell, settings.purges),
        counts=counts,
        listener=Listener(
            name,
            broker or open_broker(name, kafka),
            engine,
            publisher,
            HANDLERS,
            session_seconds=settings.kafka_session_seconds,
        ),
        parts=[board],
        needs={"the first reading of the map": lambda: board.is_posted},
        http=create_http(board, public_url, load_texts(settings.texts)),
    )


def main() -> None:
    """The command `map-feed`."""
    run_service(Settings, create_app)
