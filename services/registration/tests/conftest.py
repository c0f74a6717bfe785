"""A database of its own for each test, the real service over it, people who sign up, and drafts to submit."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.campaign.clock import StoppedClock
from backbone.contracts import (
    DecisionFact,
    EventFact,
    EventLabelled,
    EventRejected,
    LabelWithdrawn,
    Reason,
    ReviewRequested,
)
from backbone.mail.mailers import MemoryMailer
from backbone.postgres.database import jobs, outbox
from backbone.service.floor import open_floor
from backbone.service.folding import Happening, fold_all
from backbone.service.service import Service
from backbone.service.working import Worker
from registration.app import create_app
from registration.domain.draft import EventDraft
from registration.handlers import HEARS
from registration.settings import Settings
from registration.store import limits

EDITION = Path(__file__).parents[3] / "editions" / "2026.toml"
AT = datetime(2026, 6, 2, 8, tzinfo=UTC)
PASSWORD = "douze lettres, ou plus"
LINK = re.compile(r"https://inscription\.example/(?:confirmer|mot-de-passe)\?jeton=(\S+)")


@dataclass
class Person:
    """Somebody at the door of registration, with a token once they have signed in."""

    client: AsyncClient
    email: str
    account_id: UUID | None = None
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, body: Any = None) -> Response:
        return await self.client.request(method, path, json=body, headers=self.headers)

    async def drafts(self, draft: dict[str, Any]) -> str:
        """Writes a draft; the event's id."""
        answer = await self.ask("POST", "/v1/events", draft)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def submits(self, event_id: str) -> dict[str, Any]:
        answer = await self.ask("POST", f"/v1/events/{event_id}/submission")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def reads(self, event_id: str) -> dict[str, Any]:
        return dict((await self.ask("GET", f"/v1/events/{event_id}")).json())


@pytest.fixture(scope="session")
def private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 6, 1, 9, tzinfo=UTC))


@pytest.fixture
def mailer() -> MemoryMailer:
    return MemoryMailer()


@pytest.fixture
async def settings(make_database: Callable[[str], Awaitable[str]], private_key: Ed25519PrivateKey) -> Settings:
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Settings(
        database_url=await make_database("registration"),
        kafka_bootstrap_servers="127.0.0.1:1",
        edition=EDITION,
        mail_url="memory:",
        signing_key=pem.decode(),
        public_url="https://inscription.example/",
    )


@pytest.fixture
async def service(settings: Settings, mailer: MemoryMailer, clock: StoppedClock) -> AsyncIterator[Service]:
    """The real service, whose parts are not started: tests do their work themselves."""
    service = create_app(settings, open_floor(settings, clock=clock), mailer=mailer)
    yield service
    await service.engine.dispose()


@pytest.fixture
def engine(service: Service) -> AsyncEngine:
    return service.engine


@pytest.fixture
def worker(service: Service) -> Worker:
    """Whoever sends the confirmation mails."""
    return service.workers[0]


@pytest.fixture
async def client(service: Service, as_described: Callable[..., Any]) -> AsyncIterator[AsyncClient]:
    """Somebody at the door, who holds every answer against what the API says of itself."""
    hooks = {"response": [as_described(service.http)]}
    transport = ASGITransport(service.http)
    async with AsyncClient(transport=transport, base_url="http://registration", event_hooks=hooks) as client:
        yield client


@pytest.fixture
async def health(service: Service) -> AsyncIterator[AsyncClient]:
    """Where the service says how it is."""
    async with AsyncClient(transport=ASGITransport(service.health), base_url="http://health") as client:
        yield client


@pytest.fixture
def an_account() -> Callable[..., dict[str, Any]]:
    """What a person gives to open an account."""

    def make(**changes: Any) -> dict[str, Any]:
        given = {"email": "ines@fonderie.example", "password": PASSWORD, "name": "Inès Payet"}
        return given | {"organisation": "Fonderie de l’Erdre"} | changes

    return make


@pytest.fixture
def token_in_mail(mailer: MemoryMailer) -> Callable[[], str]:
    """The token of the link in the newest mail."""

    def read() -> str:
        part = mailer.sent[-1].get_body(("plain",))
        assert part is not None
        link = LINK.search(part.get_content())
        assert link is not None
        return link.group(1)

    return read


@pytest.fixture
def sign_up(
    client: AsyncClient, worker: Worker, an_account: Callable[..., dict[str, Any]], token_in_mail: Callable[[], str]
) -> Callable[..., Awaitable[None]]:
    """Opens an account and confirms it by the link in the mail."""

    async def go(email: str) -> None:
        assert (await client.post("/v1/accounts", json=an_account(email=email))).status_code == 202
        assert await worker.run_due() == 1
        answer = await client.post("/v1/accounts/confirmations", json={"token": token_in_mail()})
        assert answer.status_code == 200

    return go


@pytest.fixture
def a_person(client: AsyncClient, sign_up: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[Person]]:
    """Somebody with a confirmed account, signed in."""

    async def make(email: str = "ines@fonderie.example") -> Person:
        await sign_up(email)
        answer = await client.post("/v1/tokens", json={"email": email, "password": PASSWORD})
        return Person(client, email, headers={"Authorization": f"Bearer {answer.json()['access_token']}"})

    return make


@pytest.fixture
def pass_by(engine: AsyncEngine) -> Callable[[timedelta], Awaitable[None]]:
    """Lets time pass for what waits and for what is limited."""

    async def go_by(time: timedelta) -> None:
        async with engine.begin() as tx:
            await tx.execute(update(limits).values(empty_at=limits.c.empty_at - time))
            await tx.execute(update(jobs).where(jobs.c.state == "waiting").values(due_at=jobs.c.due_at - time))

    return go_by


@pytest.fixture
def a_draft() -> Callable[..., dict[str, Any]]:
    """Makes a draft: a visit of a foundry, unless told otherwise. A field given as `...` is left out."""

    def make(**changes: Any) -> dict[str, Any]:
        told: dict[str, Any] = {
            "organisation": "Fonderie de l’Erdre",
            "title": "Du métal en fusion à la pièce finie",
            "description": "Suivez une pièce, du four à l’emballage. Gratuit, sur inscription.",
            "kind": "company_visit",
            "audiences": ["pupils", "families"],
            "admission": "on_registration",
            "is_free": True,
            "slots": [{"starts_at": "2026-11-17T09:00", "ends_at": "2026-11-17T11:30"}],
            "venue": {"street": "12 rue de l’Industrie", "postcode": "44550", "city": "Montoir-de-Bretagne"},
            "booking_email": "visites@erdre.example",
        }
        return {name: value for name, value in (told | changes).items() if value is not ...}

    return make


@pytest.fixture
def hear(engine: AsyncEngine, service: Service) -> Callable[..., Awaitable[None]]:
    """Registration hears these facts, in one poll."""

    async def listen(*facts: EventFact) -> None:
        heard = [Happening(fact, fact.key, HEARS[type(fact)], None) for fact in facts]
        async with engine.begin() as tx:
            await fold_all(tx, heard, service.http.state.desk)

    return listen


@pytest.fixture
def a_decision(a_draft: Callable[..., dict[str, Any]]) -> Callable[..., DecisionFact]:
    """Makes what labelling tells of a revision of an event: « granted », « refused » … by the rules, unless told
    otherwise."""
    kinds = {"granted": EventLabelled, "refused": EventRejected, "under_review": ReviewRequested}

    def make(event_id: str, revision: int, sequence: int, label: str, **changes: Any) -> DecisionFact:
        event = EventDraft.model_validate(a_draft()).as_event(UUID(event_id), revision, "2026", UUID(int=7))
        said = {"event_id": UUID(event_id), "revision": revision, "sequence": sequence, "edition": "2026"}
        decided = {"decision_id": uuid4(), "label": label, "decided_by": "rules", "decided_at": AT}
        if label == "withdrawn":
            reason = Reason(code="organiser", message="L’organisateur a retiré l’événement.")
            return LabelWithdrawn(**said | decided | {"reason": reason, "decided_by": "organiser"} | changes)
        due = {"region": "52", "due_at": AT} if label == "under_review" else {}
        kind = changes.pop("kind", kinds.get(label, EventRejected))
        return kind(**said | decided | due | {"event": event, "verdicts": ()} | changes)

    return make


@pytest.fixture
def told(engine: AsyncEngine) -> Callable[..., Awaitable[list[tuple[str, Any]]]]:
    """What stands in the outbox on a topic: the type of each fact, in order, and its payload."""

    async def read(topic: str = "registration.events") -> list[tuple[str, Any]]:
        question = select(outbox.c.type, outbox.c.payload).where(outbox.c.aggregatetype == topic)
        async with engine.connect() as tx:
            rows = await tx.execute(question.order_by(outbox.c.seq))
            return [(row.type.rsplit(".", 1)[1], row.payload) for row in rows]

    return read


@pytest.fixture
async def mine(a_person, a_draft):
    """A person, and the id of an event of theirs that is submitted: its first revision."""
    person = await a_person()
    event_id = await person.drafts(a_draft())
    await person.submits(event_id)
    return person, event_id
