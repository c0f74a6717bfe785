"""What an organiser does with an event that is submitted, each on a page that says what it means before it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import FormData

from backbone.contracts import SlotStatus
from backbone.http.access import Caller

from ...desk import Desk
from ...domain.announcing import (
    Announcement,
    Change,
    Postponement,
    Relocation,
    cancelled,
    moved_online,
    postponed,
    reinstated,
    slot_is,
)
from ...domain.refusals import AsksFirst, NamesItsAuthor, Unacceptable
from ...domain.rights import Act
from ...domain.slots import written_for
from ...handlers import events
from ...handlers.announcing import announce
from ...handlers.copying import copy_event
from ...store import StoredEvent
from ..asking import AtDesk
from ..routes import page_routes
from ..rules import rule
from .asking import AView, PageRoute, Sitting
from .checking import in_words_of
from .my_events import UNTITLED
from .steps import BY_NAME
from .typed import Row, Typed, given_by, shown_of, typed_of
from .view import View
from .words import asked_in_words, faults_in_form, in_words

routes = page_routes("/evenements", route_class=PageRoute)

WORD, LINK = "mot", "lien"
_NAMES = {"status_note": WORD, "status_url": LINK}


@dataclass(frozen=True)
class Deed:
    """Something that is done with an event. `reads`: what of the form makes the change; None: it is taken back."""

    name: str
    title: str
    meaning: str
    button: str
    act: Act = Act.ANNOUNCE
    reads: Callable[[Filled], tuple[Change, Announcement]] | None = None
    asks: frozenset[str] = frozenset()
    is_grave: bool = False


@dataclass
class Filled:
    """A form of a deed, as somebody has filled it in."""

    typed: Typed = field(default_factory=lambda: Typed({WORD: "", LINK: "", "slots": [Row()]}))
    confirmed: list[str] = field(default_factory=list)
    questions: list[tuple[str, str]] = field(default_factory=list)

    @property
    def note(self) -> str | None:
        return self.typed.get(WORD) or None


def _cancelled(filled: Filled) -> tuple[Change, Announcement]:
    said = Announcement(status_note=filled.note)
    return cancelled(said.status_note), said


def _postponed(filled: Filled) -> tuple[Change, Announcement]:
    slots = given_by(filled.typed, BY_NAME["quand"])["slots"]
    if filled.typed.faults:
        raise Unacceptable([])
    hours = [{name: slot[name] for name in ("starts_at", "ends_at")} for slot in slots or ()]
    said = Postponement.model_validate({"status_note": filled.note, "slots": hours or None})
    return postponed(said.status_note, said.slots), said


def _moved_online(filled: Filled) -> tuple[Change, Announcement]:
    said = Relocation.model_validate({"status_note": filled.note, "status_url": filled.typed.get(LINK) or None})
    return moved_online(said.status_note, said.status_url), said


def _reinstated(_: Filled) -> tuple[Change, Announcement]:
    return reinstated, Announcement()


DEEDS = (
    Deed(
        "reporter",
        "Reporter l’événement",
        "La carte dira qu’il est reporté. Si vous connaissez ses nouvelles dates, indiquez-les : elles remplacent les "
        "anciennes. Sinon, laissez-les vides : vous les direz plus tard.",
        "Annoncer le report",
        reads=_postponed,
        asks=frozenset({WORD, "slots"}),
    ),
    Deed(
        "en-ligne",
        "Le déplacer en ligne",
        "La carte dira qu’il a lieu en ligne, et non sur place.",
        "Annoncer qu’il a lieu en ligne",
        reads=_moved_online,
        asks=frozenset({WORD, LINK}),
    ),
    Deed(
        "annuler",
        "Annuler l’événement",
        "La carte dira qu’il est annulé, et sa page restera : qui comptait venir le saura. Vous pourrez le rétablir.",
        "Annoncer l’annulation",
        reads=_cancelled,
        asks=frozenset({WORD}),
        is_grave=True,
    ),
    Deed(
        "retablir",
        "Il a lieu, après tout",
        "La carte ne dira plus qu’il est annulé, reporté ou déplacé : il a lieu comme il est décrit.",
        "Annoncer qu’il a lieu",
        reads=_reinstated,
    ),
    Deed(
        "retirer",
        "Retirer l’événement",
        "Il disparaît de la carte, et son adresse ne mène plus à rien. S’il n’a pas lieu, annulez-le plutôt : qui "
        "comptait venir le saura. Vous pourrez le déposer de nouveau tant que les dépôts sont ouverts.",
        "Retirer l’événement",
        act=Act.WITHDRAW,
        is_grave=True,
    ),
)


def _install(deed: Deed) -> None:
    @routes.get(f"/{{event_id}}/{deed.name}")
    @rule(deed.act)
    async def ask(me: Sitting, desk: AtDesk, view: AView, event_id: UUID) -> Response:
        return await _page(desk, view, me, event_id, deed, Filled())

    @routes.post(f"/{{event_id}}/{deed.name}")
    @rule(deed.act)
    async def do(request: Request, me: Sitting, desk: AtDesk, view: AView, event_id: UUID) -> Response:
        filled = _filled(await request.form())
        try:
            await _do(desk, me, event_id, deed, filled)
        except (Unacceptable, ValidationError) as refused:
            errors = refused.faults if isinstance(refused, Unacceptable) else refused.errors()
            filled.typed.faults |= {_NAMES.get(name, name): said for name, said in faults_in_form(errors).items()}
        except NamesItsAuthor as refused:
            filled.typed.faults[WORD] = in_words(refused.found[0].message)
        except AsksFirst as refused:
            filled.questions = [(one.field, asked_in_words(one.message)) for one in refused.asked]
        else:
            return RedirectResponse(f"/evenements/{event_id}?fait={deed.name}", status_code=303)
        return await _page(desk, view, me, event_id, deed, filled, status=422)


for _deed in DEEDS:
    _install(_deed)


async def _do(desk: Desk, me: Caller, event_id: UUID, deed: Deed, filled: Filled) -> None:
    async with desk.engine.begin() as tx:
        if deed.reads is None:
            await events.withdraw(tx, desk, me.account_id, event_id)
            return
        await events.event_for(tx, me.account_id, event_id, deed.act)  # before anything is said of what was typed
        with written_for(desk.edition):
            change, said = deed.reads(filled)
        mine = (tx, desk, me.account_id, event_id, change)
        is_back = change is reinstated
        await announce(*mine, note=said.status_note, confirmed=filled.confirmed, is_back=is_back)


def _filled(form: FormData) -> Filled:
    typed = typed_of(form, BY_NAME["quand"])
    typed.values |= {name: str(form.get(name) or "").replace("\r\n", "\n").strip() for name in (WORD, LINK)}
    typed.values["slots"] = typed.get("slots") or [Row()]
    return Filled(typed, [str(name) for name in form.getlist("confirme")])


async def _page(
    desk: Desk, view: View, me: Caller, event_id: UUID, deed: Deed, filled: Filled, *, status: int = 200
) -> Response:
    async with desk.engine.connect() as tx:
        event = await events.event_for(tx, me.account_id, event_id, deed.act)
    return view.render(
        "act.html",
        me=me,
        status=status,
        event_id=event_id,
        event_title=event.draft.get("title") or UNTITLED,
        title=deed.title,
        deed=deed,
        typed=filled.typed,
        faults=filled.typed.faults,
        questions=filled.questions,
        confirmed=filled.confirmed,
        slots_field=next(BY_NAME["quand"].fields),
    )


# --- another event from it ----------------------------------------------------------------------------

COPY = Deed(
    "copier",
    "Le copier",
    "Un nouveau brouillon reprend son texte, son lieu et ses conditions ; d’une édition passée, ses dates sont "
    "à compléter. L’événement lui-même ne change pas.",
    "En faire une copie",
    act=Act.EDIT,
)


@routes.get("/{event_id}/copier")
@rule(Act.EDIT)
async def ask_to_copy(me: Sitting, desk: AtDesk, view: AView, event_id: UUID) -> Response:
    return await _page(desk, view, me, event_id, COPY, Filled())


@routes.post("/{event_id}/copier")
@rule(Act.EDIT)
async def copy(me: Sitting, desk: AtDesk, event_id: UUID) -> Response:
    async with desk.engine.begin() as tx:
        new, _ = await copy_event(tx, desk, me.account_id, event_id)
    return RedirectResponse(f"/evenements/{new}?fait=copier", status_code=303)


# --- sessions, one by one -----------------------------------------------------------------------------

STATUSES: Mapping[str, str] = {
    SlotStatus.SCHEDULED: "On peut venir",
    SlotStatus.FULL: "Complet",
    SlotStatus.CANCELLED: "Annulé",
}
_STATUS: TypeAdapter[SlotStatus] = TypeAdapter(SlotStatus)


@routes.get("/{event_id}/creneaux")
@rule(Act.ANNOUNCE)
async def show_slots(me: Sitting, desk: AtDesk, view: AView, event_id: UUID) -> Response:
    async with desk.engine.connect() as tx:
        event = await events.event_for(tx, me.account_id, event_id, Act.ANNOUNCE)
    return view.render(
        "slots.html",
        me=me,
        event_id=event_id,
        title="Complet, annulé : créneau par créneau",
        event_title=event.draft.get("title") or UNTITLED,
        slots=_slots(event),
        statuses=STATUSES,
    )


def _slots(event: StoredEvent) -> list[dict[str, Any]]:
    rows: list[Row] = shown_of(event.draft, BY_NAME["quand"]).get("slots")
    return [{"id": row.id, "hours": in_words_of(row), "status": row.status} for row in rows if row.id]


@routes.post("/{event_id}/creneaux")
@rule(Act.ANNOUNCE)
async def set_slots(request: Request, me: Sitting, desk: AtDesk, event_id: UUID) -> Response:
    form = await request.form()
    async with desk.engine.begin() as tx:
        event = await events.event_for(tx, me.account_id, event_id, Act.ANNOUNCE, lock=True)
        wanted = [(slot["id"], form.get(f"etat-{slot['id']}")) for slot in _slots(event)]
        changes = [slot_is(slot_id, _STATUS.validate_python(said)) for slot_id, said in wanted if said in STATUSES]
        if changes:
            await announce(tx, desk, me.account_id, event_id, _one_after_another(changes))
    return RedirectResponse(f"/evenements/{event_id}?fait=creneaux", status_code=303)


def _one_after_another(changes: list[Change]) -> Change:
    def change(kept: dict[str, Any]) -> dict[str, Any]:
        for one in changes:
            kept = one(kept)
        return kept

    return change
