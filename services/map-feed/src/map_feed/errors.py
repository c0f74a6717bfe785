"""Wrong requests: a kind page for people, problem details (RFC 9457) for programs.

HTTPException           404 for an event that is not on the map, and whatever the framework refuses
RequestValidationError  422: a filter in the address makes no sense
NothingYet              503: the read model has not been reached since the start
"""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from backbone.problems import problem

from .board import NothingYet
from .packed import page
from .pages import Pages

DATA = ("/evenements.geojson", "/openapi.json", "/health", "/static")  # who asks for these is a program

NO_PAGE = (
    "Cette page n’existe pas",
    "L’adresse a peut-être été recopiée avec une faute. Les événements sont ici.",
)
NO_EVENT = (
    "Cet événement n’est pas, ou plus, sur la carte",
    "Il a pu être annulé ou déplacé par son organisateur, ou son adresse a été mal recopiée. "
    "D’autres événements vous attendent peut-être tout près.",
)
NO_SEARCH = (
    "Nous n’avons pas compris cette recherche",
    "Un des filtres de l’adresse n’existe pas. Repartez de la liste entière, les filtres vous y attendent.",
)
NOT_YET = ("La carte se prépare", "Le service démarre. Réessayez dans quelques instants.")
IN_A_MOMENT = {"Retry-After": "10"}


def install_errors(app: FastAPI, pages: Pages) -> None:
    """Puts pages before the problems that the app answers with, for all that people open themselves."""
    for_programs = dict(app.exception_handlers)

    def wants_data(request: Request) -> bool:
        return request.url.path.startswith(DATA)

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if wants_data(request):
            return await for_programs[HTTPException](request, error)  # type: ignore[no-any-return]
        words = NO_EVENT if request.url.path.startswith("/evenements/") else NO_PAGE
        return page(pages.notice(*words)).respond(request, status=error.status_code)

    async def wrong_fields(request: Request, error: Exception) -> Response:
        if wants_data(request):
            return await for_programs[RequestValidationError](request, error)  # type: ignore[no-any-return]
        return page(pages.notice(*NO_SEARCH)).respond(request, status=422)

    async def nothing_yet(request: Request, _: Exception) -> Response:
        if wants_data(request):
            return problem(503, NOT_YET[1], headers=IN_A_MOMENT)
        response = page(pages.notice(*NOT_YET)).respond(request, status=503)
        response.headers.update(IN_A_MOMENT)
        return response

    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, wrong_fields)
    app.add_exception_handler(NothingYet, nothing_yet)
