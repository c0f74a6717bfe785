"""The pages, for people: complete without JavaScript, quicker with it."""

from __future__ import annotations

from fastapi import FastAPI

from backbone.http.routes import add_routes

from ...desk import Desk
from . import (
    account,
    acting,
    attendance,
    checking,
    confirmation,
    files,
    helping,
    importing,
    invitation,
    joining,
    keys,
    my_events,
    new_address,
    new_password,
    organisation,
    picture,
    signing_in,
    whereabouts,
    writing,
)
from .view import View

_PAGES = (
    *(confirmation, invitation, joining, new_address, new_password, signing_in),
    *(my_events, checking, writing, acting, picture, whereabouts, helping),
    *(organisation, keys, attendance, account, importing),
)


def install(http: FastAPI, desk: Desk) -> None:
    """Adds the pages."""
    http.state.view = View(desk)
    files.install(http, desk)
    for pages in _PAGES:
        add_routes(http, pages.routes)
