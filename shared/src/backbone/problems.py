"""Errors to a person who called the API: problem details (RFC 9457), in French, naming the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .access import AccessDenied, NotAllowed
from .waiting import is_transient

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: "Demande incorrecte",
    401: "Connexion nécessaire",
    403: "Accès refusé",
    404: "Introuvable",
    405: "Méthode non prise en charge",
    409: "Conflit",
    413: "Envoi trop volumineux",
    415: "Format non pris en charge",
    422: "Saisie à corriger",
    429: "Trop de demandes",
    500: "Erreur de notre côté",
    503: "Service momentanément indisponible",
}

# pydantic's error types (docs.pydantic.dev/latest/errors/validation_errors) in a French that says what to do
SENTENCES = {
    "missing": "Ce champ est obligatoire.",
    "extra_forbidden": "Ce champ n’existe pas ; vérifiez son nom.",
    "string_type": "Indiquez un texte.",
    "string_too_short": "Indiquez au moins {min_length} caractère(s).",
    "string_too_long": "Raccourcissez à {max_length} caractères au plus.",
    "string_pattern_mismatch": "Le format n’est pas celui attendu.",
    "too_short": "Indiquez au moins {min_length} élément(s).",
    "too_long": "Indiquez {max_length} éléments au plus.",
    "enum": "Choisissez parmi : {expected}.",
    "literal_error": "Choisissez parmi : {expected}.",
    "bool_type": "Répondez par oui (true) ou non (false).",
    "bool_parsing": "Répondez par oui (true) ou non (false).",
    "int_parsing": "Indiquez un nombre entier.",
    "uuid_parsing": "Cet identifiant n’est pas valable.",
    "json_invalid": "Le texte envoyé n’est pas du JSON valable.",
    "json_type": "Le texte envoyé n’est pas du JSON valable.",
    "list_type": "Indiquez une liste.",
    "tuple_type": "Indiquez une liste.",
    "dict_type": "Indiquez un objet.",
    "model_type": "Indiquez un objet.",
    "model_attributes_type": "Indiquez un objet.",
    "datetime_parsing": "Indiquez une date et une heure, par exemple 2026-11-17T09:00.",
    "datetime_from_date_parsing": "Indiquez une date et une heure, par exemple 2026-11-17T09:00.",
    "datetime_type": "Indiquez une date et une heure, par exemple 2026-11-17T09:00.",
    "timezone_naive": "Indiquez l’heure locale, sans fuseau.",
    "url_parsing": "Indiquez une adresse complète, par exemple https://exemple.fr.",
    "url_scheme": "L’adresse doit commencer par https:// ou http://.",
    "url_too_long": "Cette adresse est trop longue.",
}


def problem(
    status: int, detail: str, *, errors: Sequence[Mapping[str, Any]] = (), headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """A problem as a response; `errors` name each field (`field`, `message`)."""
    body: dict[str, Any] = {"type": "about:blank", "title": TITLES.get(status, "Erreur"), "status": status}
    body["detail"] = detail
    if errors:
        body["errors"] = list(errors)
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def field_errors(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Pydantic's errors as a person reads them. A ValueError of our own validators is French already."""
    return [
        # where JSON breaks off is a position in the text, not a field
        {"field": "(corps)" if error["type"] == "json_invalid" else _field(error["loc"]), "message": _sentence(error)}
        for error in errors
    ]


def _field(loc: Sequence[str | int]) -> str:
    # the first part says body, path or query: the caller knows
    named = loc[1:] if loc and loc[0] in ("body", "path", "query") else loc
    return ".".join(map(str, named)) or "(corps)"


def _sentence(error: Mapping[str, Any]) -> str:
    context = error.get("ctx") or {}
    if error["type"] == "value_error" and "error" in context:
        return str(context["error"])
    expected = str(context.get("expected", "…")).replace(" or ", " ou ")
    return SENTENCES.get(error["type"], "Cette valeur n’est pas acceptée.").format_map(context | {"expected": expected})


def install_problems(app: FastAPI) -> None:
    """Makes every error of the app a problem in French."""

    async def wrong_fields(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        errors = field_errors(error.errors())
        return problem(422, f"{len(errors)} champ(s) à corriger ; rien n’a été enregistré.", errors=errors)

    async def refused(_: Request, error: Exception) -> JSONResponse:
        if isinstance(error, NotAllowed):
            return problem(403, "Votre compte ne permet pas cette action.")
        return problem(401, "Connectez-vous pour continuer.", headers={"WWW-Authenticate": "Bearer"})

    async def http_error(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        in_french = error.detail if error.detail not in _ENGLISH else TITLES.get(error.status_code, "Erreur")
        return problem(error.status_code, f"{in_french.rstrip('.')}.", headers=error.headers)

    async def fault(_: Request, error: Exception) -> JSONResponse:
        if is_transient(error):
            return problem(503, "Réessayez dans quelques instants.", headers={"Retry-After": "5"})
        return problem(500, "L’erreur vient de nous ; elle est notée, et rien n’a été enregistré.")

    app.add_exception_handler(Exception, fault)
    app.add_exception_handler(RequestValidationError, wrong_fields)
    app.add_exception_handler(AccessDenied, refused)
    app.add_exception_handler(HTTPException, http_error)


_ENGLISH = {"Not Found", "Method Not Allowed", "There was an error parsing the body"}


class BodyLimit:
    """Refuses a request body over the limit (413), said or not in Content-Length."""

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self._app, self._most = app, most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        said = dict(scope["headers"]).get(b"content-length", b"0")
        if not said.isdigit() or len(said) > 18 or int(said) > self._most:
            return await self._refuse(scope, receive, send)
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise HTTPException(413, "Cet envoi est trop volumineux")
            return message

        return await self._app(scope, counted, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"Cet envoi dépasse {self._most // 1024} Ko ; raccourcissez-le."
        await problem(413, detail)(scope, receive, send)
