"""A national address service on the loopback, the gazetteer that ships, and a database of its own for each test."""

from __future__ import annotations

import asyncio
import csv
import io
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import pytest
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.campaign.clock import StoppedClock
from backbone.contracts import Address, EventSubmitted, EventWithdrawn, PublicEvent
from backbone.postgres.database import open_database
from geocoding.answers import Answers
from geocoding.ban import BanGeocoder
from geocoding.budget import Budget
from geocoding.gazetteer import Gazetteer
from geocoding.settings import Settings

EDITION = Path(__file__).parents[3] / "editions" / "2026.toml"


class FakeBan:
    """The national address service, small: it knows the addresses it is taught and answers as the real one does.

    It heeds the filters `postcode` and `citycode`, and takes the first known address whose words are all asked for.
    """

    def __init__(self) -> None:
        self.questions: list[dict[str, str]] = []
        self.batches: list[list[dict[str, str]]] = []  # what was asked for in one CSV each
        self.asked_at: list[float] = []  # as PostgreSQL's clock has it: both are this machine's
        self.user_agents: list[str] = []
        self._known: list[dict[str, Any]] = []
        self._failure: dict[str, Any] | None = None
        self._failure_together: dict[str, Any] | None = None
        self._mangle: Callable[[str], str] = str
        self._answering = asyncio.Event()
        self._answering.set()
        self.early = 0  # requests that came before their turn by `allows`
        self._allowed: Callable[[], float] | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/geocodage/search", self._search)
        app.router.add_post("/geocodage/search/csv", self._search_csv)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/geocodage"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._answering.set()
        await self._runner.cleanup()

    def knows(
        self,
        name: str,
        *,
        kind: str,
        score: float,
        citycode: str,
        postcode: str,
        city: str,
        at: tuple[float, ...],
        context: str = "",
    ) -> None:
        """Teaches it an address; its answer has the fields of a recorded one."""
        properties = {
            "label": f"{name} {postcode} {city}",
            "score": score,
            "id": f"{citycode}_0000",
            "type": kind,
            "name": name,
            "postcode": postcode,
            "citycode": citycode,
            "city": city,
            "context": context,
            "importance": 0.6,
        }
        geometry = {"type": "Point", "coordinates": list(at)}
        self._known.append({"type": "Feature", "geometry": geometry, "properties": properties})

    def fails(self, status: int, body: str = "", **headers: str) -> None:
        """From now on it answers every question with this."""
        self._failure = self._page(status, body, headers)

    def fails_together(self, status: int, body: str = "") -> None:
        """From now on it answers every CSV with this, and single questions as before."""
        self._failure_together = self._page(status, body, {})

    def mangles(self, how: Callable[[str], str]) -> None:
        """From now on its CSV is written and then altered."""
        self._mangle = how

    @staticmethod
    def _page(status: int, body: str, headers: dict[str, str]) -> dict[str, Any]:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return {"status": status, "text": body, "content_type": "text/html", "headers": headers}

    def answers(self, body: str) -> None:
        """From now on it answers every question with this JSON."""
        self._failure = {"text": body, "content_type": "application/json"}

    def recovers(self) -> None:
        """From now on it answers as it should, and all those too whom it let wait."""
        self._failure = None
        self._answering.set()

    def falls_silent(self) -> None:
        """From now on it takes questions and does not answer."""
        self._answering.clear()

    def allows(self, per_second: float) -> None:
        """From now on it shuts out who makes more requests than so many a second, counted from here by its own clock.

        Counted from one moment, and not in each second: a request that is held up on its way comes in a heap with
        others, on a busy machine, and is not early for that. What comes later than it may is allowed all the more.
        """
        since = time.monotonic()
        self._allowed = lambda: 1 + (time.monotonic() - since + 0.001) * per_second

    def _is_early(self) -> bool:
        is_early = self._allowed is not None and len(self.asked_at) > self._allowed()
        self.early += is_early
        return is_early

    async def _search(self, request: web.Request) -> web.Response:
        self.questions.append(dict(request.query))
        self.asked_at.append(time.time())
        self.user_agents.append(request.headers["User-Agent"])
        if self._is_early():
            return web.Response(status=429, headers={"Retry-After": "5"})
        await self._answering.wait()
        if self._failure is not None:
            return web.Response(**self._failure)
        if not 3 <= len(request.query["q"]) <= 200:
            return web.json_response({"code": 400, "message": "q: must contain between 3 and 200 chars"}, status=400)
        hits = [feature for feature in self._known if self._matches(feature["properties"], request.query)]
        return web.json_response(
            {
                "type": "FeatureCollection",
                "version": "draft",
                "features": hits[: int(request.query["limit"])],
                "attribution": "BAN",
                "licence": "ETALAB-2.0",
                "query": request.query["q"],
                "limit": int(request.query["limit"]),
            }
        )

    async def _search_csv(self, request: web.Request) -> web.Response:
        """As the real one's code has it: a last line without cells is refused, the columns that bound are named."""
        form = await request.post()
        told = form["data"].file.read().decode()
        rows = list(csv.DictReader(io.StringIO(told, newline="")))
        self.batches.append(rows)
        self.asked_at.append(time.time())
        self.user_agents.append(request.headers["User-Agent"])
        if self._is_early():
            return web.Response(status=429, headers={"Retry-After": "5"})
        await self._answering.wait()
        if failure := self._failure or self._failure_together:
            return web.Response(**failure)
        if told.endswith("\n") or not set(form.getall("columns")) <= set(rows[0]):
            return web.json_response({"code": 400, "message": "Errors in CSV file: TooFewFields"}, status=400)
        written = io.StringIO(newline="")
        writer = csv.DictWriter(written, [*rows[0], *form.getall("result_columns")])
        writer.writeheader()
        for row in rows:
            asked = {"q": " ".join(row[name].strip() for name in form.getall("columns"))}
            bounds = {name: row[form[name]] for name in ("citycode", "postcode") if name in form and row[form[name]]}
            writer.writerow(row | self._result_of(asked | bounds))
        return web.Response(text=self._mangle(written.getvalue()), content_type="text/csv")

    def _result_of(self, query: dict[str, str]) -> dict[str, Any]:
        if not 3 <= len(query["q"]) <= 200:
            return {"result_status": "skipped"}
        hit = next((feature for feature in self._known if self._matches(feature["properties"], query)), None)
        if hit is None:
            return {"result_status": "not-found"}
        longitude, latitude = hit["geometry"]["coordinates"]
        told = {f"result_{name}": hit["properties"][name] for name in ("label", "score", "type", "citycode")}
        return told | {"longitude": longitude, "latitude": latitude, "result_status": "ok"}

    def _matches(self, known: dict[str, Any], query: Any) -> bool:
        asked = query["q"].casefold()
        heeded = all(query.get(name) in (None, known[name]) for name in ("postcode", "citycode"))
        return heeded and all(word in asked for word in known["name"].casefold().split())


@pytest.fixture
async def fake_ban() -> AsyncIterator[FakeBan]:
    async with FakeBan() as fake:
        yield fake


@pytest.fixture
async def replica(
    settings: Settings, fake_ban: FakeBan, gazetteer: Gazetteer
) -> AsyncIterator[Callable[..., BanGeocoder]]:
    """Makes one replica's way to the national service: an engine of its own, on the one database."""
    async with AsyncExitStack() as open_ones:

        def make(
            url: str = fake_ban.url, timeout: float = 60.0, per_second: float = 1000.0, batches: bool = False
        ) -> BanGeocoder:
            engine = open_database(settings.database_url.get_secret_value())
            open_ones.push_async_callback(engine.dispose)
            budget, answers = Budget(engine, per_second), Answers(engine, timedelta(days=30))
            told: dict[str, Any] = {"user_agent": "semaine-industrie/test", "timeout": timeout, "batches": batches}
            geocoder = BanGeocoder(url, gazetteer, budget=budget, answers=answers, **told)
            open_ones.push_async_callback(geocoder.aclose)
            return geocoder

        yield make


@pytest.fixture
def ban(replica: Callable[..., BanGeocoder]) -> BanGeocoder:
    return replica()


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return Gazetteer.load()


@pytest.fixture
async def settings(make_database: Callable[[str], Awaitable[str]]) -> Settings:
    return Settings(
        database_url=await make_database("geocoding"),
        kafka_bootstrap_servers="127.0.0.1:1",
        edition=EDITION,
        public_map_url="https://carte.example",
    )


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    engine = open_database(settings.database_url.get_secret_value())
    yield engine
    await engine.dispose()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 6, 2, 9, tzinfo=UTC))


AT = datetime(2026, 6, 2, 8, tzinfo=UTC)
EVENT = UUID(int=5)
ROUBAIX = Address(street="12 rue de l’Industrie", postcode="59100", city="Roubaix")


@pytest.fixture
def lyon() -> Address:
    return Address(street="1 quai Rambaud", postcode="69002", city="Lyon")


@pytest.fixture
def nowhere() -> Address:
    return Address(street="1 rue du Néant", postcode="59999", city="Nulle-Part-sur-Rien")


@pytest.fixture
def submitted() -> Callable[..., EventSubmitted]:
    """Makes the fact that a revision of an event was submitted; online where no address is given."""

    def make(
        address: Address | None = ROUBAIX, event_id: UUID = EVENT, revision: int = 1, sequence: int = 1, **also: Any
    ) -> EventSubmitted:
        event = PublicEvent.model_validate(
            {
                "event_id": event_id,
                "revision": revision,
                "edition": "2026",
                "organiser_id": UUID(int=6),
                "organisation": "Filature",
                "title": "Visite",
                "description": "Visite de la filature.",
                "kind": "company_visit",
                "audiences": ["everyone"],
                "admission": "everyone",
                "is_free": True,
                "slots": [{"starts_at": "2026-11-17T09:00:00+01:00", "ends_at": "2026-11-17T12:00:00+01:00"}],
                "timezone": "Europe/Paris",
                "venue": {"address": address.model_dump()} if address else None,
                "online_url": None if address else "https://visio.example/filature",
                **also,
            }
        )
        told = {"event_id": event_id, "revision": revision, "sequence": sequence, "edition": event.edition}
        return EventSubmitted(**told, event=event, submitted_at=AT)

    return make


@pytest.fixture
def withdrawn() -> Callable[[int], EventWithdrawn]:
    """Makes the fact that an event was taken back."""

    def make(revision: int) -> EventWithdrawn:
        about = {"event_id": EVENT, "revision": revision, "sequence": revision, "edition": "2026"}
        return EventWithdrawn(**about, withdrawn_at=AT)

    return make
