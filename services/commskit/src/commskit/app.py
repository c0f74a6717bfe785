"""Commskit, put together."""

from __future__ import annotations

from functools import partial

from backbone.http.access import KeySource, PublishedKeys
from backbone.mail.mailers import Mailer, open_mailer
from backbone.postgres.upkeep import Upkeep
from backbone.service.dead_jobs import run_jobs_command
from backbone.service.floor import Floor, open_floor
from backbone.service.process import run_service
from backbone.service.service import Doors, Service

from . import store
from .desk import Desk
from .handlers import HEARS, RECALL
from .http import create_http
from .metrics import Metrics
from .render import RenderPool
from .settings import Settings
from .works import FORGETTING, KITS, NOTICES, ask_again


def create_app(
    settings: Settings,
    floor: Floor | None = None,
    *,
    mailer: Mailer | None = None,
    renderers: RenderPool | None = None,
    keys: KeySource | None = None,
) -> Service:
    """The service; tests hand in the floor that it stands on, a mailer, renderers, keys."""
    floor = floor or open_floor(settings)
    desk = Desk(
        engine=floor.engine,
        renderers=renderers or RenderPool(settings.renderers, settings.render_seconds),
        mailer=mailer or open_mailer(settings.mail_url.get_secret_value()),
        keys=keys or PublishedKeys(settings.jwks_url),
        editions=floor.editions,
        clock=floor.clock,
        public_map_url=settings.public_map_url,
        public_registration_url=settings.public_registration_url,
        mail_from=settings.mail_from,
        metrics=Metrics(floor.metrics.book),
    )
    # one more than the renderers, so that a kit is mailed while the next is drawn
    works = [KITS.sized(settings.renderers + 1), FORGETTING, NOTICES]
    upkeep = Upkeep(floor.engine, [store.forget_past_of_canary], name="upkeep of the canary")
    return floor.service(
        counts=store.counts,
        desk=desk,
        hears=HEARS,
        recall=RECALL,
        works=works,
        parts=[upkeep],
        doors=Doors(create_http(desk)),
    )


def main() -> None:
    """The command `commskit`."""
    run_service(Settings, create_app, {"jobs": partial(run_jobs_command, on_retry=ask_again)})
