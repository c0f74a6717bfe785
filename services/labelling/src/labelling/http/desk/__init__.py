"""The reviewers' pages: complete without JavaScript, quicker with it, and all of it by the keyboard."""

from __future__ import annotations

from fastapi import FastAPI

from backbone.http.routes import add_routes

from ...desk import Desk
from . import batches, deciding, events, files, lists, talk
from .view import View


def install(http: FastAPI, desk: Desk) -> None:
    """Adds the pages."""
    http.state.view = View(desk)
    files.install(http, desk)
    # « /relecture/lot » before the pages of events, whose addresses end with a number
    for pages in (lists.routes, batches.routes, deciding.routes, talk.routes, events.routes):
        add_routes(http, pages)
