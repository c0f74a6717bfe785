"""Geocoding, put together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from faststream.kafka import KafkaBroker

from backbone.campaign.clock import Clock
from backbone.contracts import EventCancelled, EventSubmitted, EventWithdrawn, Fact
from backbone.kafka.publisher import KafkaPublisher, Publisher
from backbone.postgres.bell import Bell
from backbone.postgres.database import open_database
from backbone.postgres.jobs import Retry, Worker
from backbone.postgres.outbox import Relay
from backbone.service.listener import Handler, Listener, open_broker
from backbone.service.process import Close, Service, run_service

from . import store
from .ban import BanGeocoder
from .domain import FirstThatKnows, Geocoder
from .gazetteer import Gazetteer
from .handlers import LOOK_UP, forget_venue, give_up_look_up, locate_venue, plan_look_up
from .settings import Settings

# a national service that is down for a day must not cost an event its pin: 24 tries, the last after about 20 hours
PATIENCE = Retry(tries=24, first=2.0, cap=3600.0)


def create_app(
    settings: Settings,
    *,
    broker: KafkaBroker | None = None,
    publisher: Publisher | None = None,
    geocoder: Geocoder | None = None,
    clock: Clock | None = None,
) -> Service:
    """The service with all its parts; tests hand in a bus in memory, a geocoder, a clock."""
    engine = open_database(settings.database_url.get_secret_value())
    bell = Bell(engine)
    publisher = publisher or KafkaPublisher(settings.kafka, "geocoding")
    broker = broker or open_broker("geocoding", settings.kafka)
    hears: dict[type[Fact], Handler] = {
        EventSubmitted: plan_look_up,
        EventWithdrawn: forget_venue,
        EventCancelled: forget_venue,
    }
    asked, closing = (geocoder, []) if geocoder else open_geocoder(settings)
    clock = clock or settings.clock
    look_up = partial(locate_venue, geocoder=asked, clock=clock)
    give_up = partial(give_up_look_up, clock=clock)
    return Service(
        name="geocoding",
        engine=engine,
        bell=bell,
        relay=Relay(engine, publisher, bell, settings.purges),
        listener=Listener(
            "geocoding", broker, engine, publisher, hears, session_seconds=settings.kafka_session_seconds
        ),
        parts=[
            Worker(engine, bell, LOOK_UP, look_up, give_up, at_once=settings.look_ups_at_once, retry=PATIENCE),
        ],
        counts=store.counts,
        closing=closing,
    )


def open_geocoder(settings: Settings) -> tuple[Geocoder, Sequence[Close]]:
    """The national service with the gazetteer behind it, or the gazetteer alone; and what to close at the end."""
    gazetteer = Gazetteer.load()
    if settings.geocoder_url is None:
        return gazetteer, []
    agent = f"semaine-industrie/1 (+{settings.public_map_url})"
    ban = BanGeocoder(settings.geocoder_url, gazetteer, user_agent=agent, per_second=settings.geocoder_per_second)
    return FirstThatKnows(ban, gazetteer), [ban.aclose]


def main() -> None:
    """The command `geocoding`."""
    run_service(Settings, create_app)
