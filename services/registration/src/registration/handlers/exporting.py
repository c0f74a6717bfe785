"""Handing over what is kept of a person: a zip of JSON, made at once and kept nowhere.

At once, and not as a job whose result is mailed: a mail with a link to everything would be one more copy of it to keep,
to guard and to remove, and would open to whoever reads the mailbox. Ten thousand events are a second's work and some
megabytes, read some rows at a time.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo
from zoneinfo import ZoneInfo

from pydantic_core import to_json

from backbone.campaign.dates import moment
from backbone.campaign.typography import in_french

from .. import store
from ..desk import Desk
from ..domain.notices import Notice
from ..store import Account
from ..store.export import PARTS, rows_of
from .mails import owe_notice

IN_MEMORY = 16 * 1024 * 1024  # bytes of a zip; what is longer goes through a file without a name
README = "README.txt"
_PARIS = ZoneInfo("Europe/Paris")


async def export(desk: Desk, account_id: UUID) -> IO[bytes] | None:
    """A zip of all that is kept of the person, as it is at one moment; None if the account is gone."""
    now = desk.clock.now().astimezone(_PARIS)
    async with desk.engine.connect() as tx:
        # one moment for all questions: an event that is submitted meanwhile has its step in the story, or neither
        await tx.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        account = await store.account_by_id(tx, account_id)
        if account is None:
            return None
        written = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (whoever asked closes it)
        with ZipFile(written, "w", ZIP_DEFLATED) as folder:
            folder.writestr(_entry(README, now), _readme(desk, account, now))
            for part in PARTS:
                with folder.open(_entry(part.file, now), "w", force_zip64=True) as file:
                    between = b"[\n"
                    async for rows in rows_of(tx, part, account.id):
                        text = b",\n".join(to_json(row, indent=1) for row in rows)
                        await asyncio.to_thread(file.write, between + text)
                        between = b",\n"
                    file.write(b"[]\n" if between == b"[\n" else b"\n]\n")
    async with desk.engine.begin() as tx:
        # whoever has the password has everything now: its owner is told
        await owe_notice(tx, account_id, Notice.DATA_EXPORTED)
    written.seek(0)
    return written


def _readme(desk: Desk, account: Account, now: datetime) -> bytes:
    words = {"account": account, "when": moment(now), "parts": PARTS, "site": desk.confirmations.public_url}
    words["map"] = desk.public_map_url
    text = desk.confirmations.templates.get_template("export/README.txt").render(words)
    return in_french(text).encode()


def _entry(name: str, now: datetime) -> ZipInfo:
    entry = ZipInfo(name, now.timetuple()[:6])
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
    return entry
