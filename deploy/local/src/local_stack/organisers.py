"""Organisers as the demonstration plays them: who they are, what they mean to do, and the mails they get."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import random
import re
import time
import unicodedata
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from backbone.testing.waiting import stretched

from .ports import HOST

FIRST_NAMES = (
    "Agathe", "Aïcha", "Alain", "Amélie", "Anaïs", "Benoît", "Camille", "Céline", "Chloé", "Damien", "Djamila", "Élise",
    "Émile", "Fabrice", "Fatou", "Florence", "Gaël", "Hélène", "Hugo", "Inès", "Jérôme", "Jocelyne", "Karim", "Laure",
    "Léo", "Loïc", "Lucie", "Maëlle", "Mathieu", "Nadia", "Noémie", "Olivier", "Océane", "Paul", "Rachid", "Romane",
    "Sandrine", "Sylvain", "Thaïs", "Théo", "Valérie", "Victor", "Yann", "Zoé",
)  # fmt: skip
LAST_NAMES = (
    "Aubert", "Barbier", "Benali", "Blanchard", "Boyer", "Carpentier", "Chevalier", "Colin", "Da Silva", "Denis",
    "Diallo", "Dupuis", "Fabre", "Ferrand", "Fleury", "Gaillard", "Garnier", "Gauthier", "Guérin", "Haddad", "Hoarau",
    "Jacquet", "Kaya", "Lacroix", "Lambert", "Le Gall", "Lemaire", "Mallet", "Marchand", "Mercier", "Meunier", "Nguyen",
    "Ollivier", "Payet", "Perrin", "Picard", "Renaud", "Rivière", "Roussel", "Schmitt", "Tessier", "Vasseur", "Weber",
)  # fmt: skip

_LINK = re.compile(r"/(confirmer|invitation)\?jeton=([\w.-]+)")
CONFIRMATION, INVITATION = "confirmer", "invitation"


class Deed(StrEnum):
    """What becomes of an event after it was posted."""

    AMENDED = "amended"
    CANCELLED = "cancelled"
    COPIED = "copied"
    POSTPONED = "postponed"
    MOVED_ONLINE = "moved online"
    WITHDRAWN = "withdrawn"


@dataclass
class Organiser:
    """A person with an account, the events they will post, what becomes of some of these, and a colleague perhaps."""

    name: str
    email: str
    password: str
    organisation: str
    events: list[tuple[UUID, dict[str, Any]]] = field(default_factory=list)
    deeds: dict[UUID, Deed] = field(default_factory=dict)
    colleague: Organiser | None = None


def person(place: int | str, seed: int, secret: str) -> Organiser:
    """The invented organiser of this number or name, always the same for one seed. The password comes from `secret`."""
    chance = random.Random(f"{seed}:{place}")  # noqa: S311 (no secret)
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    email = f"{_plain(first)}.{_plain(last)}.{seed}-{place}@organisateurs.example"
    password = hmac.new(secret.encode(), email.encode(), hashlib.sha256).hexdigest()[:24]
    return Organiser(f"{first} {last}", email, password, f"Organisation de {last}")


def _plain(name: str) -> str:
    bare = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"\W+", "", bare)


class Letterbox:
    """Reads the links of confirmations and invitations out of the mailbox, as their receivers would. Each mail is read
    once."""

    def __init__(self, mailbox: Path) -> None:
        self._new = mailbox / "new"
        self._read: set[str] = set()
        self._tokens: dict[tuple[str, str], str] = {}

    async def token_for(self, email: str, page: str = CONFIRMATION, deadline_seconds: float = 60.0) -> str:
        """The token of the newest link to this page that was mailed to this address, once it is there. Raises
        TimeoutError; on a busy machine later."""
        began = time.monotonic()
        while (email, page) not in self._tokens:
            await asyncio.to_thread(self._look)
            if (email, page) not in self._tokens:
                if time.monotonic() - began > stretched(deadline_seconds):
                    raise TimeoutError(f"no link to {page} was mailed in {deadline_seconds:.0f} s")
                await asyncio.sleep(0.1)
        return self._tokens[email, page]

    def _look(self) -> None:
        arrived = {file.name for file in self._new.glob("*")} - self._read
        for name in sorted(arrived, key=lambda name: (self._new / name).stat().st_mtime):
            self._read.add(name)
            head = (self._new / name).open("rb").read(4096)
            if b"@registration." in head:
                self._note((self._new / name).read_bytes())

    def _note(self, mail: bytes) -> None:
        message = message_from_bytes(mail, policy=default)
        body = message.get_body(("plain",))
        link = _LINK.search(str(body.get_content())) if body else None
        if link:
            self._tokens[message["To"].addresses[0].addr_spec, link[1]] = link[2]


PLAYS_FROM = "127.0.0.2"
"""The play's own address on the loopback, so that the limits that hold for everybody else need not be lifted for it."""


def transport_to(url: str) -> httpx.AsyncHTTPTransport:
    """How organisers who are played reach an API: on this machine from an address of their own."""
    return httpx.AsyncHTTPTransport(local_address=PLAYS_FROM if httpx.URL(url).host == HOST else None)
