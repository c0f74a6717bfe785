"""Wrong requests: a kind page for people, problem details (RFC 9457) for programs.

HTTPException           404 for an event that is not on the map, 405, and whatever else the framework refuses
RequestValidationError  422: a filter in the address makes no sense
NothingYet              503: the read model has not been read to its end since the start
TooBusy                 503: more searches at once than there is time for
"""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from backbone.http.problems import field_errors, problem

from ..board import NothingYet
from ..domain.search import OF_A_PLACE, Search
from ..pages import Pages
from .packed import TooBusy, page

DATA = ("/v1/", "/evenements.geojson", "/openapi.json", "/health", "/static")  # who asks for these is a program

NO_PAGE = (
    "Cette page n’existe pas",
    "L’adresse a peut-être été recopiée avec une faute. Les événements sont ici.",
)
NO_EVENT = (
    "Cet événement n’est pas, ou plus, sur la carte",
    "Il a pu être annulé ou déplacé par son organisateur, ou son adresse a été mal recopiée. "
    "D’autres événements vous attendent peut-être tout près.",
)
NOTHING_TO_SEND = ("Rien ne s’envoie à cette adresse", "Cette page se consulte seulement. Les événements sont ici.")
TOO_BUSY = ("Beaucoup de monde en ce moment", "Réessayez dans quelques instants.")
NOT_YET = ("La carte se prépare", "Le service démarre. Réessayez dans quelques instants.")
FILTERS = {field.alias or name for name, field in Search.model_fields.items()}
IN_A_MOMENT = {"Retry-After": "10"}


def install_errors(app: FastAPI, pages: Pages) -> None:
    """Puts pages before the problems that the app answers with, for all that people open themselves."""
    for_programs = dict(app.exception_handlers)

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 405:  # the framework names the methods of one route alone, and one path has two
            error = HTTPException(405, error.detail, {"Allow": "GET, HEAD"})
        if _wants_data(request):
            return await for_programs[HTTPException](request, error)  # type: ignore[no-any-return]
        response = page(pages.apology(*_words(error, request.url.path))).respond(request, status=error.status_code)
        response.headers.update(error.headers or {})
        return response

    async def wrong_fields(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        if _wants_data(request):
            return await for_programs[RequestValidationError](request, error)  # type: ignore[no-any-return]
        wrong = field_errors(error.errors())
        names = {each["field"] for each in wrong}
        gone = names | (OF_A_PLACE if "autour" in names else set())
        kept = [(name, value) for name, value in request.query_params.items() if name in FILTERS - gone and value]
        return page(pages.wrong_search(request.url.path, wrong, urlencode(kept, safe=","))).respond(request, status=422)

    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, wrong_fields)
    app.add_exception_handler(NothingYet, _later(pages, *NOT_YET))
    app.add_exception_handler(TooBusy, _later(pages, *TOO_BUSY))


def _wants_data(request: Request) -> bool:
    path = request.url.path
    return path.startswith(DATA) or (path.startswith("/editions/") and path.endswith(".geojson"))


def _words(error: HTTPException, path: str) -> tuple[str, str]:
    if error.status_code == 405:
        return NOTHING_TO_SEND
    return NO_EVENT if path.startswith("/evenements/") else NO_PAGE


def _later(pages: Pages, title: str, text: str) -> ExceptionHandler:
    """Asks to come back in a moment."""

    async def later(request: Request, _: Exception) -> Response:
        if _wants_data(request):
            return problem(503, text, headers=IN_A_MOMENT)
        response = page(pages.apology(title, text)).respond(request, status=503)
        response.headers.update(IN_A_MOMENT)
        return response

    return later
