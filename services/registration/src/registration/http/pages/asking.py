"""Who asks for a page, and what they are shown where something is refused."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from backbone.http.access import Caller, NotSignedIn
from backbone.http.problems import RETRY_AFTER, field_errors, note_away
from backbone.http.session import check_origin, page_caller
from backbone.runtime.waiting import is_transient

from ...domain.refusals import AccountGone
from ..asking import AtDesk
from .notices import NOTICES, UNREADABLE
from .view import View, view_of

AView = Annotated[View, Depends(view_of)]
SIGN_IN = "/connexion"
SIGNED_IN = "/connecte"
GONE = (
    "Ce compte n’existe plus",
    "Il a été effacé, ou son adresse n’est pas encore confirmée. Connectez-vous avec un autre compte, ou ouvrez-en un.",
)


async def _sitting(request: Request, desk: AtDesk) -> Caller:
    if request.method == "POST":
        check_origin(request)
    return await page_caller(request, desk.signer)


Sitting = Annotated[Caller, Depends(_sitting)]
"""Whose page it is; a form was sent from a page of ours."""


class PageRoute(APIRoute):
    """A route whose refusals are pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def as_page(request: Request) -> Response:
            try:
                return await handle(request)
            except NotSignedIn:
                return await _sign_in_first(request)
            except AccountGone:
                return _said(request, 401, *GONE)
            except tuple(NOTICES) as error:
                return _said(request, *NOTICES[next(kind for kind in type(error).__mro__ if kind in NOTICES)])
            except RequestValidationError:
                return _said(request, 422, *UNREADABLE)
            except Exception as error:
                if not is_transient(error):
                    raise
                note_away(error, request.scope)
                return await _come_back(request)

        return as_page


def _said(request: Request, status: int, title: str, text: str) -> Response:
    return view_of(request).render("notice.html", status=status, title=title, text=text, code=status)


async def _come_back(request: Request) -> Response:
    """Says that something is away; what was written is not lost: it is sent again."""
    form = await _typed(request) if request.method == "POST" else []
    page = view_of(request).render("away.html", status=503, action=_address(request), form=form)
    page.headers.update(RETRY_AFTER)
    return page


async def _sign_in_first(request: Request) -> Response:
    path = _address(request)
    if request.method == "POST":  # what was written is not lost: it is sent again once somebody is signed in
        link = f"{SIGN_IN}?retour={SIGNED_IN}"
        form = await _typed(request)
        return view_of(request).render("again.html", status=401, action=path, form=form, link=link)
    return RedirectResponse(f"{SIGN_IN}?retour={quote(path, safe='/')}", status_code=303)


async def _typed(request: Request) -> list[tuple[str, str]]:
    form = await request.form()
    return [
        (name, value)
        for name, value in form.multi_items()
        if isinstance(value, str) and not name.startswith("mot_de_passe")
    ]


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def faults_by_field(errors: Sequence[Mapping[str, Any]], names: Mapping[str, str] | None = None) -> dict[str, str]:
    """Pydantic's errors by the names of a form's fields, the first of each."""
    faults: dict[str, str] = {}
    for error in field_errors(errors):
        faults.setdefault((names or {}).get(error["field"], error["field"]), error["message"])
    return faults
