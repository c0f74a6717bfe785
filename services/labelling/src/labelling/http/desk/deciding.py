"""A word on one event: held for a minute, and on to the next one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from backbone.contracts import Verdict
from backbone.http.access import Caller

from ... import sentences
from ...desk import Desk
from ...reviews import TextChanged
from ...workbench import claims, holds
from ...workbench.access import to_read
from ...workbench.words import ToCorrect, ToHandOver, ToLabel, ToRefuse, Word
from ..asking import AtDesk
from .asking import AFilters, AView, Filters, PageRoute, Sitting, query_of
from .events import event_page, read_form, sentence_of
from .view import PREFIX, View

routes = APIRouter(prefix=PREFIX, route_class=PageRoute, include_in_schema=False)

Form = Annotated[dict[str, str], Depends(read_form)]
NO_REASON = "Cochez au moins une condition, et dites pour chacune quoi corriger."
TOO_SHORT = "Écrivez une phrase de 10 à 500 signes : l’organisateur la lira."
NO_CHOICE = "Choisissez ce qui est à corriger."
NO_REGION = "Choisissez une région de la liste."
UNREAD = 0  # of a form that does not say which revision was read


class NotYet(Exception):
    """What was filled in is no word yet: what to mend, by the names of the fields."""

    def __init__(self, **wrong: str) -> None:
        super().__init__("not yet")
        self.wrong = wrong


@routes.post("/{event_id}/label")
async def give_label(me: Sitting, desk: AtDesk, view: AView, filters: AFilters, event_id: UUID, form: Form) -> Response:
    return await _say(desk, view, me, filters, event_id, form, ToLabel())


@routes.post("/{event_id}/refus")
async def refuse(me: Sitting, desk: AtDesk, view: AView, filters: AFilters, event_id: UUID, form: Form) -> Response:
    async with desk.engine.connect() as tx:
        verdicts = {one.condition: one for one in (await to_read(tx, event_id, me)).verdicts}
    try:
        word = refusal_of(form, verdicts)
    except NotYet as error:
        return await _again(desk, view, me, filters, event_id, form, error)
    return await _say(desk, view, me, filters, event_id, form, word)


@routes.post("/{event_id}/correction")
async def ask_correction(
    me: Sitting, desk: AtDesk, view: AView, filters: AFilters, event_id: UUID, form: Form
) -> Response:
    fault, _, name = form.get("correction", "").partition("/")
    offered = {one.name: one.text for one in sentences.corrections().get(fault, ())}
    if fault not in sentences.corrections():
        return await _again(desk, view, me, filters, event_id, form, NotYet(correction=NO_CHOICE))
    try:
        message = form.get("message", "").strip() or offered.get(name, "")
        word = ToCorrect(fault=fault, message=message)
    except ValidationError as error:
        wrong = NotYet(message=sentence_of(error, TOO_SHORT))
        return await _again(desk, view, me, filters, event_id, form, wrong)
    return await _say(desk, view, me, filters, event_id, form, word)


@routes.post("/{event_id}/region")
async def hand_over(me: Sitting, desk: AtDesk, view: AView, filters: AFilters, event_id: UUID, form: Form) -> Response:
    try:
        word = ToHandOver(region=form.get("vers", ""))
    except ValidationError:
        return await _again(desk, view, me, filters, event_id, form, NotYet(vers=NO_REGION))
    return await _say(desk, view, me, filters, event_id, form, word)


def refusal_of(form: Mapping[str, str], verdicts: Mapping[str, Verdict]) -> ToRefuse:
    """The refusal that was filled in: for each condition that was ticked the reviewer's own sentence, or else the one
    that they chose. Raises NotYet."""
    said = {}
    for condition in sentences.CONDITIONS:
        if not form.get(f"refus_{condition}"):
            continue
        offered = {one.name: one.text for one in sentences.refusals(condition, verdicts.get(condition))}
        chosen = offered.get(form.get(f"modele_{condition}", ""), "")
        said[condition] = form.get(f"phrase_{condition}", "").strip() or chosen
    if not said:
        raise NotYet(refus=NO_REASON)
    wrong = {f"phrase_{condition}": why for condition, text in said.items() if (why := _fault_of(condition, text))}
    if wrong:
        raise NotYet(**wrong)
    return ToRefuse(refused=said)


def _fault_of(condition: str, text: str) -> str | None:
    try:
        ToRefuse(refused={condition: text})
    except ValidationError as error:
        return sentence_of(error, TOO_SHORT)
    return None


def revision_of(form: Mapping[str, str]) -> int:
    """The revision that was read."""
    given = form.get("revision", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else UNREAD


async def _say(
    desk: Desk, view: View, me: Caller, filters: Filters, event_id: UUID, form: Mapping[str, str], word: Word
) -> Response:
    revision = revision_of(form)
    async with desk.engine.connect() as tx:
        place = (await to_read(tx, event_id, me)).place
    try:
        held = await holds.hold(desk, event_id, revision, word, me)
    except TextChanged:
        # what was written is not lost, and what changed is shown
        return await event_page(desk, view, me, filters, event_id, status=409, read=revision, typed=form)
    following = await claims.claim_next(desk, filters.wanted, me, place)
    path = f"{PREFIX}/{following}" if following else PREFIX
    return RedirectResponse(f"{path}?{query_of(filters.wanted, fait=str(held.batch))}", status_code=303)


async def _again(
    desk: Desk, view: View, me: Caller, filters: Filters, event_id: UUID, form: Mapping[str, str], error: NotYet
) -> Response:
    return await event_page(desk, view, me, filters, event_id, status=422, typed=form, wrong=error.wrong)
