"""Registration, put together."""

from __future__ import annotations

import argparse
import hashlib
import logging
from functools import partial

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from fastapi import FastAPI
from faststream.kafka import KafkaBroker

from backbone.campaign.clock import Clock
from backbone.campaign.edition import load_edition
from backbone.campaign.geography import REVIEW_REGIONS
from backbone.contracts import (
    EventLabelled,
    EventLocated,
    EventNotLocated,
    EventRejected,
    KitFailed,
    KitSent,
    LabelWithdrawn,
    ReviewRequested,
)
from backbone.http.access import Signer
from backbone.http.half_characters import refuse_half_characters
from backbone.http.headers import FOR_PROGRAMS, DefaultHeaders
from backbone.http.manual import BY_MANUAL, install_manual
from backbone.http.problems import BodyLimit, install_problems
from backbone.kafka.publisher import KafkaPublisher, Publisher
from backbone.mail.mailers import Mailer, open_mailer
from backbone.postgres.bell import Bell
from backbone.postgres.database import open_database
from backbone.postgres.jobs import Retry, Worker
from backbone.postgres.outbox import Relay
from backbone.runtime.waiting import is_transient
from backbone.service.listener import Listener, open_broker
from backbone.service.process import Service, run_service

from . import store
from .confirmation import Confirmations, LinkExpired
from .domain.account import address_of
from .erasure import ERASURE, complete_erasure, erase, give_up_erasure, unconfirmed_accounts
from .handlers import note_step
from .http import accounts, events, manual, new_password, pages
from .http.desk import Desk
from .mails import MAILING, give_up_on_mail, send_mail
from .passwords import Crowded, Passwords
from .settings import Settings
from .throttle import Throttle, TooMany

log = logging.getLogger(__name__)

HEARD = (
    EventLabelled,
    EventRejected,
    ReviewRequested,
    LabelWithdrawn,
    EventLocated,
    EventNotLocated,
    KitSent,
    KitFailed,
)

# what a person was promised is not given up for a mailbox that is away for a night
INSISTENT = Retry(tries=20, first=1.0, cap=3600.0)


def create_app(
    settings: Settings,
    *,
    broker: KafkaBroker | None = None,
    publisher: Publisher | None = None,
    mailer: Mailer | None = None,
    clock: Clock | None = None,
) -> Service:
    """The service with all its parts; tests hand in a bus in memory, a mailer, a clock."""
    engine = open_database(settings.database_url.get_secret_value())
    bell = Bell(engine)
    publisher = publisher or KafkaPublisher(settings.kafka, "registration")
    broker = broker or open_broker("registration", settings.kafka)
    mailer = mailer or open_mailer(settings.mail_url.get_secret_value())
    private_key = read_private_key(settings.signing_key.get_secret_value())
    confirmations = Confirmations(private_key, settings.public_url, settings.mail_from)

    http = FastAPI(title="Semaine de l’industrie : inscription", version="1", description=ABOUT, **BY_MANUAL)
    http.state.desk = Desk(
        engine=engine,
        edition=load_edition(settings.edition),
        clock=clock or settings.clock,
        passwords=Passwords(settings.passwords_at_once, settings.passwords_waiting),
        confirmations=confirmations,
        signer=Signer(private_key, key_id(private_key)),
        throttle=Throttle(
            engine,
            _secret_of(private_key, "limits"),
            client_tries_per_minute=settings.client_tries_per_minute,
            account_tries=settings.account_tries,
            mail_pause=settings.mail_pause,
            unlimited=settings.unlimited_clients,
        ),
        tombstone_again_after=settings.tombstone_again_after,
    )
    install_problems(http)
    http.add_exception_handler(LinkExpired, pages.link_expired)
    http.add_exception_handler(TooMany, pages.too_many)
    http.add_exception_handler(Crowded, pages.crowded)
    http.add_exception_handler(accounts.WrongCredentials, pages.wrong_credentials)
    http.add_exception_handler(events.NamesItsAuthor, events.names_its_author)
    http.add_exception_handler(events.AsksFirst, events.asks_first)
    refuse_half_characters(http)
    http.add_middleware(BodyLimit, most_bytes=64 * 1024)
    http.add_middleware(DefaultHeaders, headers=FOR_PROGRAMS)
    for routes in (accounts.routes, new_password.routes, accounts.keys, events.routes, pages.routes):
        http.include_router(routes)
    install_manual(http, kinds=manual.KINDS, words=manual.WORDS)

    complete = partial(complete_erasure, engine=engine, mailer=mailer)
    send = partial(send_mail, engine=engine, confirmations=confirmations, mailer=mailer)
    return Service(
        name="registration",
        engine=engine,
        bell=bell,
        relay=Relay(engine, publisher, bell, [*settings.purges, unconfirmed_accounts(settings.unconfirmed_kept_days)]),
        listener=Listener(
            "registration",
            broker,
            engine,
            publisher,
            dict.fromkeys(HEARD, note_step),
            session_seconds=settings.kafka_session_seconds,
        ),
        parts=[
            Worker(engine, bell, MAILING, send, give_up_on_mail, at_once=settings.mails_at_once),
            Worker(engine, bell, ERASURE, complete, give_up_erasure, retry=INSISTENT),
        ],
        counts=store.counts,
        http=http,
    )


ABOUT = """
Déposez vos événements : ouvrez un compte (`POST /v1/accounts`), confirmez votre adresse par le lien reçu,
connectez-vous (`POST /v1/tokens`), écrivez un brouillon (`POST /v1/events`), déposez-le
(`POST /v1/events/{id}/submission`, en confirmant les numéros et les adresses qu’il rend publics) et suivez son
histoire (`GET /v1/events/{id}`). Un événement se retire (`POST /v1/events/{id}/withdrawal`) ; un compte s’efface
(`POST /v1/accounts/erasure`), et ses événements sont alors retirés.
"""


def read_private_key(pem: str) -> Ed25519PrivateKey:
    """The signing key. Raises ValueError if it is no Ed25519 key in PEM."""
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("REGISTRATION_SIGNING_KEY is not an Ed25519 private key")
    return key


def key_id(key: Ed25519PrivateKey) -> str:
    """A short name for a key, from its public half: another key has another name."""
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(public).hexdigest()[:16]


def _secret_of(key: Ed25519PrivateKey, purpose: str) -> bytes:
    """A secret that all replicas share, for one purpose."""
    return hashlib.blake2b(purpose.encode(), key=key.private_bytes_raw()).digest()


async def grant(settings: Settings, arguments: list[str]) -> None:
    """`registration grant ADDRESS ROLE [REGION …]`: gives an account a role, and a reviewer regions."""
    parser = argparse.ArgumentParser(prog="registration grant")
    parser.add_argument("email")
    parser.add_argument("role", choices=["organiser", "reviewer", "administrator"])
    parser.add_argument("regions", nargs="*", help="INSEE codes, e.g. 84; 00 for online events")
    asked = parser.parse_args(arguments)
    if unknown := sorted({*asked.regions} - REVIEW_REGIONS.keys()):
        known = ", ".join(f"{code} {name}" for code, name in sorted(REVIEW_REGIONS.items()))
        parser.error(f"no region has the code {', '.join(unknown)}; those there are: {known}")
    if (asked.role == "reviewer") != bool(asked.regions):
        parser.error("a reviewer is given one region or more, and nobody else is given any")
    engine = open_database(settings.database_url.get_secret_value())
    async with engine.begin() as tx:
        account_id = await store.grant_role(tx, address_of(asked.email) or "", asked.role, asked.regions)
    await engine.dispose()
    if account_id is None:
        raise SystemExit("registration: no account has this address")
    granted = {"account": str(account_id), "role": asked.role, "regions": asked.regions}
    log.info("a role was granted", extra=granted)


async def erase_by_letter(settings: Settings, arguments: list[str]) -> None:
    """`registration erase ADDRESS`: forgets a person who asked for it by letter, confirmed or not."""
    parser = argparse.ArgumentParser(prog="registration erase")
    parser.add_argument("email")
    address = address_of(parser.parse_args(arguments).email) or ""
    now, again_after = settings.clock.now(), settings.tombstone_again_after
    engine = open_database(settings.database_url.get_secret_value())
    try:
        async with engine.begin() as tx:
            account = await store.account_by_email(tx, address)
            done = account is not None and await erase(tx, account.id, now=now, again_after=again_after)
    except Exception as error:
        if not is_transient(error):
            raise
        raise SystemExit("registration: PostgreSQL is busy or away: nothing was done, try again") from None
    finally:
        await engine.dispose()
    if not (account and done):
        raise SystemExit("registration: no account has this address")
    log.info("an account was erased", extra={"account": str(account.id), "by": "letter"})


def main() -> None:
    """The command `registration`."""
    run_service(Settings, create_app, {"grant": grant, "erase": erase_by_letter})
