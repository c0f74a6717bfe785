"""Files of events over HTTP: hand one in, read what is wrong with it row by row, have it applied."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from hashlib import sha256
from typing import IO, Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.datastructures import FormData, UploadFile

from backbone.http.access import Caller
from backbone.http.openapi import refusals, with_headers
from backbone.http.paging import Cursor, Limit, Page, page_of, place_of
from backbone.http.routes import api_routes
from backbone.postgres.database import Tx

from ...desk import Desk
from ...domain.rights import Door
from ...domain.sheet_faults import CellFault
from ...domain.sheet_upload import Application, Change, Outcome, Outlook, UploadState
from ...handlers import events
from ...handlers import uploads as handled
from ...handlers.reporting import report_as_csv, report_as_workbook
from ...sheets.writing import CSV, XLSX, template_as_csv, template_as_workbook
from ...store import uploads
from ...store.uploads import Upload
from ..asking import AtDesk, Me
from ..once import AKey, Once
from ..routes import routes_behind_bearer
from ..rules import rule

routes = routes_behind_bearer("/v1/uploads", "Envois groupés")
templates = api_routes(prefix="/v1/uploads", tags=["Envois groupés"])

CHUNK = 256 * 1024
MOST_NAMED = 100
NO_FILE = "Joignez le fichier, dans le champ « file » d’un formulaire (multipart/form-data)."
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "contentMediaType": "application/octet-stream",
                            "description": "Le fichier : CSV ou XLSX, 10 000 lignes et 50 Mo au plus.",
                        },
                        "organisation_id": {
                            "type": "string",
                            "format": "uuid",
                            "description": "L’organisation des nouveaux événements, si vous êtes de plusieurs.",
                        },
                        "series": {
                            "type": "string",
                            "maxLength": 80,
                            "description": "Le nom de cette suite de fichiers, si vous en tenez plusieurs (un par "
                            "région) : chacun ne remplace que ceux de sa suite.",
                        },
                    },
                }
            }
        },
    }
}


class Counts(BaseModel):
    """How many rows are what; `rows`: read so far, or all once it is checked."""

    rows: int = 0
    outlook: dict[str, int] = {}
    change: dict[str, int] = {}
    assessment: dict[str, int] = {}
    outcome: dict[str, int] = {}


class AbsentView(BaseModel):
    """An event of an earlier file that this one has no row for."""

    event_id: UUID
    external_id: str | None
    title: str
    is_submitted: bool


class UploadView(BaseModel):
    """An upload and where it stands. `is_mine`: the caller has sent it, and has it applied; else a colleague."""

    id: UUID
    is_mine: bool
    filename: str
    series: str
    size: int
    state: UploadState
    problem: str | None
    sheet: str | None
    notices: list[str]
    counts: Counts
    absent: list[AbsentView]
    absent_total: int
    application: Application | None
    next: list[str]
    created_at: datetime


class RowView(BaseModel):
    """A row of the file: what there is to say of it, and what became of it."""

    number: int
    external_id: str | None
    event_id: UUID
    title: str | None
    outlook: Outlook
    change: Change
    assessment: str | None
    faults: list[CellFault]
    notes: list[str]
    outcome: Outcome | None
    said: str | None


@routes.post(
    "",
    status_code=202,
    summary="Envoyer un fichier d’événements ; il est lu et vérifié, rien n’est encore déposé",
    openapi_extra=FORM,
    response_model=UploadView,
    responses={202: with_headers("Location"), **refusals(404, 409, 413, 422)},
)
@rule(Door.SIGNED_IN)
async def upload_events(request: Request, me: Me, desk: AtDesk, response: Response, key: AKey = None) -> Any:
    async with desk.engine.connect() as tx:
        await events.check_account(tx, me.account_id)
    # the form is read here, behind the door: as an argument it would be read before anybody is asked who they are
    async with request.form(max_files=1, max_fields=4) as form:
        file, organisation_id, series = _fields(form)
        name = _name_of(file)
        once = Once(request, key, await _told_apart(file, name, organisation_id, series))
        async with desk.engine.begin() as tx:
            if answer := await once.answered(tx, me.account_id):
                return answer
            upload = await handled.receive(
                tx, me.account_id, name, _chunks(file), organisation_id=organisation_id, series=series
            )
            view, names = await _view(tx, desk, me, upload), {"Location": f"/v1/uploads/{upload.id}"}
            return await once.keep(tx, me.account_id, view, response, names)


@routes.get("", summary="Les envois de mes organisations, du plus récent au plus ancien ; ils sont gardés un mois")
@rule(Door.SIGNED_IN)
async def list_uploads(me: Me, desk: AtDesk, limit: Limit = 20, cursor: Cursor = None) -> Page[UploadView]:
    async with desk.engine.connect() as tx:
        await events.check_account(tx, me.account_id)
        found = await uploads.uploads_of(tx, me.account_id, after=place_of(cursor), limit=limit + 1)
        total = await uploads.count_uploads(tx, me.account_id)
        views = [(place, await _view(tx, desk, me, one)) for place, one in found]
    return page_of(views, limit, total)


@routes.get("/{upload_id}", summary="Un envoi et où il en est", responses=refusals(404))
@rule(Door.SIGNED_IN)
async def read_upload(upload_id: UUID, me: Me, desk: AtDesk) -> UploadView:
    async with desk.engine.connect() as tx:
        await events.check_account(tx, me.account_id)
        return await _view(tx, desk, me, await handled.upload_for(tx, me.account_id, upload_id))


@routes.get("/{upload_id}/rows", summary="Les lignes d’un envoi, et ce qu’il y a à corriger", responses=refusals(404))
@rule(Door.SIGNED_IN)
async def read_rows(
    upload_id: UUID,
    me: Me,
    desk: AtDesk,
    outlook: Outlook | None = None,
    limit: Limit = 50,
    after: Annotated[int, Query(ge=0, le=2_000_000)] = 0,
) -> list[RowView]:
    async with desk.engine.connect() as tx:
        await events.check_account(tx, me.account_id)
        await handled.upload_for(tx, me.account_id, upload_id)
        rows = await uploads.rows_of_upload(tx, upload_id, after=after, limit=limit, outlook=outlook)
    return [RowView.model_validate({**row._asdict(), "title": (row.draft or {}).get("title")}) for row in rows]


@routes.post(
    "/{upload_id}/application",
    status_code=202,
    summary="Enregistrer les lignes d’un envoi vérifié, en brouillons ou déposées",
    responses=refusals(403, 404, 409),
)
@rule(Door.SIGNED_IN)
async def apply_upload(upload_id: UUID, wanted: Application, me: Me, desk: AtDesk) -> UploadView:
    async with desk.engine.begin() as tx:
        upload = await handled.order(tx, me.account_id, upload_id, wanted)
        return await _view(tx, desk, me, upload)


@routes.delete(
    "/{upload_id}",
    status_code=204,
    response_class=Response,
    summary="Oublier un envoi ; ses événements restent",
    responses=refusals(403, 404),
)
@rule(Door.SIGNED_IN)
async def forget_upload(upload_id: UUID, me: Me, desk: AtDesk) -> None:
    async with desk.engine.begin() as tx:
        await events.hold_account(tx, me.account_id)
        await handled.forget(tx, me.account_id, upload_id)


# --- files --------------------------------------------------------------------------------------


def _a_file(media: str, what: str) -> dict[int | str, dict[str, Any]]:
    content = {media: {"schema": {"type": "string", "format": "binary"}}}
    return {200: {"description": what, "content": content, **with_headers("Content-Disposition")}}


@routes.get(
    "/{upload_id}/report.xlsx",
    summary="Le fichier tel qu’il a été lu, avec ce qu’il y a à corriger dans ses cellules",
    response_class=StreamingResponse,
    responses=_a_file(XLSX, "Un classeur : les lignes de l’envoi, leurs fautes en commentaire et en dernière colonne.")
    | refusals(404),
)
@rule(Door.SIGNED_IN)
async def read_report_workbook(upload_id: UUID, me: Me, desk: AtDesk) -> StreamingResponse:
    return _sent(await report_as_workbook(desk, me.account_id, upload_id), XLSX, "compte-rendu.xlsx")


@routes.get(
    "/{upload_id}/report.csv",
    summary="Le même, en CSV",
    response_class=StreamingResponse,
    responses=_a_file(CSV, "Les lignes de l’envoi ; ce qu’il y a à corriger est dans la dernière colonne.")
    | refusals(404),
)
@rule(Door.SIGNED_IN)
async def read_report_csv(upload_id: UUID, me: Me, desk: AtDesk) -> StreamingResponse:
    return _sent(await report_as_csv(desk, me.account_id, upload_id), CSV, "compte-rendu.csv")


@templates.get(
    "/template.xlsx",
    summary="Le modèle de fichier : un classeur avec ses listes, un exemple et des explications",
    response_class=StreamingResponse,
    responses=_a_file(XLSX, "Un classeur à remplir."),
)
@rule(Door.ANYONE)
async def read_template_workbook(desk: AtDesk) -> StreamingResponse:
    written = await asyncio.to_thread(template_as_workbook, desk.edition)
    return _sent(written, XLSX, f"evenements-{desk.edition.name}.xlsx")


@templates.get(
    "/template.csv",
    summary="Le même modèle, en CSV",
    response_class=StreamingResponse,
    responses=_a_file(CSV, "Les titres des colonnes, et un exemple."),
)
@rule(Door.ANYONE)
async def read_template_csv(desk: AtDesk) -> StreamingResponse:
    return _sent(template_as_csv(desk.edition), CSV, f"evenements-{desk.edition.name}.csv")


def _sent(written: IO[bytes], media: str, name: str) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(_pieces(written), media_type=media, headers=headers)


def _pieces(written: IO[bytes]) -> Iterator[bytes]:
    with written:
        while piece := written.read(CHUNK):
            yield piece


def _fields(form: FormData) -> tuple[UploadFile, UUID | None, str]:
    """The file, whose the events are, and of which series it is. Raises RequestValidationError."""
    file, organisation_id, series = form.get("file"), form.get("organisation_id"), form.get("series") or ""
    if not isinstance(file, UploadFile):
        raise RequestValidationError([{"type": "value_error", "loc": ("body", "file"), "ctx": {"error": NO_FILE}}])
    if not isinstance(series, str) or len(series) > 80:
        raise RequestValidationError(
            [{"type": "string_too_long", "loc": ("body", "series"), "ctx": {"max_length": 80}}]
        )
    try:
        return file, UUID(str(organisation_id)) if organisation_id is not None else None, " ".join(series.split())
    except ValueError:
        raise RequestValidationError([{"type": "uuid_parsing", "loc": ("body", "organisation_id")}]) from None


def _name_of(file: UploadFile) -> str:
    name = "".join(c for c in (file.filename or "") if c.isprintable()).replace("\\", "/").rsplit("/", 1)[-1]
    return name[:120] or "fichier"


async def _told_apart(file: UploadFile, *fields: object) -> bytes:
    """What tells this form from another: not its bytes, which hold a word of chance between the fields."""
    told = sha256(repr(fields).encode())
    async for chunk in _chunks(file):
        told.update(chunk)
    return told.digest()


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    await file.seek(0)
    while chunk := await file.read(CHUNK):
        yield chunk


async def _view(tx: Tx, desk: Desk, me: Caller, upload: Upload) -> UploadView:
    counts = await uploads.count_rows(tx, upload.id)
    is_known = upload.state not in (UploadState.RECEIVED, UploadState.UNREADABLE)
    absent = await uploads.absent_from(tx, upload, desk.edition.name, limit=MOST_NAMED) if is_known else []
    return UploadView.model_validate(
        {
            **upload._asdict(),
            "is_mine": upload.account_id == me.account_id,
            "counts": {"rows": sum(counts["outlook"].values()), **counts},
            "absent": [one._asdict() for one in absent],
            "absent_total": await uploads.count_absent(tx, upload, desk.edition.name) if is_known else 0,
            "next": list(_next(upload, counts, is_open=events.is_open(desk.edition, desk.clock.now()))),
        }
    )


def _next(upload: Upload, counts: dict[str, dict[str, int]], *, is_open: bool) -> Iterator[str]:
    """What its organiser does next, in French."""
    if upload.state == UploadState.UNREADABLE:
        yield "Corrigez le fichier, puis envoyez-le à nouveau."
    elif upload.state == UploadState.CHECKED:
        if counts["outlook"].get(Outlook.FAULTY) or counts["outlook"].get(Outlook.INCOMPLETE):
            yield "Téléchargez le compte rendu : ce qu’il y a à corriger est dans ses cellules. Corrigé, il se renvoie."
        if counts["outlook"].get(Outlook.TO_CONFIRM):
            yield "Confirmez (confirmed) les numéros et les adresses qui deviennent publics, ou retirez-les des textes."
        if not is_open:
            yield "Les inscriptions ne sont pas ouvertes : ce qui est nouveau reste en brouillon, même déposé."
        yield "Enregistrez les lignes, en brouillons ou déposées. Celles qui ont une faute sont laissées de côté."
    elif upload.state in (UploadState.RECEIVED, UploadState.APPLYING):
        yield "Un moment : le travail est en cours."
