"""Style, scripts, and the colours of the edition."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from backbone.campaign.colours import palette

from ...desk import Desk
from .view import PREFIX, STATIC

KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}  # the address changes with the files


class _Files(StaticFiles):
    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(KEPT)
        return response


def install(http: FastAPI, desk: Desk) -> None:
    """Adds them."""
    colours = palette(desk.editions.current.colours)
    variables = "".join(f"--{name}:{value};" for name, value in colours.items())

    @http.get(f"{PREFIX}/static/couleurs.css", include_in_schema=False)
    async def show_colours() -> Response:
        return Response(f":root{{{variables}}}\n", media_type="text/css", headers=KEPT)

    http.mount(f"{PREFIX}/static", _Files(directory=STATIC))
