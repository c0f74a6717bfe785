"""Style, scripts, and the colours of the edition."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from backbone.campaign.colours import palette

from ...desk import Desk
from ...domain.rights import Door
from ..rules import rule
from .view import ADDRESS, STATIC

KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}  # the address changes with the files


class _Files(StaticFiles):
    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(KEPT)
        return response


def install(http: FastAPI, desk: Desk) -> None:
    """Adds them."""
    colours = "".join(f"--{name}:{value};" for name, value in palette(desk.edition.colours).items())

    @http.get(f"{ADDRESS}/couleurs.css", include_in_schema=False)
    @rule(Door.ANYONE)
    async def show_colours() -> Response:
        # not for ever: its address changes with the files, and not with the edition
        kept = {"Cache-Control": "public, max-age=300"}
        return Response(f":root{{{colours}}}\n", media_type="text/css", headers=kept)

    http.mount(ADDRESS, _Files(directory=STATIC))
