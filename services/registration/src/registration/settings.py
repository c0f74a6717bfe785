"""What registration must be told."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import Field, IPvAnyNetwork, SecretStr

from backbone.mail.mailbox import Sender
from backbone.service.settings import ServiceSettings

# A record in a partition that nothing else is written to stays in the active segment, which is never cleaned: another
# record must come after a day (segment.ms) to close it, so the tombstone is told again on the second day. A relay or an
# operator may write an old fact once more, from a dead letter up to its 29th day: so it goes on, weekly, past the 35th.
TOMBSTONE_AGAIN_AFTER = tuple(timedelta(days=days) for days in (2, 9, 16, 23, 30, 37))


class Settings(ServiceSettings):
    """Settings of registration, prefix REGISTRATION_."""

    service: ClassVar[str] = "registration"
    # by them the copies of a person's mails are found when the person is erased
    jobs_in_use: ClassVar[tuple[str, ...]] = ("mailing",)

    mail_url: SecretStr = Field(description="maildir:/path, smtp://host, submission://…, smtps://… or memory:")
    mail_from: Sender = Field(
        "La Semaine de l'industrie <ne-pas-repondre@semaine-industrie.example>", description="Whom mails are from"
    )
    signing_key: SecretStr = Field(
        description="Ed25519 private key, PEM: signs the access tokens; more below it are believed (docs/runbook.md)"
    )
    public_url: str = Field("http://127.0.0.1:8000", description="Where organisers reach this service")
    public_desk_url: str = Field(
        "",
        description="Where reviewers reach labelling’s pages, if not at this service’s own address: http://127.0.0.1:8002",
    )
    public_kits_url: str = Field(
        "",
        description="Where people reach commskit’s kits, if not at this service’s own address: http://127.0.0.1:8003",
    )
    public_places_url: str = Field(
        "",
        description="Where browsers reach geocoding, which suggests communes while one is typed: http://127.0.0.1:8004;"
        " empty: nothing is suggested",
    )
    directory_url: str = Field(
        "",
        description="The national directory, asked for a SIRET: https://recherche-entreprises.api.gouv.fr; empty: none",
    )
    assessments_url: str = Field(
        "",
        description="Labelling, whose rules are asked about rows of uploaded files: http://labelling:8000; empty: not",
    )
    client_tries_per_minute: int = Field(
        60, ge=1, description="Sign-ups, sign-ins, links and erasures that one client (an address, a /64) may ask for"
    )
    unlimited_clients: tuple[IPvAnyNetwork, ...] = Field(
        (), description='Networks that this does not count, as JSON: ["192.0.2.0/24"]; those of a partner who uploads'
    )
    account_tries: int = Field(10, ge=1, description="Wrong passwords from one client for one account in half an hour")
    mail_pause: timedelta = Field(
        timedelta(minutes=5), gt=timedelta(0), description="Between two mails of a kind to one address"
    )
    passwords_at_once: int = Field(2, ge=1, le=64, description="Hashed at one time: a core and 19 MiB each")
    passwords_waiting: int = Field(
        32, ge=2, description="That may wait to be hashed; who comes then is asked to return"
    )
    mails_at_once: int = Field(4, ge=1, le=50, description="Confirmations and links handed over at one time")
    upload_mebibytes: int = Field(
        320,  # as the room that reads them has it: a workbook of 30 MB takes half of it
        ge=160,
        description="That the process which reads a file of events takes at most, beside the replica’s own",
    )
    canary_every_seconds: int = Field(
        0, ge=0, description="So often a canary goes through all services, shown to nobody, and is timed; 0: never"
    )
    unconfirmed_kept_days: int = Field(
        7,
        ge=3,
        description="An account goes that nobody confirms for so long after its last mail, whose link lives 2",
    )
    accounts_kept_days: int = Field(
        1095,
        ge=365,
        description="An account that nobody signs in to for so long: its owner is told, a month before it goes",
    )
    drafts_kept_days: int = Field(
        365, ge=30, description="A draft that was never submitted goes so long after its last day, or its first line"
    )
    attendance_words_kept_days: int = Field(
        330, ge=1, description="What organisers write beside the numbers of who came; the numbers stay"
    )
    tombstone_again_after: tuple[Annotated[timedelta, Field(gt=timedelta(0))], ...] = Field(
        TOMBSTONE_AGAIN_AFTER,
        description='When the tombstone of an erased person is told again, as JSON: ["P2D", "P9D"], or in seconds',
    )
