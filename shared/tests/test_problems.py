"""What a person is told who called the API in vain: French, and which field."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field, field_validator

from backbone.access import NotAllowed, NotSignedIn
from backbone.problems import BodyLimit, install_problems


class Draft(BaseModel):
    """A body with one field of many a kind."""

    title: str = Field(min_length=3, max_length=10)
    body: str = "…"
    seats: int = 1
    free: bool = True
    kind: Literal["visit", "talk"] = "visit"
    owner: UUID | None = None
    postcode: str = Field("69001", pattern=r"^\d{5}$")
    audiences: list[str] = Field(default=["everyone"], min_length=1)

    @field_validator("body")
    @classmethod
    def _says_something(cls, body: str) -> str:
        if not body.strip():
            raise ValueError("Dites-en un peu plus.")
        return body


@pytest.fixture
async def client():
    app = FastAPI()
    install_problems(app)
    app.add_middleware(BodyLimit, most_bytes=2048)

    @app.post("/drafts")
    async def save(draft: Draft) -> str:
        return draft.title

    @app.get("/drafts/{draft_id}")
    async def show(draft_id: int) -> None:
        raise {1: NotSignedIn(), 2: NotAllowed(), 3: HTTPException(409, "Ce dossier est déjà déposé")}.get(
            draft_id, ConnectionError() if draft_id == 4 else RuntimeError("marie@exemple.fr")
        )

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def told(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    return answer.json()


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"title": ...}, "title", "Ce champ est obligatoire."),
        ({"title": "ab"}, "title", "Indiquez au moins 3 caractère(s)."),
        ({"title": "abcdefghijk"}, "title", "Raccourcissez à 10 caractères au plus."),
        ({"title": 3}, "title", "Indiquez un texte."),
        ({"body": " "}, "body", "Dites-en un peu plus."),
        ({"seats": "douze"}, "seats", "Indiquez un nombre entier."),
        ({"free": "peut-être"}, "free", "Répondez par oui (true) ou non (false)."),
        ({"kind": "party"}, "kind", "Choisissez parmi : 'visit' ou 'talk'."),
        ({"owner": "marie"}, "owner", "Cet identifiant n’est pas valable."),
        ({"postcode": "Lyon"}, "postcode", "Le format n’est pas celui attendu."),
        ({"audiences": []}, "audiences", "Indiquez au moins 1 élément(s)."),
        ({"audiences": ["a", 2]}, "audiences.1", "Indiquez un texte."),
        ({"seats": 1.5}, "seats", "Cette valeur n’est pas acceptée."),
    ],
)
async def test_a_wrong_field_is_named_with_what_to_do_in_french(client, wrong, field, message):
    body = {name: value for name, value in {"title": "abc", **wrong}.items() if value is not ...}
    answer = await client.post("/drafts", json=body)
    assert answer.status_code == 422
    assert told(answer) == {
        "type": "about:blank",
        "title": "Saisie à corriger",
        "status": 422,
        "detail": "1 champ(s) à corriger ; rien n’a été enregistré.",
        "errors": [{"field": field, "message": message}],
    }


async def test_all_wrong_fields_are_named_at_once(client):
    errors = told(await client.post("/drafts", json={"title": "", "seats": "x", "body": ""}))["errors"]
    assert [error["field"] for error in errors] == ["title", "body", "seats"]


@pytest.mark.parametrize(
    ("sent", "message"),
    [(b"{", "Le texte envoyé n’est pas du JSON valable."), (b"[1]", "Indiquez un objet."), (b"", None)],
)
async def test_a_body_that_is_no_object_is_named_as_the_body(client, sent, message):
    answer = await client.post("/drafts", content=sent, headers={"Content-Type": "application/json"})
    [error] = told(answer)["errors"]
    assert error == {"field": "(corps)", "message": message or "Ce champ est obligatoire."}


@pytest.mark.parametrize(
    ("method", "path", "status", "title", "detail"),
    [
        ("GET", "/drafts/1", 401, "Connexion nécessaire", "Connectez-vous pour continuer."),
        ("GET", "/drafts/2", 403, "Accès refusé", "Votre compte ne permet pas cette action."),
        ("GET", "/drafts/3", 409, "Conflit", "Ce dossier est déjà déposé."),
        ("GET", "/drafts/4", 503, "Service momentanément indisponible", "Réessayez dans quelques instants."),
        (
            "GET",
            "/drafts/5",
            500,
            "Erreur de notre côté",
            "L’erreur vient de nous ; elle est notée, et rien n’a été enregistré.",
        ),
        ("GET", "/nothing", 404, "Introuvable", "Introuvable."),
        ("DELETE", "/drafts", 405, "Méthode non prise en charge", "Méthode non prise en charge."),
    ],
)
async def test_every_refusal_is_a_problem_in_french(client, method, path, status, title, detail):
    answer = await client.request(method, path)
    assert told(answer) == {"type": "about:blank", "title": title, "status": status, "detail": detail}


async def test_who_is_not_signed_in_is_told_how(client):
    assert (await client.get("/drafts/1")).headers["www-authenticate"] == "Bearer"


async def test_a_body_within_the_limit_is_taken(client):
    answer = await client.post("/drafts", json={"title": "abc", "body": "x" * 1900})
    assert (answer.status_code, answer.json()) == (200, "abc")


async def test_a_body_over_the_limit_is_refused_before_it_is_read(client):
    answer = await client.post("/drafts", json={"title": "abc", "body": "x" * 2048})
    assert answer.status_code == 413
    assert told(answer)["detail"] == "Cet envoi dépasse 2 Ko ; raccourcissez-le."


async def test_a_body_over_the_limit_that_does_not_say_its_length_is_refused(client):
    async def chunks():
        for _ in range(5):
            yield b"x" * 1000

    answer = await client.post("/drafts", content=chunks(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert told(answer)["title"] == "Envoi trop volumineux"


@pytest.mark.parametrize("said", ["-1", "many", "", "1e3", "0x10", "9" * 5000, "4096"])
async def test_a_length_that_is_none_is_refused(client, said):
    answer = await client.post("/drafts", content=b"{}", headers={"Content-Length": said})
    assert answer.status_code == 413


async def test_a_length_that_is_a_lie_does_not_help(client):
    answer = await client.post("/drafts", content=b"x" * 5000, headers={"Content-Length": "10"})
    assert answer.status_code == 413
