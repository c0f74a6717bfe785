"""A database of its own for each test, the real service over it, and events to tell it about."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import ASGITransport, AsyncClient, Request
from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.campaign.clock import StoppedClock
from backbone.campaign.edition import load_editions
from backbone.contracts import (
    EventFact,
    EventLabelled,
    EventLocated,
    EventNotLocated,
    EventRejected,
    EventWithdrawn,
    LabelWithdrawn,
    Location,
    PublicEvent,
    ReviewRequested,
)
from backbone.postgres.database import Tx, open_database
from backbone.service.floor import open_floor
from backbone.service.folding import Happening, fold_all
from backbone.service.service import Service
from map_feed.app import create_app
from map_feed.board import Board
from map_feed.domain.listing import Listing
from map_feed.handlers import HEARS
from map_feed.settings import Settings

EDITION = Path(__file__).parents[3] / "editions" / "2026.toml"


@pytest.fixture
async def database_url(make_database: Callable[[str], Awaitable[str]]) -> str:
    """The address of a fresh, migrated database."""
    return await make_database("map-feed")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_database(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 11, 10, 9, tzinfo=UTC))


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(
        database_url=database_url,
        kafka_bootstrap_servers="127.0.0.1:1",
        edition=EDITION,
        public_map_url="https://carte.example/",
        public_registration_url="https://inscription.example/",
        refresh_seconds=0,
    )


@pytest.fixture
async def service(settings: Settings, clock: StoppedClock) -> AsyncIterator[Service]:
    """The real service, whose parts are not started: tests hand it its messages themselves."""
    service = create_app(settings, open_floor(settings, clock=clock))
    yield service
    await service.engine.dispose()


@pytest.fixture
def board(service: Service) -> Board:
    """The board of the service, as the part of it that reads."""
    [board] = (part for part in service.doors.parts if isinstance(part, Board))
    return board


@pytest.fixture
async def health(service: Service) -> AsyncIterator[AsyncClient]:
    """Where the service says how it is."""
    async with AsyncClient(transport=ASGITransport(service.health), base_url="http://health") as client:
        yield client


@pytest.fixture
async def client(service: Service, board: Board) -> AsyncIterator[AsyncClient]:
    """Asks the service once its board has caught up."""

    async def catch_up(_: Request) -> None:
        await board.refresh()

    transport = ASGITransport(service.http)
    async with AsyncClient(transport=transport, base_url="http://map", event_hooks={"request": [catch_up]}) as client:
        yield client


@pytest.fixture(scope="session")
def an_event() -> Callable[..., PublicEvent]:
    """Makes an event: a visit in Villeurbanne, unless told otherwise."""

    def make(**changes: Any) -> PublicEvent:
        told: dict[str, Any] = {
            "event_id": uuid4(),
            "revision": 1,
            "edition": "2026",
            "organiser_id": UUID(int=7),
            "organisation": "Fonderie de l’Est lyonnais",
            "title": "La coulée, côté pont roulant",
            "description": "On visite l’atelier.\n\nGratuit, sur inscription.",
            "kind": "company_visit",
            "audiences": ("pupils", "students"),
            "admission": "on_registration",
            "is_free": True,
            "slots": [{"starts_at": "2026-11-17T09:00:00+01:00", "ends_at": "2026-11-17T12:30:00+01:00"}],
            "timezone": "Europe/Paris",
            "venue": {"address": {"street": "12 rue de l’Industrie", "postcode": "69100", "city": "Villeurbanne"}},
        }
        if "online_url" in changes and "venue" not in changes:
            told["venue"] = None
        return PublicEvent.model_validate(told | changes)

    return make


@pytest.fixture(scope="session")
def a_location() -> Callable[..., Location]:
    """Makes a location: Villeurbanne, to the commune, unless told otherwise."""

    def make(**changes: Any) -> Location:
        told = {
            "longitude": 4.8869,
            "latitude": 45.7719,
            "precision": "municipality",
            "radius_m": 3200,
            "commune_code": "69266",
            "commune_name": "Villeurbanne",
            "department_code": "69",
            "region_code": "84",
            "timezone": "Europe/Paris",
            "provider": "gazetteer",
        }
        return Location.model_validate(told | changes)

    return make


@pytest.fixture(scope="session")
def decided() -> Callable[..., EventFact]:
    """Makes labelling's word on a revision; of a type that goes with the label, unless it is told."""
    types = {"granted": EventLabelled, "refused": EventRejected, "under_review": ReviewRequested}

    def make(event: PublicEvent, label: str, *, sequence: int = 1, **told: Any) -> EventFact:
        kind = told.pop("kind", types.get(label, LabelWithdrawn))
        told = {**ABOUT_A_DECISION, "event": event, "label": label, "sequence": sequence} | told
        return kind(event_id=event.event_id, revision=event.revision, edition=event.edition, **told)

    return make


ABOUT_A_DECISION: dict[str, Any] = {
    "decision_id": UUID(int=1),
    "decided_by": "rules",
    "decided_at": datetime(2026, 3, 2, tzinfo=UTC),
    "verdicts": (),
    "region": "84",
    "due_at": datetime(2026, 3, 6, tzinfo=UTC),
    "correction": {"kind": "incomplete", "message": "Dites qui peut venir."},
    "reason": {"code": "withdrawn", "message": "L’événement a été retiré."},
}


@pytest.fixture(scope="session")
def labelled(decided: Callable[..., EventFact]) -> Callable[..., EventFact]:
    """Makes the label of a revision."""
    return lambda event, **told: decided(event, "granted", **told)


@pytest.fixture(scope="session")
def located() -> Callable[..., EventFact]:
    """Makes geocoding's word on the place of a revision; None: nobody knows it."""

    def make(event: PublicEvent, location: Location | None, *, sequence: int = 1) -> EventFact:
        about: dict[str, Any] = {"event_id": event.event_id, "revision": event.revision, "sequence": sequence}
        at = datetime(2026, 3, 2, tzinfo=UTC)
        if location is None:
            reason = {"code": "address-unknown", "message": "Adresse inconnue."}
            return EventNotLocated(**about, reason=reason, looked_up_at=at)
        return EventLocated(**about, location=location, located_at=at)

    return make


@pytest.fixture(scope="session")
def withdrawn() -> Callable[..., EventWithdrawn]:
    """Makes the withdrawal of an event, in the revision after this one."""

    def make(event: PublicEvent, *, sequence: int = 1, **told: Any) -> EventWithdrawn:
        told = {"revision": event.revision + 1, "withdrawn_at": datetime(2026, 3, 2, tzinfo=UTC)} | told
        return EventWithdrawn(event_id=event.event_id, sequence=sequence, **told)

    return make


Hear = Callable[..., Awaitable[None]]


@pytest.fixture(scope="session")
def hear() -> Hear:
    """Has the service hear facts in a transaction, as one poll."""

    async def hear(tx: Tx, *facts: EventFact) -> None:
        await fold_all(tx, [Happening(fact, fact.key, HEARS[type(fact)], None) for fact in facts], None)

    return hear


@pytest.fixture
def heard(engine: AsyncEngine, hear: Hear) -> Hear:
    """Has the service hear facts, in a transaction of their own."""

    async def heard(*facts: EventFact) -> None:
        async with engine.begin() as tx:
            await hear(tx, *facts)

    return heard


@pytest.fixture
def put(
    heard: Hear, labelled: Callable[..., EventFact], located: Callable[..., EventFact]
) -> Callable[..., Awaitable[PublicEvent]]:
    """Puts an event on the map, with a pin if a location is given."""

    async def put(shown: PublicEvent, location: Location | None = None) -> PublicEvent:
        await heard(labelled(shown), *([located(shown, location)] if location else []))
        return shown

    return put


@pytest.fixture
def new_board(engine: AsyncEngine, clock: StoppedClock) -> Callable[..., Board]:
    """Makes a board over the test's database, which nothing reads for but the test."""

    def make(**changes: Any) -> Board:
        told: dict[str, Any] = {"draw": lambda _: b"", "refresh_seconds": 0.0}
        return Board(engine, load_editions(EDITION), clock, **(told | changes))

    return make


@pytest.fixture
def seen(new_board: Callable[..., Board]) -> Callable[[], Awaitable[dict[UUID, Listing]]]:
    """What the public sees, by event: as a board reads it that was just made."""

    async def seen() -> dict[UUID, Listing]:
        board = new_board()
        await board.refresh()
        return {one.listing.id: one.listing for view in board.views() for one in view.ordered}

    return seen
