"""Map-feed, put together."""

from __future__ import annotations

from functools import partial

from backbone.postgres.bell import Bell
from backbone.service.floor import Floor, open_floor
from backbone.service.process import run_service
from backbone.service.service import Doors, Part, Service

from . import geojson
from .board import Board
from .chronicle import Chronicle
from .commands import run_webhooks_command
from .desk import Desk
from .feed import Feed
from .handlers import HEARS
from .http import create_http
from .legal import load_texts
from .metrics import Metrics
from .settings import Settings
from .store.changes import CHANNEL, EVENTS_CHANNEL
from .tail import Tail
from .webhooks.deliveries import Deliveries
from .webhooks.delivery import Means
from .webhooks.sealing import Seal
from .webhooks.sender import Sender


def create_app(settings: Settings, floor: Floor | None = None) -> Service:
    """The service; tests hand in the floor that it stands on."""
    floor = floor or open_floor(settings)
    public_url = settings.public_map_url.rstrip("/")
    draw = partial(geojson.feature, public_url=public_url)
    metrics = Metrics(floor.metrics.book)
    about = (floor.editions, floor.clock, draw, settings.refresh_seconds)
    board = Board(floor.engine, *about, tracing=floor.tracing, see_canary=metrics.note_canary)
    bell = Bell(floor.engine, (EVENTS_CHANNEL, CHANNEL))
    tail = Tail(floor.engine, bell)
    registration_url = settings.public_registration_url.rstrip("/")
    deposit_url = f"{registration_url}/inscription" if registration_url else ""
    places_url = f"{settings.public_places_url.rstrip('/')}/v1/places" if settings.public_places_url else ""
    texts = load_texts(settings.texts)
    desk = Desk(board, Feed(floor.engine, tail), public_url, texts, deposit_url, registration_url, places_url)
    doors = Doors(
        create_http(desk),
        parts=[board, bell, tail],
        needs={"the first reading of the map": lambda: board.is_posted},
        let_go=tail.let_go,
    )
    chronicle = Chronicle(floor.engine, bell, floor.editions, floor.clock)
    parts: list[Part] = [bell, tail, chronicle, *_deliveries(settings, floor, tail, public_url)]
    service = floor.service(counts=desk.counts, desk=desk, hears=HEARS, doors=doors, parts=parts)
    service.looks = [lambda: metrics.show(board, service.listener)]
    return service


def _deliveries(settings: Settings, floor: Floor, tail: Tail, public_url: str) -> list[Part]:
    """None where no key opens the webhooks' secrets."""
    if settings.webhooks_key is None:
        return []
    seal, sender = Seal(settings.webhooks_key.get_secret_value()), Sender(settings.destinations)
    return [Deliveries(Means(floor.engine, tail, sender, seal, public_url, settings.webhooks_give_up))]


def main() -> None:
    """The command `map-feed`: `serve`, `http`, `work`, `migrate`, `jobs`, `webhooks`."""
    run_service(Settings, create_app, {"webhooks": run_webhooks_command})
