"""A browser, an edition for it to show, and the service at an address, each made once."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect
from sqlalchemy.engine import make_url

from backbone.campaign.clock import StoppedClock
from backbone.contracts import Location, PublicEvent
from backbone.service.floor import open_floor
from backbone.testing.browser import BROWSER
from backbone.testing.listening import listening
from geocoding.gazetteer import Gazetteer
from geocoding.http import door
from map_feed.app import create_app
from map_feed.domain.nearness import Point, kilometres
from map_feed.settings import Settings

EDITION = Path(__file__).parents[4] / "editions" / "2026.toml"
SCREENSHOTS = Path(__file__).parents[4] / ".local" / "screenshots"
expect.set_options(timeout=60_000)  # a machine that is busy with other tests shows a page later, not another one

TOWNS = [
    ("Lille", "59000", "59", "32", 3.0586, 50.633),
    ("Le Havre", "76600", "76", "28", 0.1077, 49.4938),
    ("Paris", "75013", "75", "11", 2.3488, 48.8534),
    ("Strasbourg", "67000", "67", "44", 7.7455, 48.5839),
    ("Brest", "29200", "29", "53", -4.486, 48.3903),
    ("Nantes", "44000", "44", "52", -1.5534, 47.2172),
    ("Belfort", "90000", "90", "27", 6.8628, 47.6397),
    ("Villeurbanne", "69100", "69", "84", 4.8869, 45.7719),
    ("Clermont-Ferrand", "63000", "63", "84", 3.0863, 45.7797),
    ("Bordeaux", "33000", "33", "75", -0.5805, 44.8404),
    ("Toulouse", "31000", "31", "76", 1.4437, 43.6043),
    ("Marseille", "13002", "13", "93", 5.3811, 43.297),
    ("Ajaccio", "20000", "2A", "94", 8.7363, 41.9192),
    ("Le Port", "97420", "974", "04", 55.2929, -20.9373),
]
THINGS = [
    ("company_visit", "Dans l’atelier : la pièce, du plan à la peinture", "Mécanique des Trois Rivières"),
    ("open_day", "Portes ouvertes de la verrerie : le feu et le souffle", "Verrerie du Marais"),
    ("job_dating", "Dix minutes pour convaincre : soudeurs, automaticiens, logisticiens", "Union des ateliers"),
    ("workshop", "Fabriquez votre première carte électronique", "Fablab des Docks"),
    ("exhibition", "Cent ans d’usine en photographies", "Médiathèque et archives de la ville"),
    ("conference", "Décarboner un four : retour d’expérience", "Cimenterie du Plateau"),
]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**BROWSER)
        yield browser
        await browser.close()


@pytest.fixture
def keep_picture(request) -> Iterator:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    async def keep(page: Page, name: str, **how) -> None:
        await page.screenshot(path=SCREENSHOTS / f"map-feed-{name}-{page.viewport_size['width']}.png", **how)

    return keep


@pytest.fixture(scope="session")
def map_clock() -> StoppedClock:
    """The clock of all services here."""
    return StoppedClock(datetime(2026, 11, 10, 9, tzinfo=UTC))


Put = tuple[PublicEvent, Location | None]
Serve = Callable[[Iterable[Put]], AbstractAsyncContextManager[str]]


@pytest.fixture(scope="session")
async def places() -> AsyncIterator[str]:
    """Geocoding's own door, which suggests communes."""
    async with listening(door(Gazetteer.load())) as address:
        yield address


@pytest.fixture(scope="session")
def serve(postgres_admin_url, template_of, map_clock, places, hear, labelled, located) -> Serve:
    """Serves events, from a database of their own, at an address that a browser reaches."""
    numbers = itertools.count()

    @asynccontextmanager
    async def serve(events: Iterable[Put]) -> AsyncIterator[str]:
        url = make_url(postgres_admin_url)
        server = await asyncpg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
        name = f"test_page_{os.getpid()}_{next(numbers)}"
        await server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{await template_of("map-feed")}"')
        database = url.set(drivername="postgresql+asyncpg", database=name).render_as_string(hide_password=False)
        told = {"kafka_bootstrap_servers": "127.0.0.1:1", "public_map_url": "https://carte.example"}
        told |= {"public_registration_url": "https://inscription.example", "public_places_url": places}
        settings = Settings(database_url=database, edition=EDITION, **told)
        service = create_app(settings, open_floor(settings, clock=map_clock))
        async with service.engine.begin() as tx:
            for event, location in events:
                await hear(tx, labelled(event), *([located(event, location)] if location else []))
        await service.doors.parts[0].refresh()
        async with listening(service.http) as address:
            yield address
        await service.engine.dispose()
        await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await server.close()

    return serve


@pytest.fixture(scope="session")
async def address(serve, an_event, a_location) -> AsyncIterator[str]:
    """An edition of 161 events, that no test changes."""
    async with serve((an_event(**told), a_location(**place)) for _, told, place in edition()) as address:
        yield address


@pytest.fixture(scope="session")
async def unusual(serve, an_event, a_location) -> AsyncIterator[tuple[str, dict[str, PublicEvent]]]:
    """The address of a map with an event of every status, a hybrid one, one that is full, and one of 2020."""
    venue, street = an_event().venue, a_location(precision="street")
    full = [{**slot.model_dump(), "status": "full"} for slot in an_event().slots]
    then = [{"starts_at": "2020-11-17T09:00:00+01:00", "ends_at": "2020-11-17T12:30:00+01:00"}]
    note = "La ligne de peinture est en travaux : l'atelier rouvre en janvier, et nous vous y attendons."
    booking = {
        "url": "https://usine.example/inscription",
        "email": "visites@usine.example",
        "telephone": "+33 4 78 00 11 22",
    }
    events = {
        "cancelled": an_event(title="Visite de la ligne de peinture", status="cancelled", status_note=note),
        "postponed": an_event(title="Portes ouvertes de la verrerie", kind="open_day", status="postponed"),
        "rescheduled": an_event(title="Atelier de soudure", kind="workshop", status="rescheduled"),
        "moved": an_event(title="Un robot vous répond", status="moved_online", online_url="https://visio.example"),
        "hybrid": an_event(
            title="Conférence : décarboner un four",
            kind="conference",
            online_url="https://visio.example/four",
            venue=venue,
            booking=booking,
            capacity=80,
            accessibility=("mi", "hi"),
        ),
        "full": an_event(title="Au cœur de la centrale", slots=full),
        "plain": an_event(title="La coulée, côté pont roulant"),
        "earlier": an_event(title="La forge, en 2020", edition="2020", slots=then),
    }
    async with serve((event, street) for event in events.values()) as address:
        yield address, events


@dataclass(frozen=True)
class Shown:
    """One event of the edition, by what a search looks at."""

    kind: str
    title: str
    region: str
    department: str
    day: str
    at: Point


def edition() -> Iterator[tuple[Shown, dict[str, Any], dict[str, Any]]]:
    """160 events all over the country, and one like no other, with what makes them and their places."""
    chance = random.Random(2026)
    for number in range(160):
        city, postcode, department, region, longitude, latitude = TOWNS[number % len(TOWNS)]
        kind, title, organisation = THINGS[number % len(THINGS)]
        day = f"2026-11-{16 + chance.randrange(6)}"
        slots = [{"starts_at": f"{day}T09:00:00+01:00", "ends_at": f"{day}T12:30:00+01:00"}]
        venue = {"address": {"street": f"{number} quai de l’Usine", "postcode": postcode, "city": city}}
        event = {"title": title, "kind": kind, "organisation": organisation, "slots": slots, "venue": venue}
        place = {"longitude": longitude + chance.gauss(0, 0.2), "latitude": latitude + chance.gauss(0, 0.15)}
        place |= {"commune_name": city, "department_code": department, "region_code": region, "precision": "street"}
        yield Shown(kind, title, region, department, day, Point(place["latitude"], place["longitude"])), event, place
    only = {"title": "Visite de l’usine marémotrice", "kind": "game"}
    yield Shown("game", only["title"], "84", "69", "2026-11-17", Point(45.7719, 4.8869)), only, {}


@pytest.fixture(scope="session")
def count() -> Callable[..., str]:
    """How the page says how many events of the edition are like this; `title`: how it begins."""

    def count(*, title: str = "", **wanted: str) -> str:
        number = sum(
            shown.title.startswith(title) and all(getattr(shown, name) == value for name, value in wanted.items())
            for shown, _, _ in edition()
        )
        assert number > 1
        return f"{number}\u00a0événements"

    return count


@pytest.fixture(scope="session")
def count_near() -> Callable[[Point, int], str]:
    """How the page says how many events of the edition are within so many kilometres."""

    def count(place: Point, radius: int) -> str:
        number = sum(kilometres(place, shown.at) <= radius for shown, _, _ in edition())
        assert number > 1
        return f"{number}\u00a0événements"

    return count
