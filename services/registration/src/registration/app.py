"""Registration, put together."""

from __future__ import annotations

from backbone.http.access import Signer
from backbone.mail.mailers import Mailer, open_mailer
from backbone.postgres.upkeep import Upkeep
from backbone.service.floor import Floor, open_floor
from backbone.service.process import run_service
from backbone.service.service import Doors, Service

from . import store
from .assessing import RulesOfLabelling
from .commands import COMMANDS
from .confirmation import Confirmations
from .desk import Desk
from .directory import NationalDirectory
from .handlers import ATTENDANCE, ERASURE, HEARS, MAILING, REMINDER, UPLOAD
from .handlers.attendance import questions_never_queued
from .handlers.canary import Canary
from .handlers.erasure import unconfirmed_accounts
from .handlers.invitations import invitations_that_are_over
from .handlers.nudging import nudges
from .handlers.recalling import RECALL
from .handlers.retention import retention_purges
from .http import create_http
from .http.closings import CLOSINGS
from .keys import key_id, read_private_keys, secret_of
from .metrics import Metrics
from .passwords import Passwords
from .sealing import Seal
from .settings import Settings
from .store import uploads
from .throttle import Throttle


def create_app(settings: Settings, floor: Floor | None = None, *, mailer: Mailer | None = None) -> Service:
    """The service with all its parts. Tests hand in a floor with a bus in memory and a clock, and a mailer."""
    floor = floor or open_floor(settings)
    keys = read_private_keys(settings.signing_key.get_secret_value())
    vault = Seal([secret_of(key, "second factors") for key in keys], key_id(keys[0]))
    signer = Signer(keys[0], key_id(keys[0]), {key_id(key): key.public_key() for key in keys[1:]})
    desk = Desk(
        engine=floor.engine,
        clock=floor.clock,
        edition=floor.editions.current,
        editions=floor.editions.by_name,
        passwords=Passwords(settings.passwords_at_once, settings.passwords_waiting),
        confirmations=Confirmations(keys, settings.public_url, settings.mail_from),
        signer=signer,
        rules=RulesOfLabelling(settings.assessments_url, signer) if settings.assessments_url else None,
        throttle=Throttle(floor.engine, secret_of(keys[0], "limits"), settings),
        mailer=mailer or open_mailer(settings.mail_url.get_secret_value()),
        metrics=Metrics(floor.metrics.book),
        tombstone_again_after=settings.tombstone_again_after,
        switches=floor.switches,
        vault=vault,
        tickets=Seal([secret_of(key, "tickets") for key in keys], key_id(keys[0])),
        refresh_keys=[secret_of(key, "sessions") for key in keys],
        public_desk_url=settings.public_desk_url.rstrip("/"),
        public_map_url=settings.public_map_url.rstrip("/"),
        upload_mebibytes=settings.upload_mebibytes,
        public_kits_url=(settings.public_kits_url or settings.public_url).rstrip("/"),
        public_places_url=settings.public_places_url.rstrip("/"),
        directory=NationalDirectory(settings.directory_url) if settings.directory_url else None,
    )
    every = settings.canary_every_seconds
    desk.metrics.canary_every.set(every)
    purges = [
        uploads.forget_old_uploads(),
        unconfirmed_accounts(settings.unconfirmed_kept_days),
        store.forget_past_of_canary,
        *store.ended_sessions(),
        store.ended_keys(),
        invitations_that_are_over(),
        store.adopt_all_strays,
        store.old_answers(),
        store.old_late_codes(),
        store.forget_left_pictures,
        *retention_purges(settings, floor.clock),
        questions_never_queued(floor.clock, floor.editions.current.name),
        nudges(floor.editions.current, floor.clock),
    ]
    return floor.service(
        hears=HEARS,
        recall=RECALL,
        works=[MAILING.sized(settings.mails_at_once), ERASURE, REMINDER, ATTENDANCE, UPLOAD],
        desk=desk,
        counts=store.counts,
        doors=Doors(create_http(desk), switches=[closing.switch for closing in CLOSINGS]),
        parts=[
            Upkeep(floor.engine, purges, name="upkeep of accounts"),
            *([Canary(desk, every)] if every else []),
        ],
    )


def main() -> None:
    """The command `registration`."""
    run_service(Settings, create_app, COMMANDS)
