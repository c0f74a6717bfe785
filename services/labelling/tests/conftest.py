"""A database of its own for each test, the real service over it, reviewers with tokens, and events to judge."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from httpx import ASGITransport, AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.campaign.clock import StoppedClock
from backbone.campaign.edition import Edition, load_edition
from backbone.contracts import EventSubmitted, Fact, PublicEvent
from backbone.http.access import Caller, Signer
from backbone.service.floor import open_floor
from backbone.service.service import Service
from backbone.testing.publisher import RecordingPublisher
from labelling.app import create_app
from labelling.domain.case import Case
from labelling.domain.criteria import judge
from labelling.domain.decision import decide
from labelling.settings import Settings

EDITION = Path(__file__).parents[3] / "editions" / "2026.toml"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday


@pytest.fixture(scope="session")
def edition() -> Edition:
    return load_edition(EDITION)


@pytest.fixture
def an_event() -> Callable[..., PublicEvent]:
    """Makes an event: a labelled visit of a foundry in Villeurbanne, unless told otherwise."""

    def make(**changes: Any) -> PublicEvent:
        told: dict[str, Any] = {
            "event_id": uuid4(),
            "revision": 1,
            "edition": "2026",
            "organiser_id": UUID(int=7),
            "organisation": "Fonderie de l’Est lyonnais",
            "title": "La coulée, côté pont roulant",
            "description": "Visite de l’usine et rencontre avec les fondeurs. Gratuit, sur inscription.",
            "kind": "company_visit",
            "audiences": ("pupils", "students"),
            "admission": "on_registration",
            "is_free": True,
            "slots": [{"starts_at": "2026-11-17T09:00:00+01:00", "ends_at": "2026-11-17T12:30:00+01:00"}],
            "timezone": "Europe/Paris",
            "venue": {"address": {"street": "12 rue de l’Industrie", "postcode": "69100", "city": "Villeurbanne"}},
        }
        if "online_url" in changes:
            told["venue"] = None
        return PublicEvent.model_validate(told | changes)

    return make


@pytest.fixture
def a_doubtful_event(an_event: Callable[..., PublicEvent]) -> Callable[..., PublicEvent]:
    """Makes an event that only a person can judge."""

    def make(**changes: Any) -> PublicEvent:
        return an_event(**{"admission": "named_group", "audiences": ("everyone",), **changes})

    return make


@pytest.fixture
def submitted() -> Callable[[PublicEvent], EventSubmitted]:
    def make(event: PublicEvent) -> EventSubmitted:
        about = {"event_id": event.event_id, "revision": event.revision, "edition": event.edition}
        return EventSubmitted(**about, sequence=event.revision, event=event, submitted_at=NOW)

    return make


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(NOW)


@pytest.fixture(scope="session")
def signer() -> Signer:
    return Signer(Ed25519PrivateKey.generate(), "test")


@pytest.fixture
def token_of(signer: Signer) -> Callable[..., dict[str, str]]:
    """The header that a person of this role and these regions shows."""

    def make(role: str, *regions: str, account_id: UUID | None = None, organisation: str = "DREETS") -> dict[str, str]:
        caller = Caller(account_id or uuid4(), role, frozenset(regions), organisation)
        return {"Authorization": f"Bearer {signer.sign(caller)}"}

    return make


@pytest.fixture
async def service(
    make_database: Callable[[str], Awaitable[str]], signer: Signer, clock: StoppedClock, publisher: RecordingPublisher
) -> AsyncIterator[Service]:
    """The real service, whose parts are not started: tests hand it its messages themselves."""
    settings = Settings(
        database_url=await make_database("labelling"),
        kafka_bootstrap_servers="127.0.0.1:1",
        edition=EDITION,
        jwks_url="http://127.0.0.1:1/jwks.json",
    )
    service = create_app(settings, open_floor(settings, clock=clock, publisher=publisher), keys=signer)
    yield service
    await service.engine.dispose()


@pytest.fixture
def hear(service: Service, has_heard: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Has the service hear facts, one after another; what it tells because of the last."""
    return partial(has_heard, service)


@pytest.fixture
def engine(service: Service) -> AsyncEngine:
    return service.engine


@pytest.fixture
async def client(service: Service, as_described: Callable[..., Any]) -> AsyncIterator[AsyncClient]:
    """Somebody at the door, who holds every answer against what the API says of itself."""
    hooks = {"response": [as_described(service.http)]}
    async with AsyncClient(transport=ASGITransport(service.http), base_url="http://label", event_hooks=hooks) as client:
        yield client


@pytest.fixture
def told(engine: AsyncEngine, told_by: Callable[..., Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    """What stands in the outbox: the type of each fact, in order, and its payload."""
    return partial(told_by, engine)


@pytest.fixture
def judged(edition: Edition) -> Callable[[PublicEvent], Fact]:
    """The decision of the rules on an event."""

    def make(event: PublicEvent) -> Fact:
        return decide(Case(event.event_id), event, judge(event, edition), NOW)

    return make


@pytest.fixture(scope="session")
def samples() -> list[PublicEvent]:
    """The sample events of the demonstration, with the words that organisers would write."""
    made = []
    for path in sorted((EDITION.parents[1] / "deploy" / "local" / "samples").glob("*.toml")):
        for told in tomllib.loads(path.read_text())["event"]:
            known = {"event_id": uuid4(), "revision": 1, "edition": "2026", "organiser_id": UUID(int=7)}
            words = {name: told[name] for name in ("organisation", "title", "description", "kind", "admission")}
            slots = [{"starts_at": "2026-11-17T09:00:00+01:00", "ends_at": "2026-11-17T12:30:00+01:00"}]
            rest = {"audiences": ("everyone",), "is_free": told["is_free"], "slots": slots, "timezone": "Europe/Paris"}
            place = {"online_url": "https://visio.example"}
            made.append(PublicEvent.model_validate({**known, **words, **rest, **place}))
    return made
