"""Organisers as the demonstration plays them: people who sign up, confirm, sign in and post, through the API."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import random
import re
import unicodedata
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

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

_LINK = re.compile(r"/confirmer\?jeton=([\w.-]+)")


@dataclass
class Organiser:
    """A person with an account, and the events they will post."""

    name: str
    email: str
    password: str
    organisation: str
    events: list[tuple[UUID, dict[str, Any]]] = field(default_factory=list)


def person(place: int, seed: int, secret: str) -> Organiser:
    """The invented organiser number `place`, always the same for one seed. The password comes from `secret`."""
    chance = random.Random(f"{seed}:{place}")  # noqa: S311 (no secret)
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    email = f"{_plain(first)}.{_plain(last)}.{seed}-{place}@organisateurs.example"
    password = hmac.new(secret.encode(), email.encode(), hashlib.sha256).hexdigest()[:24]
    return Organiser(f"{first} {last}", email, password, f"Organisation de {last}")


def _plain(name: str) -> str:
    bare = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"\W+", "", bare)


class Letterbox:
    """Reads the confirmation links out of the mailbox, as their receivers would. Each mail is read once."""

    def __init__(self, mailbox: Path) -> None:
        self._new = mailbox / "new"
        self._read: set[str] = set()
        self._tokens: dict[str, str] = {}

    async def token_for(self, email: str, deadline_seconds: float = 60.0) -> str:
        """The token of the newest confirmation mail to this address, once it is there. Raises TimeoutError."""
        async with asyncio.timeout(deadline_seconds):
            while email not in self._tokens:
                await asyncio.to_thread(self._look)
                if email not in self._tokens:
                    await asyncio.sleep(0.1)
        return self._tokens[email]

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
            self._tokens[message["To"].addresses[0].addr_spec] = link.group(1)


PLAYS_FROM = "127.0.0.2"
"""The play's own address on the loopback, so that the limits that hold for everybody else need not be lifted for it."""


def transport_to(url: str) -> httpx.AsyncHTTPTransport:
    """How organisers who are played reach an API: on this machine from an address of their own."""
    return httpx.AsyncHTTPTransport(local_address=PLAYS_FROM if httpx.URL(url).host == HOST else None)


LATER = {
    httpx.codes.TOO_MANY_REQUESTS,
    httpx.codes.BAD_GATEWAY,
    httpx.codes.SERVICE_UNAVAILABLE,
    httpx.codes.GATEWAY_TIMEOUT,
}
WAIT_SECONDS = 0.5


class Api:
    """The registration API as one organiser's program calls it. A patient one asks again, for as long as it takes,
    while registration is away or says that it is busy: each of its requests may be made twice."""

    def __init__(self, client: httpx.AsyncClient, who: Organiser, *, is_patient: bool = False) -> None:
        self._client, self._who, self._token, self._is_patient = client, who, "", is_patient

    async def sign_up(self, letterbox: Letterbox) -> None:
        """Signs in; opens and confirms an account first where there is none yet."""
        if await self._sign_in():
            return
        who = self._who
        account = {"email": who.email, "password": who.password, "name": who.name, "organisation": who.organisation}
        (await self._request("POST", "/v1/accounts", account)).raise_for_status()
        token = await letterbox.token_for(who.email)
        (await self._request("POST", "/v1/accounts/confirmations", {"token": token})).raise_for_status()
        if not await self._sign_in():
            raise RuntimeError(f"the account just confirmed cannot sign in: {who.email}")

    async def post(self, event_id: UUID, draft: dict[str, Any]) -> None:
        """Writes a draft, says yes to what is asked about it, and submits it. Done again, it changes nothing. Of those
        that look like it, it is another."""
        written = await self._as_me("PUT", f"/v1/events/{event_id}", draft)
        confirmed = [question["field"] for question in written.json()["questions"]]
        path, said = f"/v1/events/{event_id}/submission", {"confirmed": confirmed}
        asked = await self._as_me("POST", path, said, may_ask=True)
        if asked.is_error:
            others = [one["token"] for one in asked.json()["resembles"]]
            await self._as_me("POST", path, {**said, "not_the_same": others})

    async def fresh_token(self) -> str:
        """An access token, good for a quarter of an hour."""
        await self._sign_in()
        return self._token

    async def _sign_in(self) -> bool:
        answer = await self._request("POST", "/v1/tokens", {"email": self._who.email, "password": self._who.password})
        if answer.status_code == httpx.codes.OK:
            self._token = answer.json()["access_token"]
        return answer.status_code == httpx.codes.OK

    async def _as_me(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, may_ask: bool = False
    ) -> httpx.Response:
        answer = await self._request(method, path, body)
        if answer.status_code == httpx.codes.UNAUTHORIZED and await self._sign_in():  # a token lives 15 minutes
            answer = await self._request(method, path, body)
        is_question = may_ask and answer.status_code == httpx.codes.CONFLICT and "resembles" in answer.json()
        if answer.is_error and not is_question:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer

    async def _request(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        while True:
            wait = WAIT_SECONDS
            try:
                answer = await self._client.request(method, path, json=body, headers=headers)
                if answer.status_code not in LATER or not self._is_patient:
                    return answer
                wait = float(answer.headers.get("Retry-After", wait))
            except httpx.TransportError:
                if not self._is_patient:
                    raise
            await asyncio.sleep(wait)
