"""Routes are put together once, when their module is read, and shared by every app of the process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.params import Depends
from fastapi.routing import APIRoute


def id_of(route: APIRoute) -> str:
    """What an operation is called in the API's description, and so in clients: as its function is."""
    return route.name


def api_routes(
    prefix: str = "",
    *,
    tags: Sequence[str] = (),
    dependencies: Sequence[Depends] = (),
    responses: Mapping[int | str, dict[str, Any]] | None = None,
) -> APIRouter:
    """For routes of an API that is described."""
    return APIRouter(
        prefix=prefix,
        tags=list(tags),
        dependencies=dependencies,
        responses=dict(responses or {}),
        generate_unique_id_function=id_of,
    )


def add_routes(http: FastAPI, routes: APIRouter) -> None:
    """Adds the routes as they are, behind those that are there.

    FastAPI's `include_router`, which can give them another prefix or more dependencies, puts each together anew for
    each app, with its first request, and looks through all of them twice with every one.
    """
    http.router.routes.extend(routes.routes)
