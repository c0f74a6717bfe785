"""The interface for programs, as a programmer meets it: its description, its pages, its problems."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import FastAPI
from playwright.async_api import async_playwright, expect

import commskit.app
import geocoding.gazetteer
import geocoding.http.places
import geocoding.suggesting
import labelling.app
import labelling.http.manual
import labelling.http.reviews
import map_feed.app
import registration.app
import registration.http.manual.examples
from backbone.testing.browser import BROWSER
from registration.domain.account import AccountRequest, Credentials
from registration.domain.draft import EventDraft
from registration.known_passwords import hold_against_the_commonest

expect.set_options(timeout=60_000)  # a machine that is busy with other tests shows a page later, not another one
EDITION = Path(__file__).parents[1] / "editions" / "2026.toml"
NOWHERE: Any = {
    "database_url": "postgresql+asyncpg://nobody@127.0.0.1:1/none",
    "kafka_bootstrap_servers": "127.0.0.1:1",
    "edition": EDITION,
}
METHODS = ("get", "put", "post", "delete", "patch")


def _registration() -> FastAPI:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    settings = registration.app.Settings(**NOWHERE, mail_url="memory:", signing_key=pem)
    http = registration.app.create_app(settings).http
    assert isinstance(http, FastAPI)
    return http


def _labelling() -> FastAPI:
    settings = labelling.app.Settings(**NOWHERE, jwks_url="http://127.0.0.1:1/")
    http = labelling.app.create_app(settings).http
    assert isinstance(http, FastAPI)
    return http


def _commskit() -> FastAPI:
    settings = commskit.app.Settings(**NOWHERE, mail_url="memory:", jwks_url="http://127.0.0.1:1/")
    http = commskit.app.create_app(settings).http
    assert isinstance(http, FastAPI)
    return http


def _geocoding() -> FastAPI:
    gazetteer = geocoding.gazetteer.Gazetteer.load()
    return geocoding.http.places.create_http(geocoding.suggesting.Suggestions(gazetteer))


def _map_feed() -> FastAPI:
    http = map_feed.app.create_app(map_feed.app.Settings(**NOWHERE)).http
    assert isinstance(http, FastAPI)
    return http


MAKE: dict[str, Callable[[], FastAPI]] = {
    "registration": _registration,
    "labelling": _labelling,
    "commskit": _commskit,
    "geocoding": _geocoding,
    "map-feed": _map_feed,
}
OPEN_TO_ALL = {"/.well-known/jwks.json", "/evenements.geojson", "/editions/{edition}/evenements.geojson"}
OPEN_TO_ALL |= {"/kits/{event_id}"}  # by a link that holds its pass


@pytest.fixture(params=MAKE, scope="module")
async def api(request: pytest.FixtureRequest) -> FastAPI:
    return MAKE[request.param]()


@pytest.fixture
async def client(api: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="https://ici.example") as client:
        yield client


def operations(told: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            assert method in METHODS
            yield f"{method} {path}", operation


def within(told: Any, key: str) -> Iterator[Any]:
    """All values of this key, however deep."""
    if isinstance(told, dict):
        yield from (value for name, value in told.items() if name == key)
    for part in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from within(part, key)


async def test_everything_for_programs_is_under_v1(api: FastAPI) -> None:
    paths = set(api.openapi()["paths"]) - OPEN_TO_ALL
    assert all(path.startswith("/v1/") for path in paths)


async def test_every_problem_is_declared_once_and_its_type_is_the_address_of_a_page(
    api: FastAPI, client: httpx.AsyncClient
) -> None:
    told = (await client.get("/openapi.json")).json()
    for operation in dict(operations(told)).values():
        for status, response in operation["responses"].items():
            if status >= "400":
                assert response == {"$ref": f"#/components/responses/Problem{status}"}
    for name, response in told["components"]["responses"].items():
        [(media_type, content)] = response["content"].items()
        assert media_type == "application/problem+json"
        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
        for example in content["examples"].values():
            problem = example["value"]
            assert name == f"Problem{problem['status']}"
            page = await client.get(problem["type"])
            assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
            assert f"<h1>{problem['title']}</h1>" in page.text
            assert problem["type"] in (await client.get("/problemes")).text
    assert "HTTPValidationError" not in told["components"]["schemas"]


async def test_a_problem_that_does_not_exist_has_no_page(client: httpx.AsyncClient) -> None:
    assert (await client.get("/problemes/rien")).status_code == 404
    answer = await client.get("/openapi.json/rien")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problemes/introuvable")
    page = await client.get(answer.json()["type"])
    assert "Rien de ce que vous pouvez voir ne se trouve à cette adresse." in page.text


async def test_what_people_read_of_the_api_is_french_and_nothing_is_left_unsaid(api: FastAPI) -> None:
    told = api.openapi()
    for name, operation in operations(told):
        assert operation["summary"], name
        assert all(parameter["description"] for parameter in operation.get("parameters", ())), name
    for name, schema in told["components"]["schemas"].items():
        assert schema["description"], name
        for prop, said in schema.get("properties", {}).items():
            assert said.get("description") or "$ref" in said or prop == "errors", f"{name}.{prop}"
        assert "title" not in schema
    said = [text for text in within(told, "description") if isinstance(text, str)]
    said += [text for text in within(told, "summary") if isinstance(text, str)]
    english = re.compile(r"\b(the|of|and|is|an|with|for|successful|response|error)\b", re.IGNORECASE)
    assert [text for text in said if english.search(text)] == []


async def test_local_times_are_not_called_date_time_and_instants_are() -> None:
    schemas = _registration().openapi()["components"]["schemas"]
    local = schemas["DraftSlot"]["properties"]["starts_at"]
    assert "format" not in local
    assert re.fullmatch(local["pattern"], local["examples"][0])
    assert not re.search(local["pattern"], "2026-11-17T09:00+01:00")
    assert schemas["Step"]["properties"]["at"]["format"] == "date-time"


async def test_the_examples_are_accepted() -> None:
    shown = registration.http.manual.examples
    await hold_against_the_commonest()
    for model, examples in (
        (EventDraft, shown.DRAFTS),
        (AccountRequest, shown.ACCOUNTS),
        (Credentials, shown.CREDENTIALS),
        (labelling.http.reviews.ReviewDecision, labelling.http.manual.DECISIONS),
    ):
        for example in examples.values():
            model.model_validate(example["value"])


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server, bound = uvicorn.Server(config), config.bind_socket()
    serving = asyncio.create_task(server.serve([bound]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


async def test_the_documentation_can_be_tried_without_the_internet_and_may_load_nothing_else(api: FastAPI) -> None:
    told = api.openapi()
    async with served(api) as address, async_playwright() as player:
        browser = await player.chromium.launch(**BROWSER)
        page = await browser.new_page()
        complaints: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        answer = await page.goto(f"{address}/docs")
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy or "default-src 'self'" in policy
        assert "unsafe" not in policy
        for _, operation in operations(told):
            await expect(page.get_by_text(operation["summary"], exact=True)).to_be_visible()
        block = page.locator(".opblock").first
        await block.locator(".opblock-summary").click()
        required = block.locator("tr[data-param-name]", has=page.locator(".parameter__name.required"))
        shown = await block.get_attribute("id") or ""
        (first,) = (one for _, one in operations(told) if shown.endswith(f"-{one['operationId']}"))
        needed = [one for one in first.get("parameters", ()) if one["required"]]
        await expect(required.locator("input")).to_have_count(len(needed))  # they come after their names
        for field in await required.locator("input").all():
            await field.fill(str(uuid4()))
        await block.get_by_role("button", name="Execute").click()
        # it answers: that it knows nothing of the kind, or, where anything may be asked, that it found nothing
        await expect(block.locator(".live-responses-table")).to_contain_text(
            re.compile(r"/problemes/|content-length: 2 ")
        )
        await browser.close()
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    # what the last request was answered is an error to the console, and no other is
    assert [text for text in complaints if "status of" not in text] == []
