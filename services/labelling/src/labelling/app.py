"""Labelling, put together."""

from __future__ import annotations

from datetime import timedelta

from fastapi import FastAPI

from backbone.http.access import KeySource, PublishedKeys
from backbone.http.closing import SUSPENDED, Closed
from backbone.http.half_characters import refuse_half_characters
from backbone.http.headers import FOR_PROGRAMS, DefaultHeaders
from backbone.http.manual import BY_MANUAL, install_manual
from backbone.http.problems import BodyLimit, install_problems
from backbone.http.sheet import PagesForPeople
from backbone.postgres.upkeep import Upkeep
from backbone.service.floor import Floor, open_floor
from backbone.service.process import run_service
from backbone.service.scrape import Asked
from backbone.service.service import Doors, Service

from . import store
from .appeals import old_words
from .commands import COMMANDS
from .deadlines import DEADLINE
from .desk import Desk
from .domain.lexicon import use_lexicons
from .handlers import HEARS, RECALL
from .http import appeal_page, appeals, assessments, batches, dossiers, manual, reviews, statistics
from .http import desk as pages
from .http.closings import CLOSINGS
from .metrics import Metrics
from .settings import Settings
from .workbench.settling import SETTLING
from .workbench.tables import PURGES


def create_app(settings: Settings, floor: Floor | None = None, *, keys: KeySource | None = None) -> Service:
    """The service with all its parts; tests hand in a floor with a bus in memory and a clock, and keys."""
    floor = floor or open_floor(settings)
    use_lexicons(settings.lexicons)  # a quarter of a second, before the first message and not in its way
    desk = Desk(
        floor.engine,
        floor.clock,
        floor.editions,
        keys or PublishedKeys(settings.jwks_url),
        floor.switches,
        sign_in_url=settings.sign_in_url,
        map_url=settings.public_map_url.rstrip("/"),
        claim=timedelta(minutes=settings.claim_minutes),
        away=timedelta(days=settings.reviewer_away_days),
    )
    metrics = Metrics(floor.metrics.book)
    return floor.service(
        hears=HEARS,
        recall=RECALL,
        works=[DEADLINE, SETTLING],
        asked=[
            Asked(store.count_decisions, metrics.show_decisions),
            Asked(lambda tx: store.count_waiting(tx, floor.clock.now()), metrics.show_reviews),
        ],
        desk=desk,
        counts=store.counts,
        doors=Doors(create_http(desk), switches=[closing.switch for closing in CLOSINGS]),
        parts=[
            Upkeep(
                floor.engine, [old_words(timedelta(days=settings.appeal_words_kept_days))], name="upkeep of appeals"
            ),
            Upkeep(floor.engine, [*PURGES, store.forget_past_of_canary], name="upkeep of the workbench"),
        ],
    )


def create_http(desk: Desk) -> FastAPI:
    """The API: of reviewers, of organisers, and what the public may read; and the reviewers' pages."""
    http = FastAPI(title="Semaine de l’industrie : label", version="1", description=manual.ABOUT, **BY_MANUAL)
    http.state.desk = desk
    install_problems(http)
    refuse_half_characters(http)
    http.add_middleware(BodyLimit, most_bytes=64 * 1024)
    http.add_middleware(Closed, switches=desk.switches, closings=CLOSINGS)
    http.add_middleware(DefaultHeaders, headers=FOR_PROGRAMS)
    http.add_middleware(PagesForPeople)
    for door in (reviews, appeals, appeal_page, assessments, statistics, dossiers, batches):
        door.install(http)
    pages.install(http, desk)
    kinds = (*reviews.KINDS, *appeals.KINDS, *dossiers.KINDS, *batches.KINDS, SUSPENDED)
    install_manual(http, kinds=kinds, words=manual.WORDS)
    return http


def main() -> None:
    """The command `labelling`."""
    run_service(Settings, create_app, COMMANDS)
