"""The last step of the form: all of it read once more, as the public will see it, and submitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from backbone.campaign.dates import hour, in_full, whole_day
from backbone.campaign.words import ACCESSIBILITY, ADMISSIONS, AUDIENCES, KINDS, ZONES
from backbone.http.access import Caller

from ... import store
from ...assessing import RulesAway
from ...desk import Desk
from ...domain.checking import next_steps
from ...domain.deadline import day_in_paris, last_day
from ...domain.draft import PARIS, EventDraft
from ...domain.kept import read_in_part
from ...domain.likeness import Lookalike
from ...domain.refusals import (
    AsksFirst,
    Incomplete,
    LateCodeRefused,
    NamesItsAuthor,
    NotOpen,
    OfAnotherEdition,
    Resembles,
    WeekBegun,
)
from ...domain.rights import Act
from ...domain.slots import DraftSlot, written_for
from ...handlers import events
from ...store import StoredEvent
from ..asking import AtDesk
from ..routes import page_routes
from ..rules import rule
from .asking import AView, PageRoute, Sitting
from .my_events import UNTITLED
from .steps import STEPS, Field, Way
from .typed import Row, leaf_of, shown_of
from .view import View
from .words import said_of

routes = page_routes("/evenements", route_class=PageRoute)


@dataclass(frozen=True)
class Asked:
    """What was answered to what is asked with a submission. `alike`: the events that look like this one."""

    confirmed: Sequence[str] = ()
    alike: Sequence[Lookalike] = ()
    others: Sequence[str] = ()
    code: str = ""


@routes.get("/{event_id}/modifier/verifier")
@rule(Act.EDIT)
async def show_check(me: Sitting, desk: AtDesk, view: AView, event_id: UUID) -> Response:
    return await _check(desk, view, me, event_id)


@routes.post("/{event_id}/deposer")
@rule(Act.SUBMIT)
async def submit(request: Request, me: Sitting, desk: AtDesk, view: AView, event_id: UUID) -> Response:
    form = await request.form()
    confirmed = [str(name) for name in form.getlist("confirme")]
    others, code = [str(token) for token in form.getlist("autre")], str(form.get("code") or "").strip()
    answers: dict[str, Any] = {"confirmed": confirmed, "not_the_same": others, "late_code": code or None}
    try:
        async with desk.engine.begin() as tx:
            await events.submit(tx, desk, me.account_id, event_id, **answers)
    except (Incomplete, NamesItsAuthor):
        return await _check(desk, view, me, event_id, status=422, refused=NOT_YET)
    except AsksFirst:
        return await _check(desk, view, me, event_id, status=422, refused=CONFIRM, asked=Asked(confirmed, code=code))
    except Resembles as refusal:
        asked = Asked(confirmed, refusal.found, others, code)
        return await _check(desk, view, me, event_id, status=409, refused=ALIKE, asked=asked)
    except NotOpen as refusal:
        return await _check(desk, view, me, event_id, status=409, refused=_closed(refusal), asked=Asked(code=code))
    except OfAnotherEdition as refusal:
        said = f"Il est de l’édition {refusal.its_own}, qui est close : pour l’édition {refusal.current}, copiez-le."
        return await _check(desk, view, me, event_id, status=409, refused=said)
    return RedirectResponse(f"/evenements/{event_id}?depose=1", status_code=303)


NOT_YET = "Il n’est pas encore déposé : complétez ou corrigez ce qui est indiqué."
ALIKE = (
    "Il n’est pas encore déposé : un événement déjà déposé lui ressemble, le même jour et au même endroit. Si c’est le "
    "même, gardez celui qui est déposé. S’il est différent, dites-le ci-dessous."
)
CONFIRM = "Il n’est pas encore déposé : confirmez ce qui devient public, ou retirez-le du texte."


def _closed(refusal: NotOpen) -> str:
    if isinstance(refusal, LateCodeRefused):
        return "Ce code ne laisse pas entrer cet événement : il est inconnu, expiré, d’une autre région, ou il a servi."
    if isinstance(refusal, WeekBegun):
        return "La Semaine a commencé : cette version ne peut plus être déposée. Ce qui change s’annonce aux visiteurs."
    if refusal.today < refusal.period.opens:
        return f"Les inscriptions ouvrent le {in_full(refusal.period.opens)}. Votre brouillon est enregistré."
    return f"Les inscriptions sont closes depuis la fin du {in_full(refusal.period.last_day)}."


@routes.get("/{event_id}/apercu")
@rule(Act.READ)
async def preview(me: Sitting, desk: AtDesk, view: AView, event_id: UUID) -> Response:
    async with desk.engine.connect() as tx:
        event = await events.event_for(tx, me.account_id, event_id, Act.READ)
    with written_for(desk.edition):
        draft = read_in_part(event.draft)[0]
    return view.render(
        "preview.html", me=me, event_id=event_id, title=draft.title or UNTITLED, it=draft, **_facts(draft)
    )


def _facts(draft: EventDraft) -> dict[str, Any]:
    zone = draft.timezone
    return {
        "kind": KINDS.get(draft.kind or "", ""),
        "openings": [_opening(slot) for slot in sorted(draft.slots or (), key=lambda slot: slot.starts_at)],
        "clock": ZONES.get(zone, "") if zone != PARIS else "",
        "audiences": [AUDIENCES.get(code, code) for code in draft.audiences or ()],
        "admission": ADMISSIONS.get(draft.admission or "", ""),
        "accessibility": [ACCESSIBILITY.get(code, code) for code in draft.accessibility or ()],
    }


def _opening(slot: DraftSlot) -> tuple[str, str]:
    starts, ends = slot.starts_at, slot.ends_at
    until = hour(ends.time()) + (f" le {whole_day(ends.date())}" if ends.date() != starts.date() else "")
    return whole_day(starts.date()), f"de {hour(starts.time())} à {until}"


@routes.get("/{event_id}/regles")
@rule(Act.READ)
async def show_rules(request: Request, me: Sitting, desk: AtDesk, view: AView, event_id: UUID) -> Response:
    """What the rules of the label would say: a part of the page, or a page for who has no scripts."""
    async with desk.engine.connect() as tx:
        event = await events.event_for(tx, me.account_id, event_id, Act.READ)
        checked = await events.check_draft(tx, desk, me.account_id, event.draft)
    words: Sequence[str] = ()
    label = "incomplete"
    if desk.rules and checked.is_whole:
        told = checked.draft.as_event(event.id, event.revision + 1, desk.edition.name, event.account_id)
        try:
            label, words = await desk.rules.assess(told)
        except RulesAway:
            label = "away"
    name = "_rules.html" if request.headers.get("hx-request") == "true" else "rules.html"
    title, told_label = "Ce que diraient les règles du label", RULES.get(label, RULES["under_review"])
    return view.render(name, me=me, event_id=event_id, title=title, told=told_label, words=words)


RULES: Mapping[str, str] = {
    "granted": "D’après ce qui est écrit, les règles lui donneraient le label aussitôt.",
    "refused": "D’après ce qui est écrit, les règles le refuseraient. Corrigez-le avant de le déposer.",
    "under_review": "Une personne de votre région le relirait avant de décider.",
    "incomplete": "Les règles le diront une fois l’événement complet.",
    "away": "Les règles ne répondent pas pour l’instant. Vous pouvez le déposer sans attendre.",
}


async def _check(
    desk: Desk,
    view: View,
    me: Caller,
    event_id: UUID,
    *,
    status: int = 200,
    refused: str = "",
    asked: Asked | None = None,
) -> Response:
    async with desk.engine.connect() as tx:
        event = await events.event_for(tx, me.account_id, event_id, Act.EDIT)
        checked = await events.check_draft(tx, desk, me.account_id, event.draft)
        was_labelled = await store.was_labelled(tx, event_id)
    now, edition = desk.clock.now(), desk.edition
    today = day_in_paris(now)
    until = last_day(edition, event.state, was_labelled=was_labelled)
    return view.render(
        "check.html",
        me=me,
        status=status,
        event_id=event_id,
        event=event,
        title=event.draft.get("title") or UNTITLED,
        steps=STEPS,
        answers=_answers(desk, event),
        said=said_of(event_id, checked),
        next_steps=next_steps(checked, desk.edition, today)[-2:],
        is_early=today < edition.registration.opens,
        is_late=today > until,
        until=until,
        amendable_until=edition.amendable_until,
        has_rules=desk.rules is not None,
        registration=desk.edition.registration,
        refused=refused,
        asked=asked or Asked(),
        is_news=event.is_changed or not event.is_submitted,
    )


def _answers(desk: Desk, event: StoredEvent) -> Mapping[str, list[tuple[str, str]]]:
    """What was answered to each question of each step, in words; what was not is left out."""
    return {step.name: [(f.label, words) for f in step.fields if (words := _answer(desk, event, f))] for step in STEPS}


def _answer(desk: Desk, event: StoredEvent, field: Field) -> str:
    value = leaf_of(event.draft, field.name)
    if value is None or value in ([], "") or field.way is Way.COMMUNE:
        return ""
    if field.way is Way.YES_NO:
        return "Oui" if value else "Non"
    if field.way is Way.TICK:
        return "Oui"
    if field.way is Way.PIN:
        return "Placé par vous"
    if field.way is Way.SLOTS:
        return "\n".join(in_words_of(row) for row in shown_of(event.draft, STEPS[1]).get("slots"))
    known = field.options(desk.edition) if field.options else {}
    return ", ".join(known.get(code, str(code)) for code in (value if isinstance(value, list) else [value]))


def in_words_of(row: Row) -> str:
    """« mardi 17 novembre 2026, de 9 h à 11 h 30 »."""
    try:
        slot = DraftSlot.model_validate(
            {"starts_at": f"{row.day}T{row.start}", "ends_at": f"{row.last_day or row.day}T{row.end}"}
        )
    except ValueError:  # kept under other rules
        return f"{row.day} {row.start}"
    return ", ".join(_opening(slot))
