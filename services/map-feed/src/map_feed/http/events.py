"""The page of each event, at an address that it keeps for ever: the poster's QR code leads there."""

from __future__ import annotations

from uuid import UUID

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ..board import Board
from ..pages import Pages
from .packed import READ_ONLY, Kept, Press, page


def add_event_pages(app: FastAPI, board: Board, pages: Pages, press: Press) -> None:
    """The pages of the events of all editions."""
    kept = Kept(press, most=256, most_bytes=32_000_000)

    @app.api_route("/evenements/{event_id}", methods=READ_ONLY, include_in_schema=False)
    async def event(request: Request, event_id: str) -> Response:
        notice = board.notice(_uuid(event_id))
        edition = board.editions.get(notice.edition) if notice else None
        if notice is None or edition is None:
            raise HTTPException(404)
        now = board.clock.now()
        key = notice, notice.listing.is_over(now)
        return (await kept.get(key, lambda: page(pages.event(edition, notice.listing, now)))).respond(request)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise HTTPException(404) from None
