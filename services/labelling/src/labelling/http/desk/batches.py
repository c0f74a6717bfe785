"""The same word on many events: first what it would do, then the word, held for a minute."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from ... import sentences
from ...workbench import batches, queue
from ...workbench.batches import MOST
from ...workbench.words import ToLabel, ToRefuse, Word
from ..asking import AtDesk
from .asking import AFilters, AView, PageRoute, Sitting, query_of
from .deciding import TOO_SHORT
from .events import Filled, form_of, sentence_of
from .view import PREFIX

routes = APIRouter(prefix=f"{PREFIX}/lot", route_class=PageRoute, include_in_schema=False)

Chosen = list[tuple[UUID, int]]
NONE_CHOSEN = "Cochez au moins un événement de la liste."


@routes.post("")
async def preview(request: Request, me: Sitting, desk: AtDesk, view: AView, filters: AFilters) -> Response:
    """What was chosen from the list, or all that the filters find; and what may be said of it."""
    form = await request.form()
    fields = form_of(form)
    if fields.get("tout"):
        async with desk.engine.connect() as tx:
            found = await queue.waiting(tx, filters.wanted, me, desk.clock.now(), limit=MOST)
        chosen = [(one.event.event_id, one.event.revision) for one in found]
    else:
        chosen = chosen_in(str(value) for name, value in form.multi_items() if name == "choix")
    word, wrong = _word_of(fields)
    async with desk.engine.connect() as tx:
        taken, left = await batches.look_at_batch(tx, chosen, word or ToLabel(), me)
    return view.render(
        "batch.html",
        me=me,
        status=422 if wrong and fields.get("mot") else 200,
        filters=filters,
        chosen=chosen,
        taken=taken,
        left=left,
        fields=Filled(fields),
        word=word,
        wrong=wrong,
        refusals={name: sentences.refusals(name, None) for name in sentences.CONDITIONS},
        none_chosen=None if chosen else NONE_CHOSEN,
    )


@routes.post("/decision")
async def decide(request: Request, me: Sitting, desk: AtDesk, view: AView, filters: AFilters) -> Response:
    form = await request.form()
    fields = form_of(form)
    word, _ = _word_of(fields)
    chosen = chosen_in(str(value) for name, value in form.multi_items() if name == "choix")
    if word is None or not chosen:
        return await preview(request, me, desk, view, filters)
    done = await batches.hold_batch(desk, chosen, word, me)
    more = {"fait": str(done.id)} if done.taken else {}
    return RedirectResponse(f"{PREFIX}?{query_of(filters.wanted, **more)}", status_code=303)


def chosen_in(values: Iterable[str]) -> Chosen:
    """The events that were ticked, each with the revision that was on the page; what is neither is left out."""
    chosen = []
    for value in values:
        event_id, _, revision = value.partition(":")
        try:
            chosen.append((UUID(event_id), int(revision)))
        except ValueError:
            continue
    return chosen[:MOST]


def _word_of(fields: dict[str, str]) -> tuple[Word | None, str]:
    """What is to be said of all; or why that is nothing yet."""
    if fields.get("mot") == "label":
        return ToLabel(), ""
    if fields.get("mot") != "refus":
        return None, ""
    condition = fields.get("condition", "")
    offered = {one.name: one.text for one in sentences.refusals(condition, None)}
    text = fields.get("phrase", "").strip() or offered.get(fields.get(f"modele_{condition}", ""), "")
    try:
        return ToRefuse(refused={condition: text}), ""
    except ValidationError as error:
        return None, sentence_of(error, TOO_SHORT)
