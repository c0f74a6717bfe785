"""The rows of a checked upload become events, by what everybody else's door does; each once, whenever it is killed.

What becomes of a row is written in the transaction that does it: whoever goes on, goes on behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from backbone.campaign.dates import in_full
from backbone.postgres.database import Tx
from backbone.runtime.failpoints import failpoint

from .. import store
from ..desk import Desk
from ..domain.draft import EventDraft
from ..domain.likeness import sittings_of
from ..domain.refusals import (
    AsksFirst,
    ExternalIdTaken,
    Incomplete,
    NamesItsAuthor,
    NotOpen,
    NotYours,
    OfAnotherEdition,
    Refused,
    Resembles,
    UnknownEvent,
    WeekBegun,
)
from ..domain.sheet_upload import Application, Outcome, Outlook, UploadState
from ..domain.slots import written_for
from ..store import uploads
from ..store.uploads import Known, Upload, UploadRow
from ..throttle import TooMany
from . import events

AT_ONCE = 20
"""Rows that share a transaction."""

SUBMITTABLE = (Outlook.READY, Outlook.TO_CONFIRM)
RESEMBLES = (
    "Cet événement ressemble à un autre, le même jour au même endroit : {which}. Si c’est le même, ne le déposez pas "
    "une seconde fois ; sinon, dites-le (not_the_same)."
)
_SAID: dict[type[Exception], Callable[[Any], str]] = {
    # of a quota that is met in the middle of a file the rest waits; the lot is not tried again and again for it
    TooMany: lambda _: (
        "Votre organisation a beaucoup écrit aujourd’hui : renvoyez ce fichier demain, pour ce qui reste."
    ),
    WeekBegun: lambda _: "La Semaine a commencé : ce qui est déposé ne se modifie plus.",
    NotOpen: lambda refused: _when(refused),
    OfAnotherEdition: lambda refused: f"Cet événement est de l’édition {refused.its_own}, qui est close.",
    ExternalIdTaken: lambda _: "Un autre événement de votre organisation porte déjà cette référence.",
    UnknownEvent: lambda _: "Cet événement est d’une autre organisation : donnez-lui une autre référence.",
    NotYours: lambda _: "Vous ne pouvez pas modifier cet événement : il est d’une autre organisation.",
    AsksFirst: lambda refused: refused.asked[0].message,
    NamesItsAuthor: lambda refused: refused.found[0].message,
    Resembles: lambda refused: RESEMBLES.format(which=refused.found[0].message),
    Incomplete: lambda _: "Il manque encore quelque chose à cet événement : il reste un brouillon.",
}


async def apply_upload(desk: Desk, upload_id: UUID) -> None:
    """Goes through the rows of which nothing has become yet, then through the events that the file lacks."""
    while await _apply_some(desk, upload_id):
        failpoint("between-upload-lots")
    while await _withdraw_some(desk, upload_id):
        failpoint("between-upload-lots")
    async with desk.engine.begin() as tx:
        upload = await uploads.upload_by_id(tx, upload_id, lock=True)
        if upload and upload.state == UploadState.APPLYING:
            await uploads.change_upload(tx, upload_id, state=UploadState.APPLIED)


async def _apply_some(desk: Desk, upload_id: UUID) -> bool:
    """Whether there was anything to do."""
    async with desk.engine.begin() as tx:
        upload = await uploads.upload_by_id(tx, upload_id)
        if upload is None or upload.state != UploadState.APPLYING:
            return False
        rows = await uploads.lock_rows_to_apply(tx, upload_id, limit=AT_ONCE)
        ids = [row.event_id for row in rows]
        known, _ = await uploads.known_events(tx, upload.organisation_id, ids, ())
        wanted = Application.model_validate(upload.application)
        await _hold(tx, upload, wanted, rows)
        for row in rows:
            outcome, said = await _apply(tx, desk, upload, wanted, row, known.get(row.event_id))
            await uploads.note_outcome(tx, upload_id, row.number, outcome, said)
        failpoint("in-upload")
        return bool(rows)


async def _hold(tx: Tx, upload: Upload, wanted: Application, rows: Sequence[UploadRow]) -> None:
    """Takes all locks that the rows need, each kind at once and in the order in which one event takes them: taken row
    by row, two files with events at the same places would each wait for the other."""
    drafts = [row.draft for row in rows if row.draft is not None]
    await events.hold_account(tx, upload.account_id)
    names = [row.external_id for row in rows if row.external_id]
    await store.lock_external_ids(tx, upload.organisation_id, names)
    await store.lock_events(tx, [row.event_id for row in rows])
    if wanted.kept_as == "submitted":
        await store.hold_sittings(tx, {sitting for draft in drafts for sitting in sittings_of(draft)})


async def _apply(
    tx: Tx, desk: Desk, upload: Upload, wanted: Application, row: UploadRow, known: Known | None
) -> tuple[Outcome, str | None]:
    if row.draft is None:
        return Outcome.LEFT, None
    try:
        async with tx.begin_nested():
            is_saved = known is None or known.draft != row.draft
            if is_saved:
                with written_for(desk.edition):
                    draft = EventDraft.model_validate(row.draft)
                await events.save_draft(
                    tx, upload.account_id, row.event_id, draft, organisation_id=upload.organisation_id
                )
            await uploads.note_uploaded(tx, upload.organisation_id, upload.series, row)
    except (Refused, TooMany) as refused:
        return Outcome.LEFT, _said(refused)
    if wanted.kept_as == "submitted" and row.outlook in SUBMITTABLE:
        return await _submit(
            tx, desk, upload, wanted, row, is_current=bool(known and known.is_submitted and not is_saved)
        )
    return (Outcome.DRAFTED if is_saved else Outcome.UNCHANGED), None


async def _submit(
    tx: Tx, desk: Desk, upload: Upload, wanted: Application, row: UploadRow, *, is_current: bool
) -> tuple[Outcome, str | None]:
    if is_current:
        return Outcome.UNCHANGED, None
    apart: list[str] = []
    while True:
        try:
            async with tx.begin_nested():
                await events.submit(
                    tx, desk, upload.account_id, row.event_id, confirmed=wanted.confirmed, not_the_same=apart
                )
            return Outcome.SUBMITTED, None
        except Resembles as refused:
            if apart or not wanted.not_the_same:
                return Outcome.DRAFTED, _said(refused)
            apart = [one.token for one in refused.found]
        except (Refused, TooMany) as refused:
            return Outcome.DRAFTED, _said(refused)


async def _withdraw_some(desk: Desk, upload_id: UUID) -> bool:
    """Withdraws some of the events that are not in the file any more, if that was asked for."""
    async with desk.engine.begin() as tx:
        upload = await uploads.upload_by_id(tx, upload_id)
        if upload is None or not Application.model_validate(upload.application).withdraw_missing:
            return False
        absent = await uploads.absent_from(tx, upload, desk.edition.name, limit=AT_ONCE)
        await _withdraw(tx, desk, upload, absent)
        return bool(absent)


async def _withdraw(tx: Tx, desk: Desk, upload: Upload, absent: Sequence[uploads.Absent]) -> None:
    for event in absent:
        if event.is_submitted:
            try:
                async with tx.begin_nested():
                    await events.withdraw(tx, desk, upload.account_id, event.event_id)
            except (UnknownEvent, NotYours):
                pass  # handed over since: it is another organisation's to withdraw
        await uploads.forget_uploaded(tx, event.event_id)


def _when(refused: NotOpen) -> str:
    if refused.today < refused.period.opens:
        return f"Les inscriptions ouvrent le {in_full(refused.period.opens)}."
    return f"Les inscriptions sont closes depuis la fin du {in_full(refused.period.last_day)}."


def _said(refused: Exception) -> str:
    say = next((say for kind, say in _SAID.items() if isinstance(refused, kind)), None)
    return say(refused) if say else "Cette ligne a été refusée."
