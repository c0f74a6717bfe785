"""What reviewers write to each other on the page of an event: notes, and opinions that are asked and given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from pydantic import TypeAdapter, ValidationError

from backbone.http.access import Caller

from ...desk import Desk
from ...workbench import talk
from ...workbench.words import Text
from ..asking import AtDesk
from .asking import AFilters, AView, Filters, PageRoute, Sitting
from .events import back_to, event_page, sentence_of
from .view import PREFIX, View

routes = APIRouter(prefix=PREFIX, route_class=PageRoute, include_in_schema=False)

TEXT: TypeAdapter[str] = TypeAdapter(Text)
EMPTY = "Écrivez quelques mots, 2 000 signes au plus."


@routes.post("/{event_id}/note")
async def write_note(
    me: Sitting,
    desk: AtDesk,
    view: AView,
    filters: AFilters,
    event_id: UUID,
    note: Annotated[str, Form(max_length=5000)] = "",
) -> Response:
    try:
        await talk.write_note(desk, event_id, TEXT.validate_python(_lines(note)), me)
    except ValidationError as error:
        return await _again(desk, view, me, filters, event_id, "note", error, {"note": note})
    return back_to(event_id, filters, "notes")


@routes.post("/{event_id}/avis")
async def ask_opinion(
    me: Sitting,
    desk: AtDesk,
    view: AView,
    filters: AFilters,
    event_id: UUID,
    collegue: Annotated[UUID, Form()],
    question: Annotated[str, Form(max_length=5000)] = "",
) -> Response:
    try:
        await talk.ask_opinion(desk, event_id, collegue, TEXT.validate_python(_lines(question)), me)
    except ValidationError as error:
        return await _again(desk, view, me, filters, event_id, "question", error, {"question": question})
    return back_to(event_id, filters, "avis")


@routes.post("/{event_id}/avis/{opinion_id}")
async def give_opinion(
    me: Sitting,
    desk: AtDesk,
    view: AView,
    filters: AFilters,
    event_id: UUID,
    opinion_id: UUID,
    avis: Annotated[talk.Advice, Form()],
    reponse: Annotated[str, Form(max_length=5000)] = "",
) -> Response:
    try:
        await talk.give_opinion(desk, event_id, opinion_id, avis, TEXT.validate_python(_lines(reponse)), me)
    except ValidationError as error:
        return await _again(desk, view, me, filters, event_id, "reponse", error, {"reponse": reponse})
    return back_to(event_id, filters, "avis")


async def _again(
    desk: Desk,
    view: View,
    me: Caller,
    filters: Filters,
    event_id: UUID,
    field: str,
    error: ValidationError,
    typed: Mapping[str, str],
) -> Response:
    return await event_page(
        desk, view, me, filters, event_id, status=422, typed=typed, wrong={field: sentence_of(error, EMPTY)}
    )


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")
