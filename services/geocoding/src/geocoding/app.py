"""Geocoding, put together."""

from __future__ import annotations

from datetime import timedelta

from backbone.postgres.purge import older
from backbone.postgres.upkeep import Upkeep
from backbone.service.floor import Floor, open_floor
from backbone.service.process import run_service
from backbone.service.service import Doors, Service

from .desk import Desk
from .domain import Geocoder
from .handlers import HEARS, LOOK_UPS, RECALL
from .http import door
from .metrics import Metrics
from .pipeline import Pipeline
from .settings import Settings
from .store import answers, counts


def create_app(settings: Settings, floor: Floor | None = None, *, geocoder: Geocoder | None = None) -> Service:
    """The service; tests hand in the floor that it stands on, and a geocoder."""
    floor = floor or open_floor(settings)
    metrics = Metrics(floor.metrics.book)
    if geocoder:
        desk = Desk(Pipeline({"handed in": geocoder}), floor.clock, metrics=metrics)
    else:
        desk = Desk.open(settings, floor.engine, floor.clock, metrics)
    too_old = older(answers, answers.c.asked_at, timedelta(days=settings.geocoder_answers_kept_days))
    return floor.service(
        counts=counts,
        desk=desk,
        doors=Doors(door(desk.pipeline.gazetteer)),
        hears=HEARS,
        recall=RECALL,
        works=[LOOK_UPS.sized(settings.look_ups_at_once)],
        parts=[Upkeep(floor.engine, [too_old], name="upkeep of answers")],
    )


def main() -> None:
    """The command `geocoding`."""
    run_service(Settings, create_app)
