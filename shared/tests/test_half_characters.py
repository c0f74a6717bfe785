"""Half a character in any field of any JSON body is told as a wrong field, and reaches nobody."""

from __future__ import annotations

import json

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import BaseModel, SecretStr

from backbone.http.half_characters import fields_with_halves, refuse_half_characters
from backbone.http.problems import BodyLimit, install_problems
from backbone.texts.pasted import CONTROL


class Form(BaseModel):
    title: str = ""
    password: SecretStr = SecretStr("")
    rest: dict[str, object] = {}


@pytest.fixture
async def client():
    app = FastAPI()
    install_problems(app)
    refuse_half_characters(app)
    app.add_middleware(BodyLimit, most_bytes=64 * 1024)

    @app.post("/forms")
    async def take(form: Form) -> str:
        return form.title.encode().decode() + form.password.get_secret_value().encode().decode()

    async with AsyncClient(transport=ASGITransport(app), base_url="http://door") as client:
        yield client


async def post(client, text):
    return await client.post("/forms", content=text, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (r'{"password": "\ud800aaaaaaaaaaaaa"}', ["password"]),
        (r'{"title": "Visite\uD800"}', ["title"]),
        (r'{"title": "\udc00\ud800", "password": "\udfff"}', ["title", "password"]),
        (r'{"rest": {"a": ["b", "\ud83d"]}}', ["rest.a.1"]),
        (r'{"\ud800": 1}', [r"\ud800"]),
        (r'{"rest": {"\udc00": {"a": "\ud800"}}}', [r"rest.\udc00"]),
        (r'"\ud800"', ["(corps)"]),
    ],
)
async def test_half_a_character_is_a_wrong_field_wherever_it_stands(client, body, fields):
    answer = await post(client, body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["errors"] == [{"field": field, "message": CONTROL} for field in fields]


@pytest.mark.parametrize("title", ["🏭 Visite", "D800", r"\ud800 en toutes lettres", "\ufffd"])
async def test_whole_characters_pass_however_they_are_written(client, title):
    for ascii_only in (True, False):
        answer = await post(client, json.dumps({"title": title}, ensure_ascii=ascii_only))
        assert (answer.status_code, answer.json()) == (200, title)


async def test_what_is_no_json_is_told_by_whoever_parses_it(client):
    answer = await post(client, r"{title: \ud800}")
    assert [error["message"] for error in answer.json()["errors"]] == ["Le texte envoyé n’est pas du JSON valable."]
    assert fields_with_halves(b'["\\ud800"' + b"[" * 50_000) == []


async def test_a_body_over_the_limit_is_still_refused_for_that(client):
    answer = await post(client, '{"title": "' + r"\ud800" * 20_000 + '"}')
    assert answer.status_code == 413
