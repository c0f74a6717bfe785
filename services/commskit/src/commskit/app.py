"""Commskit, put together."""

from __future__ import annotations

from functools import partial

from faststream.kafka import KafkaBroker

from backbone.campaign.clock import Clock
from backbone.campaign.edition import load_edition
from backbone.contracts import (
    EventCancelled,
    EventLabelled,
    EventRejected,
    EventWithdrawn,
    Fact,
    LabelWithdrawn,
    OrganiserChanged,
    OrganiserErased,
    OrganiserRegistered,
)
from backbone.kafka.publisher import KafkaPublisher, Publisher
from backbone.mail.mailers import Mailer, open_mailer
from backbone.postgres.bell import Bell
from backbone.postgres.database import open_database
from backbone.postgres.jobs import Retry, Worker
from backbone.postgres.outbox import Relay
from backbone.service.dead_jobs import run_jobs_command
from backbone.service.listener import Handler, Listener, open_broker
from backbone.service.process import Service, run_service

from . import store
from .domain.look import Look
from .handlers import (
    FORGETTING,
    Workshop,
    ask_again,
    forget_mails,
    forget_organiser,
    give_up_forgetting,
    give_up_kit,
    note_organiser,
    order_kit,
    send_kit,
    stop_kits,
)
from .render import RenderPool
from .settings import Settings
from .store import KIT

HEARS: dict[type[Fact], Handler] = {
    EventLabelled: order_kit,
    EventRejected: stop_kits,
    LabelWithdrawn: stop_kits,
    EventWithdrawn: stop_kits,
    EventCancelled: stop_kits,
    OrganiserRegistered: note_organiser,
    OrganiserChanged: note_organiser,
    OrganiserErased: forget_organiser,
}

# Rendering and mailing have their own deadlines. This one is for a kit that waits for them on a machine so busy that
# a render, which is given its processor time, takes minutes: to break it off would only be more work.
LONGEST = 1800.0  # seconds

# a mail server that is down for a night must not cost an organiser their kit: the last try comes after about 9 hours
PATIENCE = Retry(tries=20, first=2.0, cap=3600.0)


def create_app(
    settings: Settings,
    *,
    broker: KafkaBroker | None = None,
    publisher: Publisher | None = None,
    mailer: Mailer | None = None,
    clock: Clock | None = None,
    renderers: RenderPool | None = None,
) -> Service:
    """The service with all its parts; tests hand in a bus in memory, a mailer, a clock, renderers."""
    engine = open_database(settings.database_url.get_secret_value())
    bell = Bell(engine)
    publisher = publisher or KafkaPublisher(settings.kafka, "commskit")
    broker = broker or open_broker("commskit", settings.kafka)
    workshop = Workshop(
        engine=engine,
        renderers=renderers or RenderPool(settings.renderers, settings.render_seconds),
        mailer=mailer or open_mailer(settings.mail_url.get_secret_value()),
        look=Look.of(load_edition(settings.edition)),
        clock=clock or settings.clock,
        public_map_url=settings.public_map_url,
        mail_from=settings.mail_from,
    )
    make_and_send = partial(send_kit, workshop=workshop)
    forget = partial(forget_mails, workshop=workshop)
    give_up = partial(give_up_kit, clock=workshop.clock)
    return Service(
        name="commskit",
        engine=engine,
        bell=bell,
        relay=Relay(engine, publisher, bell, settings.purges),
        listener=Listener("commskit", broker, engine, publisher, HEARS, session_seconds=settings.kafka_session_seconds),
        parts=[
            # one more than the renderers, so that a kit is mailed while the next is drawn
            Worker(
                engine,
                bell,
                KIT,
                make_and_send,
                give_up,
                at_once=settings.renderers + 1,
                timeout_seconds=LONGEST,
                retry=PATIENCE,
            ),
            Worker(engine, bell, FORGETTING, forget, give_up_forgetting, retry=PATIENCE),
        ],
        closing=[workshop.renderers.close],
        counts=store.counts,
    )


def main() -> None:
    """The command `commskit`."""
    run_service(Settings, create_app, {"jobs": partial(run_jobs_command, on_retry=ask_again)})
