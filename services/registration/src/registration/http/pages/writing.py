"""The form of an event, step by step: what is right of a step is kept, what is wrong is said beside its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from backbone.campaign.dates import hour
from backbone.campaign.words import KINDS
from backbone.http.access import Caller
from backbone.postgres.database import Tx

from ... import store
from ...desk import Desk
from ...domain.checking import next_steps
from ...domain.deadline import day_in_paris
from ...domain.draft import PARIS, EventDraft
from ...domain.kept import Kept, kept_of, read_in_part
from ...domain.refusals import UnknownEvent
from ...domain.rights import Act, Door
from ...domain.slots import written_for
from ...handlers import events
from ..asking import AtDesk
from ..routes import page_routes
from ..rules import rule
from .asking import AView, PageRoute, Sitting
from .steps import BY_NAME, CHECK, STEPS, Step, after, before
from .typed import Row, Typed, as_kept, given_by, leaf_of, merged, names_of_rows, shown_of, typed_of, version_of
from .view import View
from .words import faults_in_form, said_of

routes = page_routes("/evenements", route_class=PageRoute)

FIRST = STEPS[0]
NEW = "nouveau"
ADD, REMOVE, BACK, LATER = "ajouter-creneau", "retirer-creneau-", "precedent", "plus-tard"
Prefilled = Annotated[str, Query(max_length=200)]


def way_to(event_id: UUID, step: str = "") -> str:
    """The address of a step of the form."""
    return f"/evenements/{event_id}/modifier" + (f"/{step}" if step else "")


# the address holds the number that the event will have: who goes back to this page finds what they had written
@routes.get("/nouveau")
@rule(Door.SIGNED_IN)
async def begin(me: Sitting, desk: AtDesk, organisation: Prefilled = "", kind: Prefilled = "") -> Response:
    async with desk.engine.connect() as tx:
        await events.check_account(tx, me.account_id)
    known = {"organisation": organisation[:120], "kind": kind if kind in KINDS else ""}
    query = urlencode({NEW: "1", **{name: value for name, value in known.items() if value}})
    return RedirectResponse(f"{way_to(uuid4(), FIRST.name)}?{query}", status_code=303)


@routes.get("/{event_id}/modifier")
@rule(Act.EDIT)
async def go_on(me: Sitting, desk: AtDesk, event_id: UUID) -> Response:
    """The first step in which something is missing."""
    async with desk.engine.connect() as tx:
        event = await events.event_for(tx, me.account_id, event_id, Act.EDIT)
        said = said_of(event_id, await events.check_draft(tx, desk, me.account_id, event.draft))
    point = next(iter([*said.faults, *said.missing]), None)
    return RedirectResponse(point.address if point else way_to(event_id, CHECK), status_code=303)


@routes.get("/{event_id}/modifier/{etape}")
@rule(Act.EDIT)
async def show_step(
    request: Request,
    me: Sitting,
    desk: AtDesk,
    view: AView,
    event_id: UUID,
    etape: str,
    organisation: Prefilled = "",
    kind: Prefilled = "",
) -> Response:
    async with desk.engine.connect() as tx:
        kept = await _kept(tx, me, event_id, is_new=NEW in request.query_params)
        if kept is None:
            await events.check_account(tx, me.account_id)
            kept = {"organisation": organisation[:120] or me.organisation} | ({"kind": kind} if kind in KINDS else {})
            return await _page(tx, desk, view, me, event_id, Filled(FIRST, {}, shown_of(kept, FIRST), is_new=True))
        step = BY_NAME.get(etape)
        if step is None:
            return RedirectResponse(way_to(event_id), status_code=303)
        return await _page(tx, desk, view, me, event_id, Filled(step, kept, shown_of(kept, step)))


async def _kept(tx: Tx, me: Caller, event_id: UUID, *, is_new: bool, lock: bool = False) -> Kept | None:
    """The draft, as it is kept; None: it is still to be made."""
    try:
        return (await events.event_for(tx, me.account_id, event_id, Act.EDIT, lock=lock)).draft
    except UnknownEvent:
        if is_new and await store.event_by_id(tx, event_id) is None:
            return None
        raise


@dataclass
class Filled:
    """A step as it is shown. `kept`: the draft; `others`: what somebody else has written meanwhile, by label."""

    step: Step
    kept: Kept
    typed: Typed
    is_new: bool = False
    is_kept: bool = False
    is_conflict: bool = False
    others: Mapping[str, str] | None = None

    @property
    def faults(self) -> Mapping[str, str]:
        return self.typed.faults

    @property
    def version(self) -> str:
        return version_of(self.kept, self.step)


@routes.post("/{event_id}/modifier/{etape}")
@rule(Act.EDIT)
async def save_step(request: Request, me: Sitting, desk: AtDesk, view: AView, event_id: UUID, etape: str) -> Response:
    form = await request.form(max_fields=1000)
    is_by_itself = request.headers.get("hx-request") == "true"
    # what keeps itself carries the last button too, whose own request comes next: it would be pressed twice
    step, wish = BY_NAME.get(etape), "" if is_by_itself else str(form.get("faire") or "")
    async with desk.engine.begin() as tx:
        kept = await _kept(tx, me, event_id, is_new=NEW in form and step is FIRST, lock=True)
        if step is None:
            return RedirectResponse(way_to(event_id), status_code=303)
        typed = typed_of(form, step)
        focus = _change_rows(typed, wish)
        posted = Posted(typed, str(form.get("version") or ""), is_unfinished=is_by_itself or bool(focus))
        filled = await _saved(tx, desk, me, event_id, step, kept, posted)
        if is_by_itself:
            return await _page(tx, desk, view, me, event_id, filled, name="_saved.html")
        if filled.is_kept and not filled.faults and not focus:
            return RedirectResponse(_where_next(event_id, step, wish), status_code=303)
        return await _page(tx, desk, view, me, event_id, filled, focus=focus)


def _where_next(event_id: UUID, step: Step, wish: str) -> str:
    if wish == LATER:
        return "/mes-evenements"
    return way_to(event_id, (before(step.name) or step.name) if wish == BACK else after(step))


def _change_rows(typed: Typed, wish: str) -> str:
    """A session more, or one less: for who has no scripts. Gives the id of what is looked at next; empty: no change."""
    rows = typed.get("slots")
    if not isinstance(rows, list):
        return ""
    number = wish.removeprefix(REMOVE)
    if wish == ADD:
        rows.append(Row(start=rows[-1].start, end=rows[-1].end) if rows else Row())
        return f"slots-{len(rows) - 1}-jour"
    if wish.startswith(REMOVE) and number.isdigit() and int(number) < len(rows):
        del rows[int(number)]
        rows[:] = rows or [Row()]
        return "ajouter-creneau"
    return ""


@dataclass(frozen=True)
class Posted:
    """What came with a step. `version`: of what was shown; `is_unfinished`: somebody is still writing."""

    typed: Typed
    version: str
    is_unfinished: bool


async def _saved(
    tx: Tx, desk: Desk, me: Caller, event_id: UUID, step: Step, before: Kept | None, posted: Posted
) -> Filled:
    """Keeps what is right of the step, unless somebody else has changed it since it was shown."""
    kept, typed = before or {}, posted.typed
    given = given_by(typed, step, lenient=posted.is_unfinished)
    with written_for(desk.edition):
        draft, faults = _right_of(kept, given, step)
    typed.faults = {**faults, **typed.faults}
    if draft is None:
        return Filled(step, kept, typed, is_new=before is None)
    wanted = kept_of(draft)
    changed = {name for name, value in as_kept(wanted, step).items() if value != leaf_of(kept, name)}
    if before is not None and changed and posted.version != version_of(kept, step):
        others = {one.id: one.label for one in step.fields if one.name in changed}
        return Filled(step, kept, typed, is_conflict=True, others=_in_words(kept, step, others))
    if changed or before is None:
        await events.save_draft(tx, me.account_id, event_id, draft, now=desk.clock.now())
        wanted = (await events.event_for(tx, me.account_id, event_id, Act.EDIT)).draft
    return Filled(step, wanted, typed, is_kept=True)


def _right_of(kept: Kept, given: Mapping[str, Any], step: Step) -> tuple[EventDraft | None, dict[str, str]]:
    """The draft with what of the step is right, and what is wrong with the rest, which stays as it was; no draft where
    something of another step is wrong: it would be lost."""
    try:
        return EventDraft.model_validate(merged(kept, given)), {}
    except ValidationError as refused:
        faults = faults_in_form(refused.errors(), names_of_rows(given))
    ids = {one.id: one.name for one in step.fields}
    wrong = {ids.get(name) or ("slots" if name.startswith("slots-") and "slots" in ids else None) for name in faults}
    if None in wrong:
        return None, faults
    right = {name: value for name, value in given.items() if name not in wrong}
    draft, left = read_in_part(merged(kept, right))
    return (None if left else draft), faults


def _in_words(kept: Kept, step: Step, labels: Mapping[str, str]) -> dict[str, str]:
    shown = shown_of(kept, step)
    return {label: _said(shown.get(name)) for name, label in labels.items()}


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_said(one) for one in value) or "rien"
    if isinstance(value, Row):
        return f"{value.day} {value.start}–{value.end}"
    return ", ".join(value.values()) if isinstance(value, dict) else str(value) or "rien"


async def _page(
    tx: Tx,
    desk: Desk,
    view: View,
    me: Caller,
    event_id: UUID,
    filled: Filled,
    *,
    name: str = "writing.html",
    focus: str = "",
) -> Response:
    checked = await events.check_draft(tx, desk, me.account_id, filled.kept)
    stored = await store.event_by_id(tx, event_id)
    now = desk.clock.now()
    status = 409 if filled.is_conflict else 422 if filled.faults else 200
    return view.render(
        name,
        me=me,
        status=status,
        event_id=event_id,
        filled=filled,
        step=filled.step,
        steps=STEPS,
        typed=filled.typed,
        faults=filled.faults,
        said=said_of(event_id, checked),
        is_as_submitted=stored is not None and stored.is_submitted and not stored.is_changed,
        next_steps=next_steps(checked, desk.edition, day_in_paris(now)),
        back=before(filled.step.name),
        at=_clock(now),
        focus=focus,
        title=filled.kept.get("title") or "Nouvel événement",
    )


def _clock(now: datetime) -> str:
    return hour(now.astimezone(ZoneInfo(PARIS)).time())
