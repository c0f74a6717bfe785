"""Who asks for a page, and what they are shown where something is refused."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from backbone.http.access import Caller, NotSignedIn
from backbone.http.problems import RETRY_AFTER, field_errors, note_away
from backbone.http.session import check_origin, page_caller
from backbone.runtime.waiting import is_transient

from ...passwords import Crowded
from ...throttle import TooMany
from ..asking import AtDesk
from ..sentences import COME_BACK, too_many
from .notices import NOTICES
from .view import View, view_of

AView = Annotated[View, Depends(view_of)]
SIGN_IN = "/connexion"
SECRETS = ("mot_de_passe", "mot-de-passe")
"""In the names of what no page repeats."""
SIGNED_IN = "/connecte"


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
            except Exception as error:
                page = await _page_of(request, error)
                if page is None:
                    raise
                return page

        return as_page


async def _page_of(request: Request, error: Exception) -> Response | None:
    """What somebody is shown where this was raised; None: it is a fault of ours, or a problem like others."""
    if isinstance(error, NotSignedIn):
        return await _sign_in_first(request)
    if isinstance(error, TooMany | Crowded):
        return await _too_many(request, error)
    notice = next((NOTICES[kind] for kind in type(error).__mro__ if kind in NOTICES), None)
    if notice:
        return _said(request, *notice)
    if not is_transient(error):
        return None
    note_away(error, request.scope)
    return await _come_back(request)


def _said(request: Request, status: int, title: str, text: str) -> Response:
    return view_of(request).render("notice.html", status=status, title=title, text=text, code=status)


async def _too_many(request: Request, refused: TooMany | Crowded) -> Response:
    """Says when to come back; what was written is not lost: it is sent again."""
    status = 429 if isinstance(refused, TooMany) else 503
    words = too_many(refused, request.app.state.desk.confirmations.public_url)
    form = await typed_of_form(request) if request.method == "POST" else []
    page = view_of(request).render(
        "away.html", status=status, title=COME_BACK, text=words, action=address_of(request), form=form
    )
    page.headers["Retry-After"] = str(refused.retry_after)
    return page


async def _come_back(request: Request) -> Response:
    """Says that something is away; what was written is not lost: it is sent again."""
    form = await typed_of_form(request) if request.method == "POST" else []
    page = view_of(request).render("away.html", status=503, action=address_of(request), form=form)
    page.headers.update(RETRY_AFTER)
    return page


async def _sign_in_first(request: Request) -> Response:
    path = address_of(request)
    if request.method == "POST":  # what was written is not lost: it is sent again once somebody is signed in
        link = f"{SIGN_IN}?retour={SIGNED_IN}"
        form = await typed_of_form(request)
        return view_of(request).render("again.html", status=401, action=path, form=form, link=link)
    return RedirectResponse(f"{SIGN_IN}?retour={quote(path, safe='/')}", status_code=303)


async def typed_of_form(request: Request) -> list[tuple[str, str]]:
    """What was typed, to be sent again: no password, and no file."""
    form = await request.form()
    return [
        (name, value)
        for name, value in form.multi_items()
        if isinstance(value, str) and not any(word in name for word in SECRETS)
    ]


def address_of(request: Request) -> str:
    """The path that was asked for, with what stands behind it."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def faults_by_field(errors: Sequence[Mapping[str, Any]], names: Mapping[str, str] | None = None) -> dict[str, str]:
    """Pydantic's errors by the names of a form's fields, the first of each. A form sends what is not filled in as an
    empty text."""
    faults: dict[str, str] = {}
    for error in field_errors([{**one, "type": "missing"} if _is_empty(one) else one for one in errors]):
        faults.setdefault((names or {}).get(error["field"], error["field"]), error["message"])
    return faults


def _is_empty(error: Mapping[str, Any]) -> bool:
    return error["type"] == "string_too_short" and not error["input"].strip()
