"""What a person is told who called the API in vain: French, and which field."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import Literal
from uuid import UUID

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field, field_validator
from starlette.requests import Request
from starlette.responses import StreamingResponse

from backbone.http.access import NotAllowed, NotSignedIn
from backbone.http.problem_kinds import Kind
from backbone.http.problems import NOT_JSON, BodyLimit, Problem, install_problems
from backbone.http.sheet import PagesForPeople

OUT_OF_DATE = Kind(409, "perime", "Périmé", "Une version plus récente existe.", "Relisez-la.")


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


def raised(error):
    """The error, with a story of its own."""
    try:
        raise error
    except type(error):
        return error


def trouble_with(number):
    passing, fault = ConnectionResetError("away"), RuntimeError("a fault of ours")
    passing.__cause__, fault.__cause__ = raised(ConnectionRefusedError()), raised(KeyError("marie@exemple.fr"))
    return {
        1: NotSignedIn(),
        2: NotAllowed(),
        3: HTTPException(409, "Ce dossier est déjà déposé"),
        4: passing,
        5: fault,
        6: Problem(OUT_OF_DATE, "Cette version n’est plus la dernière"),
    }[number]


@pytest.fixture
def app():
    app = FastAPI()
    install_problems(app)
    app.add_middleware(BodyLimit, most_bytes=2048)

    @app.post("/drafts")
    async def save(draft: Draft) -> str:
        return draft.title

    @app.get("/drafts/{draft_id}")
    async def show(draft_id: int) -> None:
        raise trouble_with(draft_id)

    @app.get("/breaks-off")
    async def break_off() -> StreamingResponse:
        async def chunks():
            yield b"half"
            raise RuntimeError("of it")

        return StreamingResponse(chunks())

    @app.get("/takes-for-ever")
    async def take_for_ever() -> None:
        await asyncio.Event().wait()

    return app


@pytest.fixture
async def client(app):
    transport = httpx.ASGITransport(app)
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
        ({"title": "ab"}, "title", "Indiquez au moins 3 caractères."),
        ({"title": "abcdefghijk"}, "title", "Raccourcissez à 10 caractères au plus."),
        ({"title": 3}, "title", "Indiquez un texte."),
        ({"body": " "}, "body", "Dites-en un peu plus."),
        ({"seats": "douze"}, "seats", "Indiquez un nombre entier."),
        ({"free": "peut-être"}, "free", "Répondez par oui (true) ou non (false)."),
        ({"kind": "party"}, "kind", "Choisissez parmi : 'visit' ou 'talk'."),
        ({"owner": "marie"}, "owner", "Cet identifiant n’est pas valable."),
        ({"postcode": "Lyon"}, "postcode", "Le format n’est pas celui attendu."),
        ({"audiences": []}, "audiences", "Indiquez au moins 1 élément."),
        ({"audiences": ["a", 2]}, "audiences.1", "Indiquez un texte."),
        ({"seats": 1.5}, "seats", "Cette valeur n’est pas acceptée."),
    ],
)
async def test_a_wrong_field_is_named_with_what_to_do_in_french(client, wrong, field, message):
    body = {name: value for name, value in {"title": "abc", **wrong}.items() if value is not ...}
    answer = await client.post("/drafts", json=body)
    assert answer.status_code == 422
    assert told(answer) == {
        "type": "/problemes/saisie-a-corriger",
        "title": "Saisie à corriger",
        "status": 422,
        "detail": "1 champ à corriger ; rien n’a été enregistré.",
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


@pytest.mark.parametrize("sent", ['{"title": "été"}'.encode("latin-1"), b"[" * 2000])
async def test_a_body_that_cannot_be_read_is_named_as_the_body(client, sent):
    answer = await client.post("/drafts", content=sent, headers={"Content-Type": "application/json"})
    assert (answer.status_code, told(answer)["errors"]) == (422, [{"field": "(corps)", "message": NOT_JSON}])


@pytest.mark.parametrize(
    ("method", "path", "status", "kind", "title", "detail"),
    [
        ("GET", "/drafts/1", 401, "connexion-necessaire", "Connexion nécessaire", "Connectez-vous pour continuer."),
        ("GET", "/drafts/2", 403, "acces-refuse", "Accès refusé", "Votre compte ne permet pas cette action."),
        ("GET", "/drafts/3", 409, "conflit", "Conflit", "Ce dossier est déjà déposé."),
        ("GET", "/drafts/6", 409, "perime", "Périmé", "Cette version n’est plus la dernière."),
        ("GET", "/nothing", 404, "introuvable", "Introuvable", "Introuvable."),
        (
            "DELETE",
            "/drafts",
            405,
            "methode-non-prise-en-charge",
            "Méthode non prise en charge",
            "Méthode non prise en charge.",
        ),
    ],
)
async def test_every_refusal_is_a_problem_in_french(client, method, path, status, kind, title, detail):
    answer = await client.request(method, path)
    assert told(answer) == {"type": f"/problemes/{kind}", "title": title, "status": status, "detail": detail}


def ours(caplog):
    """What was said of answers: others may have something to say at the same moment."""
    return [record for record in caplog.records if record.name == "backbone.http.problems"]


async def test_what_passes_by_itself_is_answered_503_with_one_line_in_the_log(client, caplog):
    answer = await client.get("/drafts/4")
    assert told(answer) == {
        "type": "/problemes/service-momentanement-indisponible",
        "title": "Service momentanément indisponible",
        "status": 503,
        "detail": "Le service attend ce dont il a besoin. Réessayez bientôt.",
    }
    assert answer.headers["retry-after"] == "5"
    [record] = ours(caplog)
    assert (record.levelname, record.exc_info, record.error) == ("WARNING", None, "ConnectionRefusedError")
    assert record.route == "/drafts/{draft_id}"


async def test_a_fault_of_ours_is_noted_once_under_the_number_that_the_answer_tells(client, caplog):
    body = told(await client.get("/drafts/5"))
    assert body["type"] == "/problemes/erreur-de-notre-cote"
    assert body["detail"].startswith("L’erreur vient de nous ; elle est notée.")
    [record] = ours(caplog)
    assert f"urn:uuid:{record.support}" == body["instance"]
    assert record.cause == "KeyError"
    formatted = logging.Formatter().formatException(record.exc_info)
    assert formatted.count("Traceback (most recent call last)") == 1
    assert "marie@exemple.fr" not in formatted


@asynccontextmanager
async def served(app):
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server, bound = uvicorn.Server(config), config.bind_socket()
    serving = asyncio.create_task(server._serve([bound]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bound.getsockname()[1]}") as client:
            yield client, server
    finally:
        server.should_exit = True
        await serving


async def test_a_fault_does_not_cost_the_client_its_connection(app, caplog):
    async with served(app) as (client, _):
        ports = []
        for path in ("/drafts/5", "/drafts/4", "/drafts/3"):
            answer = await client.get(path)
            told(answer)
            ports.append(answer.extensions["network_stream"].get_extra_info("client_addr"))
    assert len(set(ports)) == 1
    assert [record.levelname for record in ours(caplog)] == ["ERROR", "WARNING"]


async def test_an_answer_that_breaks_off_is_seen_as_broken_off_and_told_once(app, caplog):
    async with served(app) as (client, _):
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("/breaks-off")
    assert [record.exc_info is not None for record in caplog.records if record.levelname == "ERROR"] == [True, False]


async def test_a_client_that_goes_away_in_the_middle_of_its_request_is_no_fault(app, caplog, eventually):
    caplog.set_level(logging.INFO)

    @app.post("/reads")
    async def read(request: Request) -> str:
        return str(await request.body())

    async with served(app) as (client, _):
        for _ in range(2):
            _, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
            writer.write(b"POST /reads HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\nhalf")
            await writer.drain()
            writer.close()

        async def are_noted():
            return len(ours(caplog)) == 2

        await eventually(are_noted)
        assert (await client.get("/drafts/1")).status_code == 401
    assert [record.levelname for record in caplog.records if record.levelno > logging.INFO] == []
    assert "a client went away" in ours(caplog)[0].message


async def test_a_request_that_outlasts_the_service_is_asked_to_come_back(app, caplog):
    async with served(app) as (client, server):
        asking = asyncio.create_task(client.get("/takes-for-ever", timeout=20))
        while not server.server_state.tasks:
            await asyncio.sleep(0.01)
        server.should_exit = True
        answer = await asking
    assert told(answer)["detail"] == "Le service redémarre. Réessayez dans quelques instants."
    assert "Traceback" not in caplog.text
    assert "CancelledError" not in caplog.text


async def test_a_caller_that_gives_up_is_not_held_up(client):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await client.get("/takes-for-ever")


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


@pytest.fixture
async def person(app):
    """Somebody who asks with a browser."""
    app.add_middleware(PagesForPeople)
    transport = httpx.ASGITransport(app)
    asks = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    async with httpx.AsyncClient(transport=transport, base_url="http://door", headers=asks) as person:
        yield person


@pytest.mark.parametrize(
    ("path", "status", "title", "sentence"),
    [
        ("/drafts/3", 409, "Conflit", "Ce dossier est déjà déposé."),
        ("/drafts/4", 503, "Service momentanément indisponible", "Le service attend ce dont il a besoin."),
        ("/nothing", 404, "Introuvable", "Introuvable."),
        ("/drafts/x", 422, "Saisie à corriger", "Indiquez un nombre entier.</p>\n<p>Rien n’a été enregistré."),
    ],
)
async def test_whoever_asks_with_a_browser_reads_a_page(person, path, status, title, sentence):
    answer = await person.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert f"<h1>{title}</h1>" in answer.text
    assert f"<p>{sentence}" in answer.text
    assert (answer.headers.get("retry-after") == "5") == (status == 503)
    assert int(answer.headers["content-length"]) == len(answer.content)


async def test_the_page_of_a_fault_of_ours_names_the_number_under_which_it_is_noted(person, caplog):
    answer = await person.get("/drafts/5")
    [record] = ours(caplog)
    assert f"<p>Numéro à nous donner\u00a0: {record.support}</p>" in answer.text
    assert "marie@exemple.fr" not in answer.text


async def test_a_program_and_all_that_is_under_v1_have_the_problem(person):
    for path, accept in (("/drafts/3", "application/json"), ("/drafts/3", "*/*"), ("/v1/nothing", "text/html")):
        told(await person.get(path, headers={"Accept": accept}))
