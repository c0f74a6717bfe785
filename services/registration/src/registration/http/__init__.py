"""The doors of registration: the API for organisers and their software, and its few plain pages.

They only translate: a request into a call, and what came of it into an answer.
"""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.routing import APIRoute

from backbone.http.closing import SUSPENDED, Closed, banners
from backbone.http.half_characters import refuse_half_characters
from backbone.http.headers import FOR_PROGRAMS, DefaultHeaders
from backbone.http.manual import BY_MANUAL, install_manual
from backbone.http.problems import BodyLimit, install_problems
from backbone.http.routes import add_routes
from backbone.http.sheet import PagesForPeople

from ..desk import Desk
from ..pictures import MOST_BYTES as MOST_OF_A_PICTURE
from ..sheets.bounds import MOST_BYTES
from . import manual, pages
from .api import (
    account,
    accounts,
    attendance,
    calendar,
    copies,
    events,
    export,
    invitations,
    keys,
    kits,
    late_codes,
    organisations,
    pictures,
    second_factor,
    sessions,
    statuses,
    uploads,
)
from .closings import CLOSINGS
from .pages.problems import page_of_problem
from .refusals import install_refusals
from .rules import scope_of

TITLE = "Semaine de l’industrie : inscription"


def create_http(desk: Desk) -> FastAPI:
    """All doors; `desk` is what their routes work with."""
    http = FastAPI(title=TITLE, version="1", description=manual.ABOUT, **BY_MANUAL)
    http.state.desk = desk
    install_problems(http)
    install_refusals(http)
    refuse_half_characters(http)
    # a file of events, and the form around it
    a_file, a_picture = MOST_BYTES + 64 * 1024, MOST_OF_A_PICTURE
    larger = {"/v1/uploads": a_file, "/import": a_file, "/v1/events/[^/]+/picture": a_picture}
    larger["/evenements/[^/]+/image"] = a_picture + 64 * 1024
    http.add_middleware(BodyLimit, most_bytes=64 * 1024, larger=larger)
    http.add_middleware(Closed, switches=desk.switches, closings=CLOSINGS)
    http.add_middleware(DefaultHeaders, headers=FOR_PROGRAMS)
    http.add_middleware(PagesForPeople, page=page_of_problem)
    desk.confirmations.templates.globals["banners"] = lambda: banners(desk.switches, CLOSINGS)
    for routes in (
        accounts.routes,
        account.routes,
        account.by_link,
        sessions.routes,
        sessions.own,
        second_factor.routes,
        accounts.keys,
        calendar.routes,
        copies.routes,
        late_codes.routes,
        statuses.routes,
        events.routes,
        kits.routes,
        pictures.routes,
        pictures.shown,
        export.routes,
        uploads.templates,
        uploads.routes,
        organisations.routes,
        keys.routes,
        invitations.routes,
        invitations.links,
        invitations.for_others,
        attendance.routes,
        attendance.totals,
        attendance.public,
    ):
        for route in routes.routes:
            assert isinstance(route, APIRoute)
            if scope := scope_of(route.endpoint):
                by_key = {"security": [{manual.BY_KEY: [scope.value]}]}  # beside the token
                route.openapi_extra = {**(route.openapi_extra or {}), **by_key}
        add_routes(http, routes)
    pages.install(http, desk)
    install_manual(
        http, kinds=(*manual.KINDS, SUSPENDED), words=manual.WORDS, examples=manual.EXAMPLES, schemes=manual.SCHEMES
    )
    return http
