"""The dry run: what the rules would say of a draft. Nothing is kept of it, and nothing is told."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from fastapi import Body as ABody
from fastapi import Depends, FastAPI
from pydantic import AwareDatetime, BaseModel, Field, StrictBool, StringConstraints, model_validator

from backbone.contracts import Admission, Audience, EventKind, Finding, PublicEvent, Verdict
from backbone.http.bearer import bearer
from backbone.http.routes import add_routes, api_routes
from backbone.texts.pasted import AS_ONE_LINE, AS_TEXT, WITH_WORDS

from ..domain.criteria import judge
from .asking import AtDesk, Body, Organiser
from .manual import ASSESSMENTS

routes = api_routes(prefix="/v1/assessments", tags=["Organisateurs"], dependencies=[Depends(bearer)])

_NOBODY = UUID(int=0)  # a draft has no number yet, and no rule reads it
_NOWHERE = "https://brouillon.invalid"


class DraftHours(Body):
    """When it would take place: instants with the offset of the place, by whose dates they are judged."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("Le créneau se termine avant d’avoir commencé.")
        return self


class DraftToAssess(Body):
    """What the rules read of an event, within the limits of the contract."""

    organisation: Annotated[str, StringConstraints(min_length=1, max_length=200), AS_ONE_LINE, WITH_WORDS]
    title: Annotated[str, StringConstraints(min_length=1, max_length=120), AS_ONE_LINE, WITH_WORDS]
    description: Annotated[str, StringConstraints(min_length=1, max_length=1500), AS_TEXT, WITH_WORDS]
    kind: EventKind
    audiences: Annotated[tuple[Audience, ...], Field(min_length=1, max_length=len(Audience))]
    admission: Admission
    is_free: StrictBool
    slots: Annotated[tuple[DraftHours, ...], Field(min_length=1, max_length=30)]

    def as_event(self, edition: str) -> PublicEvent:
        """The event that it would be."""
        known = {"event_id": _NOBODY, "revision": 1, "edition": edition, "organiser_id": _NOBODY}
        place = {"timezone": "Europe/Paris", "online_url": _NOWHERE}  # the hours carry the offset of their own place
        return PublicEvent.model_validate({**known, **self.model_dump(), **place})


class Assessment(BaseModel):
    """What the rules would decide, and their finding on each condition."""

    label: Annotated[str, Field(description="« granted », « refused », or « under_review »: a person would look")]
    verdicts: tuple[Verdict, ...]


ADraft = Annotated[DraftToAssess, ABody(openapi_examples=ASSESSMENTS)]


@routes.post("", summary="Ce que les règles diraient d’un brouillon ; rien n’en est gardé")
async def assess_draft(draft: ADraft, _: Organiser, desk: AtDesk) -> Assessment:
    edition = desk.editions.current
    verdicts = judge(draft.as_event(edition.name), edition)
    findings = {verdict.finding for verdict in verdicts}
    doubt = "under_review" if Finding.DOUBTFUL in findings else "granted"
    return Assessment(label="refused" if Finding.NOT_MET in findings else doubt, verdicts=verdicts)


def install(http: FastAPI) -> None:
    """Adds the route."""
    add_routes(http, routes)
