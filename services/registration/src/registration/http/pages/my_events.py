"""The page of somebody's events: where each is, in words, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query, Response

from backbone.campaign.dates import period
from backbone.http.paging import Place, place_of
from backbone.postgres.database import Tx

from ... import store
from ...desk import Desk
from ...domain.rights import Door
from ...domain.story import State
from ...domain.whereabouts import Whereabouts, whereabouts
from ...handlers import events
from ...handlers.helping import enters_for_others
from ...handlers.knowing import all_known
from ...store import StoredEvent
from ..asking import AtDesk
from ..routes import page_routes
from ..rules import rule
from .asking import SIGNED_IN, AView, PageRoute, Sitting

routes = page_routes(route_class=PageRoute)

HERE, PAGE = "/mes-evenements", 50
UNTITLED = "Événement sans titre"
SEARCH_FROM = 10  # fewer are seen at one glance
Searched = Annotated[str, Query(max_length=120)]
DRAFTS = "brouillons"
WHICH: Mapping[str, tuple[str, tuple[State, ...]]] = {
    "": ("Tous", ()),
    DRAFTS: ("À terminer", ()),
    "examen": ("En cours d’examen", (State.SUBMITTED, State.IN_REVIEW, State.IN_APPEAL)),
    "corriger": ("À corriger ou refusés", (State.CORRECTION_ASKED, State.REJECTED, State.SUSPENDED)),
    "labellises": ("Labellisés", (State.LABELLED,)),
    "retires": ("Retirés, ou sans label désormais", (State.WITHDRAWN, State.LABEL_WITHDRAWN)),
}
"""Which of one's events are shown: in words, and in which states they are; of none, in any."""


@dataclass(frozen=True)
class Line:
    """An event in the list."""

    id: UUID
    title: str
    organisation: str
    days: str
    state: str
    then: str
    is_draft: bool
    is_changed: bool


@routes.get(HERE)
@rule(Door.SIGNED_IN)
async def show_events(
    me: Sitting,
    desk: AtDesk,
    view: AView,
    suite: Annotated[str | None, Query(max_length=200)] = None,
    cherche: Searched = "",
    lesquels: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    after, which = place_of(suite), lesquels if lesquels in WHICH else ""
    async with desk.engine.connect() as tx:
        account = await events.check_account(tx, me.account_id)
        # those that wait for their organiser come first, whenever they were begun
        drafts, more_drafts = await _found(tx, account.id, None if which == "" else after, cherche, are_drafts=True)
        submitted, more = await _found(tx, account.id, after, cherche, are_drafts=False, states=WHICH[which][1])
        drafts = [] if WHICH[which][1] or (after and not which) else drafts
        submitted = [] if which == DRAFTS else submitted
        lines = await lines_of(tx, desk, [*drafts, *submitted])
        count = await store.count_shared_events(tx, me.account_id)
        count_drafts = await store.count_shared_events(tx, me.account_id, are_drafts=True)
        helps = await enters_for_others(tx, account)
    kept = {name: value for name, value in (("cherche", cherche), ("lesquels", which)) if value}
    onward = more_drafts if which == DRAFTS else more
    return view.render(
        "my_events.html",
        me=me,
        room=HERE,
        drafts=lines[: len(drafts)],
        submitted=lines[len(drafts) :],
        count=count,
        count_drafts=count_drafts,
        more_drafts=urlencode(kept | {"lesquels": DRAFTS}) if more_drafts and drafts and not which else "",
        more=urlencode(kept | {"suite": onward}) if onward else "",
        words=cherche,
        which=which,
        choices={code: words for code, (words, _) in WHICH.items()},
        is_searched=bool(kept),
        has_search=count > SEARCH_FROM,
        helps=helps,
        is_first=after is None,
        is_open=events.is_open(desk.edition, desk.clock.now()),
        registration=desk.edition.registration,
    )


async def _found(
    tx: Tx, account_id: UUID, after: Place | None, words: str, *, are_drafts: bool, states: tuple[State, ...] = ()
) -> tuple[list[StoredEvent], str]:
    """A page of one's events, and where the next one begins, if there is one."""
    found = await store.shared_events(
        tx, account_id, after=after, limit=PAGE + 1, are_drafts=are_drafts, states=states, words=words
    )
    return [event for _, event in found[:PAGE]], found[PAGE - 1][0].as_cursor() if len(found) > PAGE else ""


@routes.get(SIGNED_IN)
@rule(Door.SIGNED_IN)
async def show_signed_in(me: Sitting, desk: AtDesk, view: AView) -> Response:
    async with desk.engine.connect() as tx:
        await events.check_account(tx, me.account_id)
    text = "Revenez à l’onglet précédent et renvoyez ce que vous aviez écrit."
    return view.render("notice.html", me=me, title="Vous êtes connecté", text=text, code=200)


async def lines_of(tx: Tx, desk: Desk, found: Sequence[StoredEvent]) -> list[Line]:
    """The events as a list shows them."""
    known = await all_known(tx, desk, found)
    return [_line(event, whereabouts(known[event.id])) for event in found]


def _line(event: StoredEvent, told: Whereabouts) -> Line:
    draft = event.draft
    is_changed = event.is_changed and event.revision > 0 and event.state is not State.WITHDRAWN
    return Line(
        id=event.id,
        title=draft.get("title") or UNTITLED,
        organisation=draft.get("organisation") or "",
        days=days_of(draft.get("slots") or ()),
        state="Brouillon" if event.revision == 0 else told.state,
        then=told.then.words,
        is_draft=event.revision == 0,
        is_changed=is_changed,
    )


def days_of(slots: Sequence[Any]) -> str:
    """« 17 novembre 2026 », « du 17 au 19 novembre 2026 »; empty if no day is known."""
    days = sorted(day for slot in slots if (day := _day_of(slot)))
    return period(days[0], days[-1]) if days else ""


def _day_of(slot: Any) -> date | None:
    try:
        return datetime.fromisoformat(slot["starts_at"]).date()
    except (TypeError, ValueError, LookupError):  # kept under other rules
        return None
