"""Events over HTTP: draft, submit, withdraw, read with the timeline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import Body, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from backbone.http.access import Caller
from backbone.http.openapi import refusals, with_headers
from backbone.http.paging import Cursor, Limit, Page, Place, page_of, place_of
from backbone.http.problems import field_errors
from backbone.postgres.database import Tx

from ... import store
from ...domain.api_key import Scope
from ...domain.checking import next_steps
from ...domain.deadline import day_in_paris
from ...domain.draft import EventDraft
from ...domain.invitation import HandoverRequest
from ...domain.kept import read_draft, read_in_part
from ...domain.likeness import Lookalike
from ...domain.missing import Missing, missing
from ...domain.questions import Question, questions
from ...domain.rights import Act, Door
from ...domain.slots import EDITION
from ...domain.story import State
from ...domain.timeline import Step
from ...domain.version import version_of
from ...handlers import events
from ...handlers.handing_over import hand_over
from ...handlers.likeness import lookalikes
from ...store import StoredEvent
from ..asking import AtDesk, IfMatch, Me, Program, organisation_for
from ..manual.examples import DRAFTS
from ..once import Once, ToDoOnce
from ..routes import routes_behind_bearer
from ..rules import rule


async def for_this_edition(desk: AtDesk) -> None:
    """Reads what is sent as of the edition that is played."""
    # not an argument of anything: FastAPI hands what validates a body no context, but solves dependencies before it
    EDITION.set(desk.edition)


routes = routes_behind_bearer("/v1/events", "Événements", first=[for_this_edition])


VERSIONED = with_headers("ETag")
SAVED = with_headers("ETag", "Location")
Whose = Literal["mine", "others"]
ADraft = Annotated[EventDraft, Body(openapi_examples=DRAFTS)]


class Submission(BaseModel):
    """What is said with a submission: the fields whose telephone numbers and addresses may become public, and the
    events that look like this one and are others."""

    model_config = ConfigDict(extra="forbid")

    confirmed: Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=20)] = []
    late_code: Annotated[str, Field(max_length=40)] | None = None
    not_the_same: Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=200)] = []


class EventView(BaseModel):
    """An event as its organiser sees it. `is_changed`: the draft differs from what was last submitted. `is_mine`: the
    caller keeps it, and gets the mails about it. A draft that was kept under other rules, and would not be accepted
    today, is shown as it was written."""

    id: UUID
    organisation_id: UUID | None
    is_mine: bool
    version: str
    revision: int
    state: State
    is_changed: bool
    draft: Annotated[EventDraft | dict[str, Any], Field(union_mode="left_to_right")]
    missing: list[Missing]
    questions: list[Question]
    timeline: list[Step]


class Fault(BaseModel):
    """A field that is wrong, and in French what to do."""

    field: str
    message: str


class DryRun(BaseModel):
    """What a submission would say of a draft. Of the label's conditions only labelling speaks, at `assessments_url`."""

    is_submittable: bool
    faults: list[Fault]
    missing: list[Missing]
    questions: list[Question]
    resembles: list[Lookalike]
    next: list[str]
    assessments_url: str | None


@routes.post(
    "",
    status_code=201,
    summary="Créer un brouillon",
    response_model=EventView,
    responses={201: SAVED, **refusals(404, 409, 422)},
)
@rule(Door.SIGNED_IN, scope=Scope.EVENTS_WRITE)
async def create_event(
    draft: ADraft, me: Me, desk: AtDesk, once: ToDoOnce, response: Response, organisation_id: UUID | None = None
) -> Any:
    async with desk.engine.begin() as tx:
        if answer := await once.answered(tx, me.account_id):
            return answer
        event_id = uuid4()
        home = organisation_for(me, organisation_id)
        await events.save_draft(tx, me.account_id, event_id, draft, organisation_id=home)
        return await made(tx, me, event_id, once, response)


async def made(
    tx: Tx,
    me: Caller,
    event_id: UUID,
    once: Once,
    response: Response,
    told: Callable[[EventView], EventView] = lambda view: view,
) -> EventView:
    """The answer to who has made an event, kept with it. `told`: the view with what is said besides."""
    view = told(_view(me, await events.event_for(tx, me.account_id, event_id, Act.READ)))
    names = {"Location": f"/v1/events/{event_id}", "ETag": f'"{view.version}"'}
    return await once.keep(tx, me.account_id, view, response, names)


@routes.post("/validate", summary="Essayer un brouillon : ce qu’un dépôt en dirait ; rien n’en est gardé")
@rule(Door.SIGNED_IN, scope=Scope.EVENTS_WRITE)
async def validate_draft(
    draft: Annotated[dict[str, Any], Body(openapi_examples=DRAFTS)], me: Me, desk: AtDesk, event_id: UUID | None = None
) -> DryRun:
    async with desk.engine.connect() as tx:
        found = await events.check_draft(tx, desk, me.account_id, draft)
        alike = await lookalikes(tx, desk, me.account_id, found.draft, event_id)
    named = [{"field": one.field, "message": one.message} for one in found.disclosures]
    return DryRun(
        is_submittable=found.is_whole and events.is_open(desk.edition, desk.clock.now()),
        faults=[Fault(**fault) for fault in (*field_errors(found.faults), *named)],
        missing=list(found.missing),
        questions=list(found.questions),
        resembles=list(alike),
        next=next_steps(found, desk.edition, day_in_paris(desk.clock.now())),
        assessments_url=f"{desk.public_desk_url}/v1/assessments" if desk.public_desk_url else None,
    )


@routes.put(
    "/by-external-id/{external_id:path}",
    summary="Créer (201) ou remplacer (200) le brouillon qui porte ce nom dans votre propre système",
    responses={200: SAVED, 201: {"model": EventView, **SAVED}, **refusals(403, 404, 409, 412, 428)},
)
@rule(Door.SIGNED_IN, scope=Scope.EVENTS_WRITE)
async def replace_by_external_id(
    external_id: Annotated[str, Path(min_length=1, max_length=200)],
    draft: ADraft,
    me: Me,
    desk: AtDesk,
    response: Response,
    read: IfMatch = None,
    organisation_id: UUID | None = None,
) -> EventView:
    async with desk.engine.begin() as tx:
        mine, home = (tx, me.account_id, external_id, draft), organisation_for(me, organisation_id)
        event_id, is_new = await events.save_by_external_id(*mine, organisation_id=home, read=read)
        return _saved(me, await events.event_for(tx, me.account_id, event_id, Act.READ), response, is_new=is_new)


@routes.put(
    "/{event_id}",
    summary="Créer (201) ou remplacer (200) un brouillon, sous un identifiant choisi",
    responses={200: SAVED, 201: {"model": EventView, **SAVED}, **refusals(403, 404, 409, 412, 428)},
)
@rule(Act.EDIT)
async def replace_event(
    event_id: UUID,
    draft: ADraft,
    me: Me,
    desk: AtDesk,
    response: Response,
    read: IfMatch = None,
    organisation_id: UUID | None = None,
) -> EventView:
    async with desk.engine.begin() as tx:
        await events.check_version(tx, me.account_id, event_id, read, is_replaced=True)
        is_new = await events.save_draft(
            tx,
            me.account_id,
            event_id,
            draft,
            organisation_id=organisation_for(me, organisation_id),
            now=desk.clock.now(),
        )
        return _saved(me, await events.event_for(tx, me.account_id, event_id, Act.READ), response, is_new=is_new)


def _saved(me: Caller, event: StoredEvent, response: Response, *, is_new: bool) -> EventView:
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"/v1/events/{event.id}"
    return tagged(response, _view(me, event))


def tagged(response: Response, view: EventView) -> EventView:
    """The view, whose version the answer says besides."""
    response.headers["ETag"] = f'"{view.version}"'
    return view


@routes.post(
    "/{event_id}/submission",
    summary="Déposer l’événement, ou sa nouvelle version",
    responses={200: VERSIONED, **refusals(403, 404, 409, 412, 422)},
)
@rule(Act.SUBMIT)
async def submit_event(
    event_id: UUID, me: Me, desk: AtDesk, response: Response, said: Submission | None = None, read: IfMatch = None
) -> EventView:
    said = said or Submission()
    if said.late_code:
        await desk.throttle.admit_late_code(me.account_id)
    async with desk.engine.begin() as tx:
        await events.check_version(tx, me.account_id, event_id, read)
        said_so = {"confirmed": said.confirmed, "not_the_same": said.not_the_same}
        await events.submit(tx, desk, me.account_id, event_id, **said_so, late_code=said.late_code)
        return tagged(response, await seen(tx, me, event_id))


@routes.post(
    "/{event_id}/withdrawal",
    summary="Retirer l’événement",
    responses={200: VERSIONED, **refusals(403, 404, 409, 412)},
)
@rule(Act.WITHDRAW)
async def withdraw_event(event_id: UUID, me: Me, desk: AtDesk, response: Response, read: IfMatch = None) -> EventView:
    async with desk.engine.begin() as tx:
        await events.check_version(tx, me.account_id, event_id, read)
        await events.withdraw(tx, desk, me.account_id, event_id)
        return tagged(response, await seen(tx, me, event_id))


@routes.post(
    "/{event_id}/handover",
    summary="Confier l’événement à un membre de l’organisation",
    responses={200: VERSIONED, **refusals(403, 404, 412)},
)
@rule(Act.HAND_OVER)
async def hand_over_event(
    event_id: UUID, given: HandoverRequest, me: Me, desk: AtDesk, response: Response, read: IfMatch = None
) -> EventView:
    async with desk.engine.begin() as tx:
        await hand_over(tx, desk, me.account_id, event_id, given.account_id, read=read)
        return tagged(response, await seen(tx, me, event_id))


@routes.get("", summary="Les événements de mes organisations, du plus récent au plus ancien, sans leur histoire")
@rule(Door.SIGNED_IN, scope=Scope.EVENTS_READ)
async def list_events(
    me: Me, desk: AtDesk, of: Whose = "mine", limit: Limit = 50, cursor: Cursor = None
) -> Page[EventView]:
    after = place_of(cursor)
    async with desk.engine.connect() as tx:
        account = await events.check_account(tx, me.account_id)
        if isinstance(me, Program):
            found = await store.organisation_events(tx, me.organisation_id, after=after, limit=limit + 1)
            total = await store.count_organisation_events(tx, me.organisation_id)
        elif of == "others":
            found = await store.helped_events(tx, account, after=after, limit=limit + 1)
            total = await store.count_helped_events(tx, account)
        else:
            found = await store.shared_events(tx, me.account_id, after=after, limit=limit + 1)
            total = await store.count_shared_events(tx, me.account_id)
    # in a thread: what is asked about a hundred texts takes its time
    return page_of(await asyncio.to_thread(_views, me, found), limit, total)


@routes.get("/{event_id}", summary="Un événement et son histoire", responses={200: VERSIONED, **refusals(404)})
@rule(Act.READ)
async def read_event(event_id: UUID, me: Me, desk: AtDesk, response: Response) -> EventView:
    async with desk.engine.connect() as tx:
        return tagged(response, await seen(tx, me, event_id))


async def seen(tx: Tx, me: Caller, event_id: UUID) -> EventView:
    """The event with its story, as it is now. Raises as `event_for` does."""
    event = await events.event_for(tx, me.account_id, event_id, Act.READ)
    return _view(me, event, await store.steps(tx, event_id))


def _views(me: Caller, found: list[tuple[Place, StoredEvent]]) -> list[tuple[Place, EventView]]:
    return [(place, _view(me, event)) for place, event in found]


def _view(me: Caller, event: StoredEvent, steps: Sequence[Step] = ()) -> EventView:
    draft = read_draft(event.draft)
    in_part = draft or read_in_part(event.draft)[0]
    # not validated: what was kept is shown, whatever it looks like
    return EventView.model_construct(
        id=event.id,
        organisation_id=event.organisation_id,
        is_mine=event.account_id == me.account_id,
        version=version_of(event.draft, event.revision),
        revision=event.revision,
        state=event.state,
        is_changed=event.is_changed,
        draft=draft or event.draft,
        missing=missing(in_part),
        questions=questions(in_part),
        timeline=list(steps),
    )
