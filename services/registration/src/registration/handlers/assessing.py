"""What the rules of the label would say of the rows of an upload, where they are asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from ..assessing import Rules, RulesAway
from ..desk import Desk
from ..domain.draft import EventDraft
from ..domain.sheet_upload import Assessed
from ..domain.slots import written_for
from ..store import uploads
from ..store.uploads import Upload, UploadRow

log = logging.getLogger(__name__)

AT_ONCE = 40
TOGETHER = 8
AWAY = (
    "Les règles du label n’ont pas pu être consultées pour toutes les lignes. Les autres vérifications sont faites : "
    "vous pouvez enregistrer le fichier, et chaque événement sera examiné à son dépôt."
)


async def assess_rows(desk: Desk, upload: Upload) -> list[str]:
    """Asks of each row that could be submitted, and keeps what is said; what is to be said of it all, in French."""
    if desk.rules is None:
        return []
    last = 0
    while True:
        async with desk.engine.connect() as tx:
            rows = await uploads.rows_to_assess(tx, upload.id, after=last, limit=AT_ONCE)
        if not rows:
            return []
        last = rows[-1].number
        try:
            found = await _ask(desk, desk.rules, upload, rows)
        except RulesAway as error:
            log.warning("the rules of the label were away for an upload", extra={"error": str(error)})
            return [AWAY]
        async with desk.engine.begin() as tx:
            await uploads.note_assessments(tx, upload.id, found)


async def _ask(desk: Desk, rules: Rules, upload: Upload, rows: Sequence[UploadRow]) -> list[tuple[UploadRow, Assessed]]:
    room = asyncio.Semaphore(TOGETHER)

    async def one(row: UploadRow) -> tuple[UploadRow, Assessed]:
        with written_for(desk.edition):
            draft = EventDraft.model_validate(row.draft)
        async with room:
            return row, await rules.assess(draft.as_event(row.event_id, 1, desk.edition.name, upload.account_id))

    return list(await asyncio.gather(*map(one, rows)))
