"""The pages of a file of events: hand it in, see it read, mend what is wrong, have its rows kept or submitted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import IO, Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from starlette.datastructures import UploadFile

from backbone.campaign.dates import moment
from backbone.http.access import Caller

from ...desk import Desk
from ...domain.deadline import PARIS
from ...domain.refusals import FileTooLarge, UploadsUnderWay
from ...domain.rights import Door
from ...domain.sheet_upload import Application, Outcome, Outlook, UploadState
from ...handlers import events
from ...handlers import uploads as handled
from ...handlers.reporting import report_as_workbook
from ...sheets.writing import XLSX
from ...store import uploads
from ...store.uploads import Upload
from ..asking import AtDesk
from ..routes import page_routes
from ..rules import rule
from .asking import AView, PageRoute, Sitting
from .steps import FIELDS
from .view import View

HERE, CHUNK, SHOWN = "/import", 256 * 1024, 50
routes = page_routes(HERE, route_class=PageRoute)

NO_FILE = "Choisissez un fichier."
TOO_LARGE = "Ce fichier dépasse 50 Mo : retirez-en les images, ou partagez-le en plusieurs."
UNDER_WAY = "Trois de vos fichiers sont déjà en cours de lecture. Attendez que l’un d’eux soit lu."
WAITING = (UploadState.RECEIVED, UploadState.APPLYING)
STATES = {
    UploadState.RECEIVED: "Lecture en cours",
    UploadState.CHECKED: "Lu et vérifié : à vous de décider",
    UploadState.UNREADABLE: "Ce fichier ne peut pas être lu",
    UploadState.APPLYING: "Enregistrement en cours",
    UploadState.APPLIED: "C’est fait",
}
OUTLOOKS = {
    Outlook.READY: ("prête à être déposée", "prêtes à être déposées"),
    Outlook.TO_CONFIRM: ("à confirmer", "à confirmer"),
    Outlook.INCOMPLETE: ("incomplète, à garder en brouillon", "incomplètes, à garder en brouillon"),
    Outlook.FAULTY: ("avec une faute", "avec une faute"),
}
OUTCOMES = {
    Outcome.SUBMITTED: ("événement déposé", "événements déposés"),
    Outcome.DRAFTED: ("brouillon enregistré", "brouillons enregistrés"),
    Outcome.UNCHANGED: ("ligne sans changement", "lignes sans changement"),
    Outcome.LEFT: ("ligne laissée de côté", "lignes laissées de côté"),
}


@routes.get("")
@rule(Door.SIGNED_IN)
async def show_uploads(me: Sitting, desk: AtDesk, view: AView) -> Response:
    return await _list(desk, view, me)


@routes.post("")
@rule(Door.SIGNED_IN)
async def hand_in(request: Request, me: Sitting, desk: AtDesk, view: AView) -> Response:
    async with desk.engine.connect() as tx:
        await events.check_account(tx, me.account_id)
    # the form is read here, behind the door
    async with request.form(max_files=1, max_fields=4) as form:
        file = form.get("fichier")
        if not isinstance(file, UploadFile) or not file.filename:
            return await _list(desk, view, me, fault=NO_FILE)
        try:
            async with desk.engine.begin() as tx:
                given = (me.account_id, _name_of(file), _chunks(file))
                series = " ".join(str(form.get("serie") or "").split())[:80]
                upload = await handled.receive(tx, *given, organisation_id=None, series=series)
        except FileTooLarge:
            return await _list(desk, view, me, fault=TOO_LARGE)
        except UploadsUnderWay:
            return await _list(desk, view, me, fault=UNDER_WAY)
    return RedirectResponse(f"{HERE}/{upload.id}", status_code=303)


def _name_of(file: UploadFile) -> str:
    name = "".join(c for c in (file.filename or "") if c.isprintable()).replace("\\", "/").rsplit("/", 1)[-1]
    return name[:120] or "fichier"


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(CHUNK):
        yield chunk


async def _list(desk: Desk, view: View, me: Caller, *, fault: str = "") -> Response:
    async with desk.engine.connect() as tx:
        await events.check_account(tx, me.account_id)
        found = await uploads.uploads_of(tx, me.account_id, after=None, limit=20)
    mine = [
        {"id": one.id, "name": one.filename, "at": moment(one.created_at.astimezone(PARIS)), "state": _state(one)}
        | {"is_mine": one.account_id == me.account_id, "series": one.series}
        for _, one in found
    ]
    return view.render(
        "import.html",
        me=me,
        room=HERE,
        status=422 if fault else 200,
        title="Importer un fichier",
        uploads=mine,
        series=list(dict.fromkeys(one.series for _, one in found if one.series)),
        faults={"fichier": fault} if fault else {},
    )


def _state(upload: Upload) -> str:
    return STATES.get(UploadState(upload.state), upload.state)


@routes.get("/{upload_id}")
@rule(Door.SIGNED_IN)
async def show_upload(
    request: Request,
    me: Sitting,
    desk: AtDesk,
    view: AView,
    upload_id: UUID,
    apres: Annotated[int, Query(ge=0, le=2_000_000)] = 0,
) -> Response:
    is_part = request.headers.get("hx-request") == "true"
    return await _upload_page(desk, view, me, upload_id, after=apres, is_part=is_part)


@routes.post("/{upload_id}")
@rule(Door.SIGNED_IN)
async def apply(request: Request, me: Sitting, desk: AtDesk, upload_id: UUID) -> Response:
    form = await request.form()
    confirmed = [str(name) for name in form.getlist("confirme")]
    wanted = Application.model_validate(
        {
            "as": "submitted" if form.get("comme") == "deposes" else "drafts",
            "confirmed": [*FIELDS] if confirmed else [],
            "not_the_same": bool(form.get("autres")),
            "withdraw_missing": bool(form.get("retirer")),
        }
    )
    async with desk.engine.begin() as tx:
        await handled.order(tx, me.account_id, upload_id, wanted)
    return RedirectResponse(f"{HERE}/{upload_id}", status_code=303)


@routes.post("/{upload_id}/oubli")
@rule(Door.SIGNED_IN)
async def forget(me: Sitting, desk: AtDesk, upload_id: UUID) -> Response:
    async with desk.engine.begin() as tx:
        await events.hold_account(tx, me.account_id)
        await handled.forget(tx, me.account_id, upload_id)
    return RedirectResponse(HERE, status_code=303)


@routes.get("/{upload_id}/compte-rendu.xlsx")
@rule(Door.SIGNED_IN)
async def report(me: Sitting, desk: AtDesk, upload_id: UUID) -> Response:
    written = await report_as_workbook(desk, me.account_id, upload_id)
    headers = {"Content-Disposition": 'attachment; filename="compte-rendu.xlsx"', "Cache-Control": "no-store"}
    return StreamingResponse(_pieces(written), media_type=XLSX, headers=headers)


def _pieces(written: IO[bytes]) -> Iterator[bytes]:
    with written:
        while piece := written.read(CHUNK):
            yield piece


async def _upload_page(desk: Desk, view: View, me: Caller, upload_id: UUID, *, after: int, is_part: bool) -> Response:
    async with desk.engine.connect() as tx:
        await events.check_account(tx, me.account_id)
        upload = await handled.upload_for(tx, me.account_id, upload_id)
        counts = await uploads.count_rows(tx, upload_id)
        rows = await uploads.rows_of_upload(tx, upload_id, after=after, limit=2_000)
        is_known = upload.state not in (UploadState.RECEIVED, UploadState.UNREADABLE)
        absent = await uploads.count_absent(tx, upload, desk.edition.name) if is_known else 0
    wrong = [_row(row) for row in rows if row.faults or row.notes or row.said]
    return view.render(
        "_upload.html" if is_part else "upload.html",
        is_part=is_part,
        me=me,
        room=HERE,
        title=upload.filename,
        upload=upload,
        is_mine=upload.account_id == me.account_id,
        state=_state(upload),
        is_waiting=upload.state in WAITING,
        is_checked=upload.state == UploadState.CHECKED and upload.account_id == me.account_id,
        is_readable=is_known,
        total=sum(counts["outlook"].values()),
        outlooks=_counted(counts["outlook"], OUTLOOKS),
        outcomes=_counted(counts["outcome"], OUTCOMES),
        is_hopeless=sum(counts["outlook"].values()) == counts["outlook"].get(Outlook.FAULTY, 0),
        to_confirm=counts["outlook"].get(Outlook.TO_CONFIRM, 0),
        rows=wrong[:SHOWN],
        more=max(0, len(wrong) - SHOWN),
        absent=absent,
        is_open=events.is_open(desk.edition, desk.clock.now()),
    )


def _row(row: Any) -> dict[str, Any]:
    said = [f"{one['heading']} : {one['message']}" if one.get("heading") else one["message"] for one in row.faults]
    title = (row.draft or {}).get("title") or row.external_id or ""
    return {"number": row.number, "title": title, "said": [*said, *row.notes, *([row.said] if row.said else [])]}


def _counted(counts: dict[str, int], words: dict[Any, tuple[str, str]]) -> list[str]:
    return [f"{number} {words[code][number > 1]}" for code in words if (number := counts.get(code, 0))]
