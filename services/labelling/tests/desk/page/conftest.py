"""The desk at an address that a browser reaches, with a browser for each reviewer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from backbone.contracts import PublicEvent
from backbone.http.access import Caller, Signer
from backbone.service.service import Service
from backbone.testing.browser import BROWSER
from backbone.testing.listening import listening

expect.set_options(timeout=60_000)  # a machine that is busy with other tests shows a page later, not another one
WIDTHS = {"wide": (1280, 860), "narrow": (390, 844)}
SCREENSHOTS = Path(__file__).parents[5] / ".local" / "screenshots"


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**BROWSER)
        yield browser
        await browser.close()


@pytest.fixture
async def address(service: Service) -> AsyncIterator[str]:
    """The service on a free port, without its parts."""
    async with listening(service.http) as address:
        yield address


@pytest.fixture
async def sit_down(browser: Browser, address: str, signer: Signer) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """Opens a browser for a reviewer of these regions; it must not have complained about anything by the end."""
    complaints: list[str] = []
    async with AsyncExitStack() as open_:

        async def sit(
            *regions: str,
            name: str = "Camille Martin",
            width: str = "wide",
            scripts: bool = True,
            bypass_csp: bool = False,
            **who: Any,
        ) -> Page:
            wide, high = WIDTHS[width]
            context = await browser.new_context(
                viewport={"width": wide, "height": high},
                locale="fr-FR",
                base_url=address,
                java_script_enabled=scripts,
                bypass_csp=bypass_csp,
            )
            open_.push_async_callback(context.close)
            context.set_default_timeout(60_000)
            caller = Caller(uuid4(), "reviewer", frozenset(regions), who.get("organisation", "DREETS"), name)
            await context.add_cookies([{"name": "session", "value": signer.sign(caller), "url": address}])
            page = await context.new_page()
            page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            return page

        yield sit
    refused = "Failed to load resource: the server responded with a status of 4"  # a browser says so of our own words
    assert [said for said in complaints if not said.startswith(refused)] == []


@pytest.fixture
def keep_picture() -> Callable[..., Awaitable[None]]:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    async def keep(page: Page, name: str) -> None:
        assert page.viewport_size
        path = SCREENSHOTS / f"relecture-{name}-{page.viewport_size['width']}.png"
        await page.screenshot(path=path, full_page=True)

    return keep


@pytest.fixture
def some_events(a_doubtful_event: Callable[..., PublicEvent]) -> list[PublicEvent]:
    """What a region's reviewer finds on a Monday: doubts of several kinds, and texts that try a page."""
    long = "Anticonstitutionnellement" * 4
    lyon = {"address": {"street": "12 rue de l’Industrie", "postcode": "69100", "city": "Villeurbanne"}}
    return [
        a_doubtful_event(
            title="Fabriquer une vanne, du dessin à la pièce",
            organisation="Vannes et raccords du Rhône",
            description="Visite des ateliers d'usinage et de montage, avec deux compagnons.\n\nRéservé au lycée invité."
            " Entrée : 5 € pour les accompagnants. Inscription par courriel.",
            website="https://vannes.example/visite",
            booking={"email": "visites@vannes.example"},
            capacity=24,
            accessibility=("mi",),
        ),
        a_doubtful_event(
            title="<script>alert(1)</script> & la fonderie",
            organisation='<img src=x onerror="alert(1)">',
            description="La visite est libre.\n<b>Gratuit</b>, sur inscription : javascript:alert(1)",
        ),
        a_doubtful_event(title=f"Visite {long}"[:110], organisation=long, description=f"{long} usine " * 3, venue=lyon),
        a_doubtful_event(
            title="Un robot vous répond",
            organisation="Robotique alpine",
            kind="conference",
            description="Conférence sur l’automatisation des lignes. Participation aux frais possible.",
        ),
    ]
