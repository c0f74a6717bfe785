"""Labelling, put together."""

from __future__ import annotations

from fastapi import FastAPI

from backbone.http.access import KeySource, PublishedKeys
from backbone.http.half_characters import refuse_half_characters
from backbone.http.headers import FOR_PROGRAMS, DefaultHeaders
from backbone.http.manual import BY_MANUAL, install_manual
from backbone.http.problems import BodyLimit, install_problems
from backbone.service.floor import Floor, open_floor
from backbone.service.process import run_service
from backbone.service.service import Doors, Service

from . import store
from .commands import COMMANDS
from .desk import Desk
from .handlers import HEARS
from .http import manual, reviews
from .settings import Settings


def create_app(settings: Settings, floor: Floor | None = None, *, keys: KeySource | None = None) -> Service:
    """The service with all its parts; tests hand in a floor with a bus in memory and a clock, and keys."""
    floor = floor or open_floor(settings)
    desk = Desk(floor.engine, floor.clock, floor.editions, keys or PublishedKeys(settings.jwks_url))
    return floor.service(hears=HEARS, desk=desk, counts=store.counts, doors=Doors(create_http(desk)))


def create_http(desk: Desk) -> FastAPI:
    """The review API."""
    http = FastAPI(title="Semaine de l’industrie : label", version="1", description=manual.ABOUT, **BY_MANUAL)
    http.state.desk = desk
    install_problems(http)
    refuse_half_characters(http)
    http.add_middleware(BodyLimit, most_bytes=64 * 1024)
    http.add_middleware(DefaultHeaders, headers=FOR_PROGRAMS)
    reviews.install(http)
    install_manual(http, kinds=reviews.KINDS, words=manual.WORDS)
    return http


def main() -> None:
    """The command `labelling`."""
    run_service(Settings, create_app, COMMANDS)
