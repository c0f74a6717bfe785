"""Registration at an address that a browser reaches, with a browser for each person: one server for all of it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright, expect
from sqlalchemy.engine import make_url

from backbone.campaign.clock import StoppedClock
from backbone.mail.mailers import MemoryMailer
from backbone.postgres.switches import turn, turn_off
from backbone.service.floor import open_floor
from backbone.service.service import Service
from backbone.testing.browser import BROWSER
from backbone.testing.listening import listening
from registration import store
from registration.app import create_app
from registration.domain.draft import EventDraft
from registration.handlers import events
from registration.settings import Settings

expect.set_options(timeout=60_000)  # a machine that is busy with other tests shows a page later, not another one
WIDTHS = {"wide": (1280, 860), "narrow": (390, 844)}
ROOT = Path(__file__).parents[4]
SCREENSHOTS = ROOT / ".local" / "screenshots"
AXE = ROOT / "services" / "registration" / "node_modules" / "axe-core" / "axe.min.js"
BASEMAP = ROOT / "services/map-feed/src/map_feed/static/basemap/france.json"
OPEN_TO_ALL = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/json"}
RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
TOO_WIDE = """[...document.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => e.tagName + '.' + e.className).slice(0, 8).join(' ')"""
LINK = re.compile(r"https?://\S+/(?:confirmer|mot-de-passe|invitation|nouvelle-adresse)\?jeton=\S+")


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**BROWSER)
        yield browser
        await browser.close()


@dataclass
class House:
    """The service, whose mails are read here."""

    service: Service
    mailer: MemoryMailer
    clock: StoppedClock
    address: str

    async def link_in_mail(self, to: str) -> str:
        """Where the link of the newest mail to this address leads, as a path."""
        while await self.service.workers[0].run_due():  # those before it, to others
            pass
        mail = next(mail for mail in reversed(self.mailer.sent) if mail["To"] == to)
        part = mail.get_body(("plain",))
        assert part is not None
        link = LINK.search(part.get_content())
        assert link
        return link[0].partition("//")[2].partition("/")[2]


@pytest.fixture
async def address(service: Service) -> AsyncIterator[str]:
    """The service of one test, at an address."""
    async with listening(service.http) as address:
        yield address


OpenHouse = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture(scope="session")
def open_house(postgres_admin_url: str, template_of: Callable[[str], Awaitable[str]], private_key: Any) -> OpenHouse:
    """Opens one that is told more than the others are."""
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    @asynccontextmanager
    async def opened(**told: Any) -> AsyncIterator[House]:
        url = make_url(postgres_admin_url)
        server = await asyncpg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
        name = f"test_pages_{os.getpid()}_{uuid4().hex[:6]}"
        await server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{await template_of("registration")}"')
        clock, mailer = StoppedClock(datetime(2026, 6, 1, 9, tzinfo=UTC)), MemoryMailer()
        settings = Settings(
            database_url=url.set(drivername="postgresql+asyncpg", database=name).render_as_string(hide_password=False),
            kafka_bootstrap_servers="127.0.0.1:1",
            edition=ROOT / "editions" / "2026.toml",
            mail_url="memory:",
            signing_key=pem,
            client_tries_per_minute=10_000,
            **told,
        )
        service = create_app(settings, open_floor(settings, clock=clock), mailer=mailer)
        async with listening(service.http) as address:
            yield House(service, mailer, clock, address)
        await service.engine.dispose()
        await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await server.close()

    return opened


@pytest.fixture(scope="session")
async def house(open_house: OpenHouse) -> AsyncIterator[House]:
    """One for all tests of this folder: each has people of its own."""
    async with open_house() as house:
        yield house


@pytest.fixture
def without_scripts() -> list[Any]:
    """The browsers of those who have none."""
    return []


@pytest.fixture
async def visit(
    browser: Browser, house: House, without_scripts: list[Any]
) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """Opens a browser for a person, without what others left in theirs; it must not complain by the end."""
    complaints: list[str] = []
    async with AsyncExitStack() as open_:

        async def come(width: str = "wide", *, scripts: bool = True) -> Page:
            wide, high = WIDTHS[width]
            context = await browser.new_context(
                viewport={"width": wide, "height": high},
                locale="fr-FR",
                base_url=house.address,
                java_script_enabled=scripts,
            )
            open_.push_async_callback(context.close)
            context.set_default_timeout(60_000)  # as above
            if not scripts:
                without_scripts.append(context)
            # what the map answers, which is another service's
            await context.route(
                "**/basemap/france.json", lambda route: route.fulfill(path=BASEMAP, headers=OPEN_TO_ALL)
            )
            page = await context.new_page()
            page.on(
                "console",
                lambda said: (
                    complaints.append(f"{said.text} {said.location}") if said.type in ("error", "warning") else None
                ),
            )
            page.on("pageerror", lambda error: complaints.append(str(error)))
            return page

        yield come
    # a browser says so of our own words
    refused = re.compile("Failed to load resource: the server responded with a status of (4|503)|Response Status Error")
    assert [said for said in complaints if not refused.match(said)] == []


@pytest.fixture
def seen_wrong(without_scripts: list[Any]) -> Callable[..., Awaitable[list[str]]]:
    """Keeps the page as a picture, and says what axe-core finds wrong with it, and whether it is wider than its window:
    in both widths, or in the one that is named."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    async def at(page: Page, name: str, widths: Sequence[str] = tuple(WIDTHS)) -> list[str]:
        said = []
        # pictures bring a style of their own, and axe is a script: a page of ours lets neither in
        session = await page.context.new_cdp_session(page)
        await session.send("Page.setBypassCSP", {"enabled": True})
        for width in widths:
            wide, high = WIDTHS[width]
            await page.set_viewport_size({"width": wide, "height": high})
            await page.screenshot(path=SCREENSHOTS / f"inscription-{name}-{wide}.png", full_page=True)
            fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            if not await page.evaluate(fits):
                said.append(f"{name}: wider than {wide}: {await page.evaluate(TOO_WIDE)}")
            if not await page.evaluate("'axe' in window"):
                await page.evaluate(AXE.read_text())
            violations = (await page.evaluate(f"axe.run(document, {{runOnly: {RULES}}})"))["violations"]
            said += [f"{name} {wide} {one['id']}: {node['html'][:160]}" for one in violations for node in one["nodes"]]
        await session.send("Page.setBypassCSP", {"enabled": False})
        await session.detach()
        return said

    return at


@pytest.fixture
def look(without_scripts: list[Any], seen_wrong: Callable[..., Awaitable[list[str]]]) -> Callable[..., Awaitable[None]]:
    """Keeps the page as a picture, and asks axe-core about it: at the width that it has, of which it uses no more."""

    async def at(page: Page, name: str) -> None:
        assert page.viewport_size
        [width] = [width for width, (wide, _) in WIDTHS.items() if wide == page.viewport_size["width"]]
        if page.context in without_scripts:  # in which axe is one
            await page.screenshot(path=SCREENSHOTS / f"inscription-{name}-{WIDTHS[width][0]}.png", full_page=True)
            return
        said = await seen_wrong(page, name, [width])
        assert said == [], json.dumps(said, ensure_ascii=False, indent=1)

    return at


@pytest.fixture
async def closes(house: House) -> AsyncIterator[Callable[..., Awaitable[Callable[[], Awaitable[None]]]]]:
    """An operator closes doors, at the end of the test opened again; gives what opens them before."""
    closed: list[str] = []

    async def opens() -> None:
        async with house.service.engine.begin() as tx:
            for switch in closed:
                await turn_off(tx, switch)
        await house.service.switches.look()

    async def go(*switches: str) -> Callable[[], Awaitable[None]]:
        closed.extend(switches)
        async with house.service.engine.begin() as tx:
            for switch in switches:
                await turn(tx, switch, None, "Retour à midi.")
        await house.service.switches.look()
        return opens

    yield go
    await opens()


PASSWORD = "quatre mots sans lien aucun"


@pytest.fixture
def joins(house: House) -> Callable[..., Awaitable[None]]:
    """Somebody opens an account, confirms it and signs in, by the pages."""

    async def go(page: Page, email: str, name: str = "Inès Payet", organisation: str = "Fonderie de l’Erdre") -> None:
        await page.goto("/inscription")
        await page.get_by_label("Votre nom").fill(name)
        await page.get_by_label("Votre organisation").fill(organisation)
        await page.get_by_label("Votre adresse électronique").fill(email)
        await page.get_by_label("Un mot de passe").fill(PASSWORD)
        await page.get_by_role("button", name="Ouvrir mon compte").click()
        await page.goto(f"/{await house.link_in_mail(email)}")
        await page.get_by_role("button", name="Confirmer mon adresse").click()
        await page.get_by_role("link", name="Me connecter").click()
        await page.get_by_label("Votre adresse électronique").fill(email)
        await page.get_by_label("Votre mot de passe").fill(PASSWORD)
        await page.get_by_role("button", name="Me connecter").click()
        await expect(page.locator("h1")).to_have_text("Mes événements")

    return go


@pytest.fixture
def has_drafted(house: House, a_draft: Callable[..., dict[str, Any]]) -> Callable[..., Awaitable[str]]:
    """Somebody who has joined has written an event, unlike all others; its id."""

    async def go(email: str, **changes: Any) -> str:
        event_id = uuid4()
        street = {"street": f"{event_id.int % 900} rue de l’Industrie", "postcode": "44550", "city": "Montoir"}
        draft = EventDraft.model_validate(a_draft(**{"venue": street, "title": f"Visite {event_id}", **changes}))
        async with house.service.engine.begin() as tx:
            account = await store.account_by_email(tx, email)
            assert account
            await events.save_draft(tx, account.id, event_id, draft)
        return str(event_id)

    return go


@pytest.fixture
def has_submitted(house: House, has_drafted: Callable[..., Awaitable[str]]) -> Callable[..., Awaitable[str]]:
    """Somebody who has joined has submitted an event, unlike all others; its id."""

    async def go(email: str, **changes: Any) -> str:
        event_id = await has_drafted(email, **changes)
        async with house.service.engine.begin() as tx:
            account = await store.account_by_email(tx, email)
            assert account
            await events.submit(tx, house.service.http.state.desk, account.id, UUID(event_id))
        return event_id

    return go


@pytest.fixture
def a_picture() -> bytes:
    """A PNG, as a telephone may give it."""
    file = BytesIO()
    Image.new("RGB", (1200, 800), "#b63a17").save(file, "PNG")
    return file.getvalue()
