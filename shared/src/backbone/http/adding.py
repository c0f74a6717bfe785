"""Routes are put together once, when their module is read, and shared by every app of the process."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI


def add_routes(http: FastAPI, routes: APIRouter) -> None:
    """Adds the routes as they are, behind those that are there.

    FastAPI's `include_router`, which can give them another prefix or more dependencies, puts each together anew for
    each app, with its first request, and looks through all of them twice with every one.
    """
    http.router.routes.extend(routes.routes)
