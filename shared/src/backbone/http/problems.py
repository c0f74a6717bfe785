"""Errors to a person who called the API: problem details (RFC 9457), in French, naming the field."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..campaign.typography import counted
from ..runtime.waiting import is_transient
from .access import AccessDenied, NotAllowed
from .problem_kinds import MEDIA_TYPE, Kind, body_of, kind_of

log = logging.getLogger(__name__)

# pydantic's error types (docs.pydantic.dev/latest/errors/validation_errors) in a French that says what to do
SENTENCES = {
    "missing": "Ce champ est obligatoire.",
    "extra_forbidden": "Ce champ n’existe pas ; vérifiez son nom.",
    "string_type": "Indiquez un texte.",
    "string_too_short": "Indiquez au moins {min_length:caractère}.",
    "string_too_long": "Raccourcissez à {max_length:caractère} au plus.",
    "string_pattern_mismatch": "Le format n’est pas celui attendu.",
    "too_short": "Indiquez au moins {min_length:élément}.",
    "too_long": "Indiquez {max_length:élément} au plus.",
    "enum": "Choisissez parmi : {expected}.",
    "literal_error": "Choisissez parmi : {expected}.",
    "bool_type": "Répondez par oui (true) ou non (false).",
    "bool_parsing": "Répondez par oui (true) ou non (false).",
    "int_parsing": "Indiquez un nombre entier.",
    "greater_than_equal": "Indiquez {ge} au moins.",
    "less_than_equal": "Indiquez {le} au plus.",
    "int_type": "Indiquez un nombre entier.",
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
    "date_parsing": "Indiquez un jour, par exemple 2026-11-17.",
    "date_from_datetime_parsing": "Indiquez un jour, par exemple 2026-11-17.",
    "timezone_naive": "Indiquez l’heure locale, sans fuseau.",
    "url_parsing": "Indiquez une adresse complète, par exemple https://exemple.fr.",
    "url_scheme": "L’adresse doit commencer par https:// ou http://.",
    "url_too_long": "Cette adresse est trop longue.",
}


NOT_JSON = "Le texte envoyé n’est pas du JSON lisible ; envoyez-le en UTF-8."
NO_FORM = "Ce formulaire ne se lit pas, ou il a plus de parties qu’il n’en faut : vérifiez ce qui est envoyé."


def problem(
    status: int,
    detail: str,
    *,
    kind: Kind | None = None,
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
    instance: str | None = None,
    more: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """A problem as a response. `errors` name each field (`field`, `message`); `kind` says more than the status, and
    `more` what a program needs to go on (RFC 9457's extension members)."""
    body = {**(more or {}), **body_of(kind or kind_of(status), detail, errors, instance), "status": status}
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def wrong(errors: Sequence[Mapping[str, Any]]) -> JSONResponse:
    """The answer to a request whose fields are wrong."""
    return problem(422, f"{counted(len(errors), 'champ')} à corriger ; rien n’a été enregistré.", errors=errors)


Answers = Mapping[type[Exception], Callable[[Any], JSONResponse]]
"""What an API answers to each of these exceptions."""


def install_answers(app: FastAPI, answers: Answers) -> None:
    """Makes these exceptions answers of the app."""
    for kind in answers:
        app.add_exception_handler(kind, _answer_by(answers[kind]))


def _answer_by(answer: Callable[[Any], JSONResponse]) -> Callable[[Request, Exception], Awaitable[JSONResponse]]:
    async def answered(_: Request, error: Exception) -> JSONResponse:
        return answer(error)

    return answered


class Problem(HTTPException):
    """A refusal of a kind of its own, with the sentence that says it of the case at hand."""

    def __init__(self, kind: Kind, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(kind.status, detail, dict(headers) if headers else None)
        self.kind = kind


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


class _Count(int):
    """A number that may be told with what it counts: `{min_length:caractère}`."""

    def __format__(self, word: str) -> str:
        return counted(self, word) if word else str(int(self))


def _sentence(error: Mapping[str, Any]) -> str:
    context = error.get("ctx") or {}
    if error["type"] == "value_error" and "error" in context:
        return str(context["error"])
    context = {name: _told(bound) for name, bound in context.items()}
    expected = str(context.get("expected", "…")).replace(" or ", " ou ")
    return SENTENCES.get(error["type"], "Cette valeur n’est pas acceptée.").format_map(context | {"expected": expected})


def _told(bound: Any) -> Any:
    if isinstance(bound, float):  # as people write it: 180, not 180.0
        return f"{bound:g}"
    return _Count(bound) if isinstance(bound, int) else bound


def install_problems(app: FastAPI) -> None:
    """Makes every error of the app a problem in French."""

    async def wrong_fields(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return wrong(field_errors(error.errors()))

    async def refused(_: Request, error: Exception) -> JSONResponse:
        if isinstance(error, NotAllowed):
            return problem(403, "Votre compte ne permet pas cette action.")
        return problem(401, "Connectez-vous pour continuer.", headers={"WWW-Authenticate": "Bearer"})

    async def http_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        if error.detail == _UNREADABLE:
            return wrong([{"field": "(corps)", "message": NOT_JSON}])
        if error.status_code == 400:  # Starlette, of a form that breaks off or has more parts than it may
            return wrong([{"field": "(corps)", "message": NO_FORM}])
        kind = error.kind if isinstance(error, Problem) else kind_of(error.status_code)
        in_french = error.detail if error.detail not in _ENGLISH else kind.title
        headers = {"Allow": _allowed(request)} if error.status_code == 405 else error.headers
        return problem(error.status_code, f"{in_french.rstrip('.')}.", kind=kind, headers=headers)

    app.add_exception_handler(RequestValidationError, wrong_fields)
    app.add_exception_handler(AccessDenied, refused)
    app.add_exception_handler(HTTPException, http_error)
    # the innermost: what the others add to answers, they add to these too
    app.user_middleware.append(Middleware(Faults))


def _allowed(request: Request) -> str:
    """The methods of the address: the framework names those of one route alone, and an address may have several."""
    asked = [(method, {**request.scope, "method": method}) for method in METHODS]
    routes = request.app.routes
    return ", ".join(method for method, scope in asked if any(one.matches(scope)[0] is Match.FULL for one in routes))


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_ENGLISH = {"Not Found", "Method Not Allowed"}
_UNREADABLE = "There was an error parsing the body"  # FastAPI, of what is no UTF-8, too deep, or too long a number


class Faults:
    """Answers what nobody else did: 503 where it passes by itself, with one line in the log; 500 for a fault of ours.

    Starlette's own handler answers, and then raises again: the server below it would print the whole story once more,
    and cut a connection that the client goes on using.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        has_begun, answer = False, None

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = has_begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except asyncio.CancelledError as cancelled:
            if cancelled.args != (SERVER_STOPS,):
                raise
            log.warning("a request was cut short by the end of the service", extra=_where(scope))
            answer = problem(503, "Le service redémarre. Réessayez dans quelques instants.", headers=RETRY_AFTER)
        except Exception as error:
            answer = _answer_to(error, scope)
        else:
            return None
        # where it has begun, the server sees an answer without an end, and tells the client by cutting it off
        if answer and not has_begun:
            await answer(scope, receive, send)
        return None


RETRY_AFTER = {"Retry-After": "5"}
SERVER_STOPS = "Task cancelled, timeout graceful shutdown exceeded"
"""What uvicorn says to a request that takes longer than a service that stops can wait."""


def _answer_to(error: Exception, scope: Scope) -> JSONResponse | None:
    """None: there is nobody to answer any more."""
    if isinstance(error, ClientDisconnect):
        log.info("a client went away in the middle of its request", extra=_where(scope))
        return None
    if is_transient(error):
        note_away(error, scope)
        return problem(503, "Le service attend ce dont il a besoin. Réessayez bientôt.", headers=RETRY_AFTER)
    support = uuid4()
    cause = {"cause": _root(error)} if error.__cause__ or error.__context__ else {}
    error.__cause__ = error.__context__ = None  # one traceback is read, three in a row are not
    log.error("a request has failed", exc_info=error, extra={"support": str(support), **cause, **_where(scope)})
    detail = "L’erreur vient de nous ; elle est notée. Si elle se répète, écrivez-nous avec le numéro ci-contre."
    return problem(500, detail, instance=f"urn:uuid:{support}")


def note_away(error: BaseException, scope: Scope) -> None:
    """One line in the log for a request that is answered 503."""
    about = {"error": _root(error), **_where(scope)}
    log.warning("a request was answered 503, as something it needs is away", extra=about)


def _root(error: BaseException) -> str:
    """The name of what was raised first: its words may hold what a log must not."""
    while before := error.__cause__ or error.__context__:
        error = before
    return type(error).__name__


def _where(scope: Scope) -> dict[str, str]:
    # as the route writes it: an address may name a person
    return {"method": scope["method"], "route": getattr(scope.get("route"), "path", "(none)")}


class BodyLimit:
    """Refuses a request body over the limit (413), said or not in Content-Length. `larger`: the limit of the paths,
    as regular expressions, that take more than the others."""

    def __init__(self, app: ASGIApp, most_bytes: int, larger: Mapping[str, int] | None = None) -> None:
        self._app, self._most, self._larger = app, most_bytes, larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        larger = (size for path, size in self._larger.items() if re.fullmatch(path, scope["path"]))
        most = next(larger, self._most)
        said = dict(scope["headers"]).get(b"content-length", b"0")
        if not said.isdigit() or len(said) > 18 or int(said) > most:
            return await self._refuse(most, scope, receive, send)
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                raise HTTPException(413, "Cet envoi est trop volumineux")
            return message

        return await self._app(scope, counted, send)

    async def _refuse(self, most: int, scope: Scope, receive: Receive, send: Send) -> None:
        size = f"{most >> 20} Mo" if most >= 1 << 20 else f"{most >> 10} Ko"
        detail = f"Cet envoi dépasse {size} ; raccourcissez-le."
        await problem(413, detail)(scope, receive, send)
