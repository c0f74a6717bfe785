"""Whoever asks with somebody's address learns nothing of whether it has an account: the same status and the same words,
at every door that takes one. Only its owner is told, by mail."""

from __future__ import annotations

import inspect
import re

import pytest
from httpx import ASGITransport, AsyncClient

from registration.http.rules import rule_of

THERE, NOT_THERE = "paul@forge.example", "libre@forge.example"
PASSWORD = "douze lettres, ou plus"
OURS = {"Sec-Fetch-Site": "same-origin"}
VARYING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)|(?:paul|libre)@forge\.example")


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"client_tries_per_minute": 10_000})


@pytest.fixture
async def ines(a_person):
    await a_person(THERE)
    return await a_person("ines@fonderie.example")


def fields_of(operation, told):
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = body.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
    return body, told["components"]["schemas"].get(name, {}).get("properties", {})


def given_to(path, body, fields):
    """What is sent: the example of the documentation, where it has one, with a password that says nothing."""
    example = next((one["value"] for one in body.get("examples", {}).values()), {})
    # who knows the password of an account, knows that there is one
    password = PASSWORD if path in ("/v1/account/address", "/v1/accounts") else "ce n’est pas le bon"
    return example | ({"password": password} if "password" in fields else {})


async def test_by_the_api_nobody_learns_whether_an_address_has_an_account(service, client, ines, mailer, worker):
    told, asked = service.http.openapi(), []
    [home] = (await ines.ask("GET", "/v1/organisations")).json()
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            body, fields = fields_of(operation, told)
            if "email" not in fields:
                continue
            filled = path.replace("{organisation_id}", home["id"])
            given = given_to(path, body, fields)
            if "{event_id}" in path:
                continue  # entered for somebody by who may do that; asked in test_rights
            answers = [await ines.ask(method.upper(), filled, given | {"email": one}) for one in (THERE, NOT_THERE)]
            there, not_there = ((answer.status_code, VARYING.sub("…", answer.text)) for answer in answers)
            assert there == not_there, f"{method} {path}"
            assert there[0] != 422, f"{method} {path}: {there[1]}"
            asked.append(path)
    assert {"/v1/accounts", "/v1/tokens", "/v1/accounts/password-links", "/v1/account/address"} <= set(asked)


def forms(routes):
    for route in routes:
        if router := getattr(route, "original_router", None):
            yield from forms(router.routes)
        elif "POST" in getattr(route, "methods", ()) and rule_of(route.endpoint) and not route.path.startswith("/v1"):
            yield route.path, inspect.signature(route.endpoint).parameters


async def test_on_the_pages_nobody_learns_it_either(service, ines):
    asked = []
    given = {"mot_de_passe": "ce n’est pas le bon", "nom": "Paul Martin", "organisation": "Forge de l’Erdre"}
    for path, parameters in forms(service.http.routes):
        if "adresse" not in parameters or "{" in path:
            continue
        pages = []
        for address in (THERE, NOT_THERE):
            transport = ASGITransport(service.http)
            async with AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=OURS) as browser:
                answer = await browser.post(path, data=given | {"adresse": address})
                pages.append((answer.status_code, VARYING.sub("…", answer.text), answer.headers.get("location")))
        assert pages[0] == pages[1], path
        asked.append(path)
    assert {"/connexion", "/mot-de-passe"} <= set(asked)
