"""Who asks for a page, what they look for, and what they are shown where something is refused."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from backbone.campaign.geography import REVIEW_REGIONS
from backbone.campaign.words import KINDS
from backbone.contracts import Condition
from backbone.http.access import Caller, NotSignedIn
from backbone.http.problems import RETRY_AFTER, note_away
from backbone.http.session import COOKIE, check_origin, page_caller
from backbone.runtime.waiting import is_transient

from ...workbench.colleagues import take_seat
from ...workbench.queue import Urgency, Wanted
from ..asking import AtDesk
from .notices import NOTICES, UNREADABLE
from .view import PREFIX, View, view_of

AView = Annotated[View, Depends(view_of)]


async def _sitting(request: Request, desk: AtDesk, view: AView) -> Caller:
    if request.method == "POST":
        check_origin(request, [view.origin] if view.origin else ())
    return await take_seat(desk, await page_caller(request, desk.keys, "reviewer", "administrator"))


Sitting = Annotated[Caller, Depends(_sitting)]
"""The reviewer whose page it is; a form was sent from a page of ours."""


@dataclass(frozen=True)
class Filters:
    """What a reviewer looks for, as the address says it."""

    wanted: Wanted

    @property
    def query(self) -> str:
        """As the address says it; empty for all."""
        return query_of(self.wanted)

    def without(self, name: str) -> str:
        """Where the same is found without this one."""
        rest = query_of(self.wanted.without(name))
        return f"{PREFIX}?{rest}" if rest else PREFIX


def wanted_of(params: Mapping[str, str]) -> Wanted:
    """What the address asks for; what it asks for that there is not is left out."""
    known = {
        "region": params.get("region") if params.get("region") in REVIEW_REGIONS else None,
        "doubt": params.get("doute") if params.get("doute") in [*Condition] else None,
        "kind": params.get("genre") if params.get("genre") in KINDS else None,
        "urgency": Urgency(params["urgence"]) if params.get("urgence") in [*Urgency] else None,
    }
    ticked = {"mine": params.get("moi") == "1", "corrected": params.get("correction") == "1"}
    return Wanted(**known, **ticked)  # type: ignore[arg-type]


def query_of(wanted: Wanted, **more: str) -> str:
    """The same as an address says it."""
    said = {"region": wanted.region, "doute": wanted.doubt, "genre": wanted.kind, "urgence": wanted.urgency}
    said |= {"moi": "1" if wanted.mine else None, "correction": "1" if wanted.corrected else None}
    return urlencode({name: value for name, value in said.items() if value} | more)


def _filters(request: Request) -> Filters:
    return Filters(wanted_of(request.query_params))


AFilters = Annotated[Filters, Depends(_filters)]


class PageRoute(APIRoute):
    """A route whose refusals are pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def as_page(request: Request) -> Response:
            try:
                return await handle(request)
            except NotSignedIn as error:
                return await _sign_in_first(request, error)
            except tuple(NOTICES) as error:
                return _notice(request, error)
            except RequestValidationError:
                return _said(request, 422, *UNREADABLE)
            except Exception as error:
                if not is_transient(error):
                    raise
                note_away(error, request.scope)
                return await _come_back(request)

        return as_page


def _notice(request: Request, error: Exception) -> Response:
    status, title, text = NOTICES[next(kind for kind in type(error).__mro__ if kind in NOTICES)]
    return _said(request, status, title, text.format(name=getattr(error, "name", "")))


def _said(request: Request, status: int, title: str, text: str) -> Response:
    return view_of(request).render("notice.html", status=status, title=title, text=text)


async def _come_back(request: Request) -> Response:
    """Says that something is away; what was written is not lost: it is sent again."""
    form = await _typed(request) if request.method == "POST" else []
    page = view_of(request).render("away.html", status=503, action=_address(request), form=form)
    page.headers.update(RETRY_AFTER)
    return page


async def _typed(request: Request) -> list[tuple[str, str]]:
    return [(name, value) for name, value in (await request.form()).multi_items() if isinstance(value, str)]


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


async def _sign_in_first(request: Request, error: NotSignedIn) -> Response:
    view = view_of(request)
    path = _address(request)
    if request.method == "POST":  # what was written is not lost: it is sent again once somebody is signed in
        form = await _typed(request)
        link = f"{view.sign_in}?retour={quote(f'{PREFIX}/connecte')}"
        return view.render("again.html", status=401, action=path, form=form, link=link)
    link = f"{view.sign_in}?retour={quote(path, safe='/')}"
    if request.cookies.get(COOKIE):  # a cookie that nobody can read: sent there and back for ever otherwise
        return view.render("sign_in.html", status=401, link=link)
    return RedirectResponse(link, status_code=303)
