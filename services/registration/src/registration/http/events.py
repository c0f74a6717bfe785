"""Events over HTTP: draft, submit, withdraw, read with the timeline."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Body, Depends, HTTPException, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backbone.campaign.edition import Edition
from backbone.contracts import EventSubmitted
from backbone.http.access import Caller, NotSignedIn
from backbone.http.bearer import bearer
from backbone.http.openapi import refusals
from backbone.http.paging import Cursor, Limit, Page, Place, page_of, place_of
from backbone.http.problems import Problem, problem
from backbone.postgres.database import Tx
from backbone.postgres.outbox import tell_now

from .. import store
from ..domain.draft import PARIS, EventDraft
from ..domain.privacy import Author, Disclosure, disclosures
from ..domain.questions import Question, questions
from ..domain.slots import EDITION
from ..domain.timeline import State, Step
from ..store import Account, StoredEvent
from ..withdrawal import withdraw
from .desk import AtDesk, Desk, Me
from .manual import ASKS_FIRST, DRAFTS, NAMES_AUTHOR, NEVER_SUBMITTED, NOT_OPEN


async def _for_this_edition(desk: AtDesk) -> None:
    # not an argument of anything: FastAPI hands what validates a body no context, but solves dependencies before it
    EDITION.set(desk.edition)


routes = APIRouter(prefix="/v1/events", tags=["Événements"], dependencies=[Depends(bearer), Depends(_for_this_edition)])


ADraft = Annotated[EventDraft, Body(openapi_examples=DRAFTS)]


class NamesItsAuthor(Exception):
    """The text that was to become public says who its author is."""

    def __init__(self, found: list[Disclosure]) -> None:
        super().__init__([disclosure.field for disclosure in found])
        self.found = found


class AsksFirst(Exception):
    """A text that was to become public holds what its organiser has to confirm."""

    def __init__(self, asked: list[Question]) -> None:
        super().__init__([question.field for question in asked])
        self.asked = asked


class Submission(BaseModel):
    """What is said with a submission: the fields whose telephone numbers and addresses may become public."""

    model_config = ConfigDict(extra="forbid")

    confirmed: Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=20)] = []


class EventView(BaseModel):
    """An event as its organiser sees it. `is_changed`: the draft differs from what was last submitted. A draft that
    was kept under older rules, and would not be accepted today, is shown as it was written."""

    id: UUID
    revision: int
    state: State
    is_changed: bool
    draft: Annotated[EventDraft | dict[str, Any], Field(union_mode="left_to_right")]
    questions: list[Question] = []
    timeline: list[Step] = []


@routes.post("", status_code=201, summary="Créer un brouillon")
async def create_event(draft: ADraft, me: Me, desk: AtDesk, response: Response) -> EventView:
    return await _save(uuid4(), draft, me, desk, response)


@routes.put(
    "/{event_id}",
    summary="Créer (201) ou remplacer (200) un brouillon, sous un identifiant choisi",
    responses={201: {"model": EventView}, **refusals(404)},
)
async def replace_event(event_id: UUID, draft: ADraft, me: Me, desk: AtDesk, response: Response) -> EventView:
    return await _save(event_id, draft, me, desk, response)


async def _save(event_id: UUID, draft: EventDraft, me: Caller, desk: Desk, response: Response) -> EventView:
    async with desk.engine.begin() as tx:
        await _account(tx, me)
        is_new = await store.save_draft(tx, event_id, me.account_id, draft)
        if is_new is None:
            raise _not_found()
        event = await _own(tx, event_id, me)
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"/v1/events/{event_id}"
    return _view(event)


@routes.post(
    "/{event_id}/submission",
    summary="Déposer l’événement, ou sa nouvelle version",
    responses=refusals(404, 409, 422),
)
async def submit_event(event_id: UUID, me: Me, desk: AtDesk, said: Submission | None = None) -> EventView:
    now = desk.clock.now()
    _check_open(desk.edition, now)
    async with desk.engine.begin() as tx:
        account = await _account(tx, me)
        event = await _own(tx, event_id, me, lock=True)
        if event.is_changed:  # asked twice, it is submitted once
            draft = _acceptable(event)
            _check_public(draft, account, said or Submission())
            await _submit(tx, event, draft, desk.edition, now)
    return await read_event(event_id, me, desk)


def _acceptable(event: StoredEvent) -> EventDraft:
    """The draft by today's rules, which may have changed since it was kept. Raises RequestValidationError."""
    try:
        return EventDraft.model_validate(event.draft)
    except ValidationError as refused:
        raise RequestValidationError(refused.errors()) from None


def _check_public(draft: EventDraft, account: Account, said: Submission) -> None:
    if found := disclosures(draft, Author(account.name, account.email, account.organisation)):
        raise NamesItsAuthor(found)
    if asked := [question for question in questions(draft) if question.field not in said.confirmed]:
        raise AsksFirst(asked)


async def _submit(tx: Tx, event: StoredEvent, draft: EventDraft, edition: Edition, now: datetime) -> None:
    revision = event.revision + 1
    await store.mark_submitted(tx, event.id, revision)
    public = draft.as_event(event.id, revision, edition.name, event.account_id)
    fact = EventSubmitted(event_id=event.id, revision=revision, event=public, submitted_at=now)
    await store.add_step(tx, fact)
    await tell_now(tx, "registration", fact)


@routes.post("/{event_id}/withdrawal", summary="Retirer l’événement", responses=refusals(404, 409))
async def withdraw_event(event_id: UUID, me: Me, desk: AtDesk) -> EventView:
    async with desk.engine.begin() as tx:
        await _account(tx, me)
        event = await _own(tx, event_id, me, lock=True)
        if event.revision == 0:
            raise Problem(NEVER_SUBMITTED, "Cet événement n’a jamais été déposé : il n’y a rien à retirer")
        if event.state != State.WITHDRAWN:  # asked twice, it is withdrawn once
            await withdraw(tx, event_id, event.revision + 1, desk.clock.now())
    return await read_event(event_id, me, desk)


@routes.get("", summary="Mes événements, du plus récent au plus ancien, sans leur histoire")
async def list_events(me: Me, desk: AtDesk, limit: Limit = 50, cursor: Cursor = None) -> Page[EventView]:
    after = place_of(cursor)
    async with desk.engine.connect() as tx:
        await _account(tx, me, hold=False)
        found = await store.own_events(tx, me.account_id, after=after, limit=limit + 1)
        total = await store.count_own_events(tx, me.account_id)
    # in a thread: what is asked about a hundred texts takes its time
    return page_of(await asyncio.to_thread(_views, found), limit, total)


@routes.get("/{event_id}", summary="Un événement et son histoire", responses=refusals(404))
async def read_event(event_id: UUID, me: Me, desk: AtDesk) -> EventView:
    async with desk.engine.connect() as tx:
        await _account(tx, me, hold=False)
        return _view(await _own(tx, event_id, me), await store.steps(tx, event_id))


async def _account(tx: Tx, me: Caller, *, hold: bool = True) -> Account:
    """The caller's account. Raises NotSignedIn if it was erased: a token outlives it."""
    account = await store.account_by_id(tx, me.account_id, hold=hold)
    if account is None:
        raise NotSignedIn("the account is erased")
    return account


async def _own(tx: Tx, event_id: UUID, me: Caller, *, lock: bool = False) -> StoredEvent:
    event = await store.own_event(tx, event_id, me.account_id, lock=lock)
    if event is None:
        raise _not_found()
    return event


def _not_found() -> HTTPException:
    # the same answer for another's event as for none: ids tell nothing
    return HTTPException(404, "Aucun de vos événements ne porte cet identifiant")


def _views(found: list[tuple[Place, StoredEvent]]) -> list[tuple[Place, EventView]]:
    return [(place, _view(event)) for place, event in found]


def _view(event: StoredEvent, steps: list[Step] | None = None) -> EventView:
    view = EventView.model_validate({**event._asdict(), "timeline": steps or []})
    asked = questions(view.draft) if isinstance(view.draft, EventDraft) else []
    return view.model_copy(update={"questions": asked})


async def names_its_author(_: Any, error: Exception) -> Any:
    """The API's answer to a text that may not become public."""
    assert isinstance(error, NamesItsAuthor)
    errors = [{"field": disclosure.field, "message": disclosure.message} for disclosure in error.found]
    return problem(
        422, f"{len(errors)} champ(s) à corriger ; l’événement n’a pas été déposé.", kind=NAMES_AUTHOR, errors=errors
    )


async def asks_first(_: Any, error: Exception) -> Any:
    """The API's answer to a text with a number or an address in it that nobody has confirmed."""
    assert isinstance(error, AsksFirst)
    errors = [{"field": question.field, "message": question.message} for question in error.asked]
    fields = [question.field for question in error.asked]
    detail = "Une confirmation est attendue ; l’événement n’a pas été déposé."
    return problem(422, detail, kind=ASKS_FIRST, errors=errors, more={"to_confirm": fields})


def _check_open(edition: Edition, now: datetime) -> None:
    today, period = now.astimezone(ZoneInfo(PARIS)).date(), edition.registration
    if today < period.opens:
        raise Problem(NOT_OPEN, f"Les inscriptions ouvrent le {period.opens:%d/%m/%Y}")
    if today > period.last_day:
        raise Problem(NOT_OPEN, f"Les inscriptions sont closes depuis le {period.last_day:%d/%m/%Y}")
