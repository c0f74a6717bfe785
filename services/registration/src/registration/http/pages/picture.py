"""The page of an event's picture: given, said whose it is and what it shows, taken away."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile

from backbone.http.access import Caller
from backbone.postgres.database import Tx

from ...desk import Desk
from ...domain.kept import Kept, read_in_part
from ...domain.picture import NO_CREDIT, NO_WORDS, AlternativeText, Credit
from ...domain.refusals import Unacceptable
from ...domain.rights import Act
from ...domain.slots import written_for
from ...handlers import events, pictures
from ..asking import AtDesk
from ..routes import page_routes
from ..rules import rule
from .asking import AView, PageRoute, Sitting, faults_by_field
from .my_events import UNTITLED
from .view import View

routes = page_routes("/evenements", route_class=PageRoute)

NAMES = {"credit": "credit", "alternative_text": "texte", "picture": "image"}
ASKED = {"credit": NO_CREDIT, "texte": NO_WORDS}
NO_FILE = "Choisissez une image : JPEG, PNG ou WebP, 8 Mo au plus."


class _Words(BaseModel):
    credit: Credit
    alternative_text: AlternativeText


@routes.get("/{event_id}/image")
@rule(Act.EDIT)
async def show_picture(me: Sitting, desk: AtDesk, view: AView, event_id: UUID) -> Response:
    return await _page(desk, view, me, event_id)


@routes.post("/{event_id}/image")
@rule(Act.EDIT)
async def give(request: Request, me: Sitting, desk: AtDesk, view: AView, event_id: UUID) -> Response:
    async with desk.engine.connect() as tx:
        event = await events.event_for(tx, me.account_id, event_id, Act.EDIT)  # before a file of theirs is looked at
    async with request.form(max_files=1, max_fields=6) as form:
        typed = {name: str(form.get(name) or "").strip() for name in ("credit", "texte")}
        file = form.get("image")
        given = await file.read() if isinstance(file, UploadFile) and file.filename else b""
    faults: dict[str, str] = {}
    try:
        words = _Words(credit=typed["credit"], alternative_text=typed["texte"])
    except ValidationError as refused:
        wrong = faults_by_field(refused.errors(), NAMES)
        faults = {
            **({"credit": NO_CREDIT} if "credit" in wrong else {}),
            **({"texte": NO_WORDS} if "texte" in wrong else {}),
        }
    if not given and not event.draft.get("picture"):
        faults = {"image": NO_FILE, **faults}
    if faults:
        return await _page(desk, view, me, event_id, typed=typed, faults=faults)
    try:
        if given:
            developed = await pictures.develop(desk, given)
        async with desk.engine.begin() as tx:
            event = await events.event_for(tx, me.account_id, event_id, Act.EDIT, lock=True)
            said = words.model_dump()
            if given:
                await pictures.give_picture(tx, desk, event, developed, **said)
            else:
                await _say_anew(tx, desk, me, event_id, event.draft, said)
    except Unacceptable as refused:
        return await _page(desk, view, me, event_id, typed=typed, faults=faults_by_field(refused.faults, NAMES))
    return RedirectResponse(f"/evenements/{event_id}?fait=image", status_code=303)


async def _say_anew(tx: Tx, desk: Desk, me: Caller, event_id: UUID, kept: Kept, said: Mapping[str, str]) -> None:
    """The same picture, of which something else is said."""
    with written_for(desk.edition):
        draft, faults = read_in_part({**kept, "picture": {**kept["picture"], **said}})
    if faults:
        raise Unacceptable(faults)
    await events.save_draft(tx, me.account_id, event_id, draft, now=desk.clock.now())


@routes.post("/{event_id}/image/retrait")
@rule(Act.EDIT)
async def take_away(me: Sitting, desk: AtDesk, event_id: UUID) -> Response:
    async with desk.engine.begin() as tx:
        await events.event_for(tx, me.account_id, event_id, Act.EDIT, lock=True)
        await pictures.take_away(tx, event_id)
    return RedirectResponse(f"/evenements/{event_id}?fait=sans-image", status_code=303)


async def _page(
    desk: Desk,
    view: View,
    me: Caller,
    event_id: UUID,
    *,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> Response:
    async with desk.engine.connect() as tx:
        event = await events.event_for(tx, me.account_id, event_id, Act.EDIT)
    picture = event.draft.get("picture") or {}
    known = {"credit": picture.get("credit") or "", "texte": picture.get("alternative_text") or ""}
    return view.render(
        "picture.html",
        me=me,
        status=422 if faults else 200,
        event_id=event_id,
        title="Son image",
        event_title=event.draft.get("title") or UNTITLED,
        picture=f"/images/{picture['id']}.jpg" if picture.get("id") else "",
        typed={**known, **(typed or {})},
        faults=faults or {},
    )
