"""How the routes of a door begin: what comes before each of them, whatever it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute

from backbone.http.bearer import bearer
from backbone.http.openapi import refusals
from backbone.http.routes import api_routes

from .asking import our_own_form

Before = Sequence[Callable[..., Awaitable[Any]]]


def routes_behind_bearer(prefix: str, tag: str, *, first: Before = ()) -> APIRouter:
    """Of the API, for whoever shows a token, or a key of an organisation, which may be let in by no more than some."""
    depends = [Depends(bearer), *(Depends(each) for each in first)]
    return api_routes(prefix, tags=[tag], dependencies=depends, responses=refusals(403))


def page_routes(prefix: str = "", *, first: Before = (), route_class: type[APIRoute] = APIRoute) -> APIRouter:
    """Of the pages: none takes what a page of another site has sent."""
    depends = [Depends(our_own_form), *(Depends(each) for each in first)]
    return APIRouter(prefix=prefix, include_in_schema=False, route_class=route_class, dependencies=depends)
