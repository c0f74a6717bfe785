"""Who came, over HTTP: what an organiser reports, and what it all adds up to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body, Query, Response
from pydantic import BaseModel

from backbone.campaign.geography import ONLINE, REVIEW_REGIONS
from backbone.campaign.typography import in_french
from backbone.http.openapi import refusals, with_headers
from backbone.http.routes import api_routes

from ... import store
from ...domain.attendance import FEW, HUNDREDS, Report, Total, added, coarse, coarse_regions, open_until
from ...domain.rights import Act, Door
from ...handlers import attendance
from ...handlers.attendance import Reported
from ...handlers.attestations import attestation
from ...handlers.events import event_for
from ...store.attendance import Kept
from ..asking import AtDesk, Me
from ..manual.examples import REPORTS
from ..routes import routes_behind_bearer
from ..rules import rule

routes = routes_behind_bearer("/v1/events", "Participation")
totals = routes_behind_bearer("/v1/attendance", "Participation")
public = api_routes(prefix="/v1/attendance", tags=["Participation"])

OfEdition = Annotated[str | None, Query(alias="edition", pattern=r"^\d{4}$")]
KEPT_SECONDS = 300


PDF = "application/pdf"
A_PDF: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "L’attestation.",
        "content": {PDF: {"schema": {"type": "string", "format": "binary"}}},
        **with_headers("Content-Disposition"),
    }
}


def as_file(content: bytes, kept: Kept | None) -> Response:
    """The attestation, to be saved under a name that tells what it is."""
    name = f"attestation-{kept.number if kept else ''}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=PDF, headers=headers)


class AttendanceView(BaseModel):
    """What was reported of an event; `filed_at` is null while nothing is."""

    visitors: dict[str, int]
    total: int
    word: str | None
    filed_at: datetime | None
    changed_at: datetime | None
    open_until: date
    attestation: str | None
    attestation_url: str | None


class Totals(BaseModel):
    """What was asked and reported."""

    asked: int
    reported: int
    response_rate: float | None
    visitors: int
    by_audience: dict[str, int]

    @classmethod
    def of(cls, total: Total) -> Totals:
        return cls(**total._asdict(), response_rate=total.response_rate)


class RegionTotals(Totals):
    """In one region."""

    region: str | None
    name: str


class EditionTotals(BaseModel):
    """Of one edition, in the regions that the caller answers for."""

    edition: str
    all: Totals
    regions: list[RegionTotals]


class PublicRegion(BaseModel):
    """What anybody is told of a region."""

    region: str
    name: str
    reported: int | None
    visitors: int | None


class PublicTotals(BaseModel):
    """What anybody is told of an edition."""

    edition: str
    threshold: int = FEW
    response_rate: float | None
    reported: int | None
    visitors: int | None
    regions: list[PublicRegion]


@routes.get(
    "/{event_id}/attendance",
    summary="Ce qui a été dit de la participation à un événement",
    responses=refusals(404, 409),
)
@rule(Act.READ)
async def read_attendance(event_id: UUID, me: Me, desk: AtDesk) -> AttendanceView:
    async with desk.engine.connect() as tx:
        await event_for(tx, me.account_id, event_id, Act.READ)
        found = await attendance.labelled_event(tx, event_id)
    return _view(found)


@routes.put(
    "/{event_id}/attendance",
    summary="Dire, ou corriger, combien de personnes sont venues",
    responses=refusals(403, 404, 409),
)
@rule(Act.EDIT)
async def report_attendance(
    event_id: UUID, said: Annotated[Report, Body(openapi_examples=REPORTS)], me: Me, desk: AtDesk
) -> AttendanceView:
    async with desk.engine.begin() as tx:
        await event_for(tx, me.account_id, event_id, Act.EDIT, lock=True)
        found = await attendance.event_that_was(tx, desk, event_id, lock=True)
        kept = await attendance.report(tx, desk, found, said)
    return _view(Reported(found.stored, found.event, found.last, kept))


@routes.get(
    "/{event_id}/attendance/attestation",
    summary="L’attestation de participation (PDF)",
    response_class=Response,
    responses=A_PDF | refusals(404, 409),
)
@rule(Act.READ)
async def read_attestation(event_id: UUID, me: Me, desk: AtDesk) -> Response:
    async with desk.engine.connect() as tx:
        await event_for(tx, me.account_id, event_id, Act.READ)
        kept = await store.attendance_of(tx, event_id)
        if kept is None or kept.filed_at is None:
            await attendance.labelled_event(tx, event_id)  # says why not, where there is a reason
    return as_file(await attestation(desk, kept), kept)


@totals.get(
    "/totals",
    summary="La participation, additionnée : pour qui relit ou coordonne, dans ses régions",
)
@rule(Door.SIGNED_IN)
async def read_attendance_totals(me: Me, desk: AtDesk, edition: OfEdition = None) -> EditionTotals:
    async with desk.engine.connect() as tx:
        regions = await attendance.regions_of(tx, me.account_id)
        by_region = await store.attendance_by_region(tx, edition or desk.edition.name, regions)
    return EditionTotals(
        edition=edition or desk.edition.name,
        all=Totals.of(added(by_region.values())),
        regions=[
            RegionTotals(region=region, name=_name(region), **Totals.of(total).model_dump())
            for region, total in by_region.items()
        ],
    )


@public.get("/public", summary="La participation, additionnée et arrondie, pour tout le monde")
@rule(Door.ANYONE)
async def read_public_attendance(desk: AtDesk, response: Response, edition: OfEdition = None) -> PublicTotals:
    async with desk.engine.connect() as tx:
        by_region = await store.attendance_by_region(tx, edition or desk.edition.name)
    response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    every = added(by_region.values())
    told = coarse(every, to=HUNDREDS)
    known = {region: total for region, total in by_region.items() if region is not None}
    rate = every.response_rate
    return PublicTotals(
        edition=edition or desk.edition.name,
        response_rate=round(rate, 2) if rate is not None and told.reported else None,
        **told._asdict(),
        regions=[
            PublicRegion(region=region, name=_name(region), **one._asdict())
            for region, one in coarse_regions(known).items()
        ],
    )


def _view(found: Reported) -> AttendanceView:
    kept = found.kept
    visitors = dict((kept and kept.visitors) or {})
    number = kept.number if kept and kept.filed_at else None
    return AttendanceView(
        visitors=visitors,
        total=sum(visitors.values()),
        word=kept.word if kept else None,
        filed_at=kept.filed_at if kept else None,
        changed_at=kept.changed_at if kept else None,
        open_until=open_until(found.last).date(),
        attestation=number,
        attestation_url=f"/v1/events/{found.stored.id}/attendance/attestation" if number else None,
    )


def _name(region: str | None) -> str:
    return "en ligne" if region == ONLINE else in_french(REVIEW_REGIONS.get(region or "", "lieu inconnu"))
