"""The report of an upload: the file as it was read, with what is to be mended in its cells."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import IO
from uuid import UUID

from ..desk import Desk
from ..domain.sheet_upload import Outcome, Outlook
from ..sheets.writing import CsvReport, ReportRow, WorkbookReport
from ..store import uploads
from ..store.uploads import Upload, UploadRow
from .events import check_account
from .uploads import upload_for

AT_ONCE = 500

_OUTCOMES = {
    Outcome.SUBMITTED: "Déposé.",
    Outcome.DRAFTED: "Enregistré comme brouillon.",
    Outcome.UNCHANGED: "Inchangé.",
    Outcome.LEFT: "Laissé de côté.",
}
_OUTLOOKS = {
    Outlook.READY: "Prêt à être déposé.",
    Outlook.TO_CONFIRM: "À confirmer.",
    Outlook.INCOMPLETE: "Incomplet : peut être gardé comme brouillon.",
    Outlook.FAULTY: "À corriger : rien n’est gardé de cette ligne.",
}


async def report_as_workbook(desk: Desk, me: UUID, upload_id: UUID) -> IO[bytes]:
    """The report as a workbook. Raises AccountGone or UnknownUpload."""
    return await _report(desk, me, upload_id, WorkbookReport)


async def report_as_csv(desk: Desk, me: UUID, upload_id: UUID) -> IO[bytes]:
    """The report as CSV. Raises AccountGone or UnknownUpload."""
    return await _report(desk, me, upload_id, CsvReport)


async def _report(desk: Desk, me: UUID, upload_id: UUID, kind: type[WorkbookReport | CsvReport]) -> IO[bytes]:
    async with desk.engine.connect() as tx:
        await check_account(tx, me)
        upload = await upload_for(tx, me, upload_id)
        report, last = kind(list(upload.headings)), 0
        while rows := await uploads.rows_of_upload(tx, upload_id, after=last, limit=AT_ONCE):
            last = rows[-1].number
            await asyncio.to_thread(report.add, [_row(row) for row in rows])
        absent = await uploads.absent_from(tx, upload, desk.edition.name, limit=10_000)
    missing = [(one.external_id or "", one.title, "déposé" if one.is_submitted else "brouillon") for one in absent]
    return await asyncio.to_thread(report.finish, list(_about(upload)), missing)


def _about(upload: Upload) -> Iterator[str]:
    yield f"Compte rendu de « {upload.filename} »"
    if upload.problem:
        yield upload.problem
    yield from upload.notices


def _row(row: UploadRow) -> ReportRow:
    faults = [(fault.get("column"), fault["message"]) for fault in row.faults]
    said = [_OUTCOMES[Outcome(row.outcome)] if row.outcome else _OUTLOOKS[Outlook(row.outlook)]]
    said += [
        f"{fault['heading']} : {fault['message']}" if fault.get("heading") else fault["message"] for fault in row.faults
    ]
    return ReportRow(row.number, row.cells, faults, [*said, *([row.said] if row.said else []), *row.notes], row.outlook)
