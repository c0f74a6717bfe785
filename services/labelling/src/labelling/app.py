"""Labelling, put together."""

from __future__ import annotations

from functools import partial

from fastapi import FastAPI
from faststream.kafka import KafkaBroker

from backbone.campaign.clock import Clock
from backbone.campaign.edition import load_edition
from backbone.contracts import EventSubmitted, EventWithdrawn, Fact
from backbone.http.access import KeySource, PublishedKeys
from backbone.http.half_characters import refuse_half_characters
from backbone.http.headers import FOR_PROGRAMS, DefaultHeaders
from backbone.http.manual import BY_MANUAL, install_manual
from backbone.http.problems import BodyLimit, install_problems
from backbone.kafka.publisher import KafkaPublisher, Publisher
from backbone.postgres.bell import Bell
from backbone.postgres.database import open_database
from backbone.postgres.outbox import Relay
from backbone.service.listener import Handler, Listener, open_broker
from backbone.service.process import Service, run_service

from . import store
from .handlers import judge_event, withdraw_label
from .http import manual, reviews
from .settings import Settings


def create_app(
    settings: Settings,
    *,
    broker: KafkaBroker | None = None,
    publisher: Publisher | None = None,
    keys: KeySource | None = None,
    clock: Clock | None = None,
) -> Service:
    """The service with all its parts; tests hand in a bus in memory, keys, a clock."""
    engine = open_database(settings.database_url.get_secret_value())
    bell = Bell(engine)
    publisher = publisher or KafkaPublisher(settings.kafka, "labelling")
    broker = broker or open_broker("labelling", settings.kafka)
    clock = clock or settings.clock
    edition = load_edition(settings.edition)

    http = FastAPI(title="Semaine de l’industrie : label", version="1", description=ABOUT, **BY_MANUAL)
    http.state.desk = reviews.Desk(engine, keys or PublishedKeys(settings.jwks_url), clock)
    install_problems(http)
    refuse_half_characters(http)
    http.add_middleware(BodyLimit, most_bytes=64 * 1024)
    http.add_middleware(DefaultHeaders, headers=FOR_PROGRAMS)
    http.add_exception_handler(reviews.TextChanged, reviews.text_changed)
    http.include_router(reviews.routes)
    install_manual(http, kinds=reviews.KINDS, words=manual.WORDS)

    hears: dict[type[Fact], Handler] = {
        EventSubmitted: partial(judge_event, edition=edition, clock=clock),
        EventWithdrawn: withdraw_label,
    }
    return Service(
        name="labelling",
        engine=engine,
        bell=bell,
        relay=Relay(engine, publisher, bell, settings.purges),
        listener=Listener(
            "labelling", broker, engine, publisher, hears, session_seconds=settings.kafka_session_seconds
        ),
        counts=store.counts,
        http=http,
    )


ABOUT = """
Ce qui attend une décision humaine dans vos régions (`GET /v1/reviews`), et votre décision
(`POST /v1/reviews/{event_id}/decision`). Le jeton s’obtient au service d’inscription (`POST /v1/tokens`) ; les régions
sont les vôtres.
"""


def main() -> None:
    """The command `labelling`."""
    run_service(Settings, create_app)
