"""What all that registration does is given to work with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.campaign.clock import Clock
from backbone.campaign.edition import Edition
from backbone.http.access import Signer
from backbone.mail.mailers import Mailer
from backbone.postgres.switches import Switches
from backbone.printing.process import Printer
from backbone.runtime.metrics import Book

from .assessing import Rules
from .confirmation import Confirmations
from .directory import Directory
from .metrics import Metrics
from .passwords import Passwords
from .pictures import Studio
from .sealing import Seal
from .sheets.bounds import MOST_MEMORY
from .throttle import Throttle


@dataclass(frozen=True)
class Desk:
    """The collaborators of every handler, work and route."""

    engine: AsyncEngine
    clock: Clock
    edition: Edition
    passwords: Passwords
    confirmations: Confirmations
    signer: Signer
    throttle: Throttle
    mailer: Mailer
    tombstone_again_after: Sequence[timedelta]
    switches: Switches
    vault: Seal
    """Of secrets that are kept."""
    tickets: Seal
    """Of what goes through a browser and back."""
    refresh_keys: Sequence[bytes]
    """Of which refresh tokens make the next; the newest first."""
    editions: Mapping[str, Edition] = field(default_factory=dict)
    """All that are known, by their names."""
    printer: Printer = field(default_factory=Printer)
    metrics: Metrics = field(default_factory=lambda: Metrics(Book()))
    studio: Studio = field(default_factory=Studio)
    upload_mebibytes: int = MOST_MEMORY
    """That reading a file of events takes at the most."""
    public_desk_url: str = ""
    public_map_url: str = ""
    public_kits_url: str = ""
    public_places_url: str = ""
    """Empty: nothing is suggested."""
    rules: Rules | None = None
    """Of the label, for files that are uploaded. None: they are not asked."""
    directory: Directory | None = None
    """None: it is not asked."""
