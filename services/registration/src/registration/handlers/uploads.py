"""What an organiser does with a file of events: hands it in, reads what is wrong with it, has it applied."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

from backbone.postgres.database import Tx
from backbone.postgres.jobs import Claimed, Job, queue_jobs
from backbone.runtime.trace import current_trace
from backbone.service.outcomes import Dead

from .. import store
from ..desk import Desk
from ..domain.refusals import FileTooLarge, NotCheckedYet, NotYours, UnknownUpload, UploadsUnderWay
from ..domain.sheet_upload import MOST_UNDER_WAY, Application, UploadState
from ..sheets.bounds import MOST_BYTES
from ..store import uploads
from ..store.uploads import Upload
from .applying import apply_upload
from .checking import check_upload
from .events import hold_account
from .organisations import organisation_for
from .quotas import count_upload

GIVEN_UP = (
    "Ce fichier n’a pas pu être traité ; l’erreur vient de nous. Envoyez-le à nouveau : rien ne sera fait deux fois."
)
_NOW = timedelta(0)


class Uploading(Job):
    """An upload is checked, or applied: row by row, and again from where it stood if its worker died."""

    kind: ClassVar[str] = "upload"
    upload_id: UUID
    step: str

    @property
    def key(self) -> str:
        return f"{self.upload_id}:{self.step}"


async def receive(
    tx: Tx, me: UUID, filename: str, chunks: AsyncIterator[bytes], *, organisation_id: UUID | None, series: str
) -> Upload:
    """Keeps a file, and has it checked. Raises AccountGone, UnknownOrganisation, UploadsUnderWay, TooMany or
    FileTooLarge."""
    account = await hold_account(tx, me)
    if await uploads.count_under_way(tx, me) >= MOST_UNDER_WAY:
        raise UploadsUnderWay
    home = await organisation_for(tx, account, organisation_id)
    await count_upload(tx, home)
    upload_id, size = uuid4(), 0
    about = {"account_id": me, "organisation_id": home, "filename": filename, "series": series}
    await uploads.add_upload(tx, {"id": upload_id, **about, "size": 0, "state": UploadState.RECEIVED})
    async for number, chunk in _numbered(chunks):
        size += len(chunk)
        if size > MOST_BYTES:
            raise FileTooLarge
        await uploads.add_part(tx, upload_id, number, chunk)
    await uploads.change_upload(tx, upload_id, size=size)
    await _queue(tx, upload_id, "check")
    return await upload_for(tx, me, upload_id)


async def _numbered(chunks: AsyncIterator[bytes]) -> AsyncIterator[tuple[int, bytes]]:
    number = 0
    async for chunk in chunks:
        yield number, chunk
        number += 1


async def upload_for(tx: Tx, me: UUID, upload_id: UUID, *, lock: bool = False) -> Upload:
    """An upload of the account, or of a colleague for an organisation that both are of. Raises UnknownUpload."""
    upload = await uploads.upload_by_id(tx, upload_id, lock=lock)
    if upload is None:
        raise UnknownUpload
    if upload.account_id != me and await store.role_in(tx, upload.organisation_id, me) is None:
        raise UnknownUpload
    return upload


async def _own_upload(tx: Tx, me: UUID, upload_id: UUID) -> Upload:
    """The account's own, locked: what comes of it is done in its sender's name. Raises UnknownUpload or NotYours."""
    upload = await upload_for(tx, me, upload_id, lock=True)
    if upload.account_id != me:
        raise NotYours
    return upload


async def order(tx: Tx, me: UUID, upload_id: UUID, wanted: Application) -> Upload:
    """Has the rows of a checked upload applied; once, however often it is asked. Raises AccountGone, UnknownUpload,
    NotYours or NotCheckedYet."""
    await hold_account(tx, me)
    upload = await _own_upload(tx, me, upload_id)
    if upload.state in (UploadState.APPLYING, UploadState.APPLIED):
        return upload
    if upload.state != UploadState.CHECKED:
        raise NotCheckedYet(upload.state)
    asked = wanted.model_dump(mode="json", by_alias=True)
    await uploads.change_upload(tx, upload_id, application=asked, state=UploadState.APPLYING)
    await _queue(tx, upload_id, "apply")
    return await upload_for(tx, me, upload_id)


async def forget(tx: Tx, me: UUID, upload_id: UUID) -> None:
    """Forgets an upload; the events that came of it stay. Raises UnknownUpload or NotYours."""
    await _own_upload(tx, me, upload_id)
    await uploads.forget_upload(tx, upload_id)


async def _queue(tx: Tx, upload_id: UUID, step: str) -> None:
    await queue_jobs(tx, [(Uploading(upload_id=upload_id, step=step), _NOW, current_trace())])


async def work_on_upload(claimed: Claimed, desk: Desk) -> None:
    """Does the step that is due."""
    await _STEPS[claimed.job.step](desk, claimed.job.upload_id)


_STEPS: Mapping[str, Any] = {"check": check_upload, "apply": apply_upload}


async def give_up(dead: Dead, tx: Tx, _: Desk) -> None:
    """Tells whoever waits that it came to nothing; what was applied already stays."""
    await uploads.change_upload(tx, dead.job.upload_id, state=UploadState.UNREADABLE, problem=GIVEN_UP)
    await uploads.forget_parts(tx, dead.job.upload_id)
