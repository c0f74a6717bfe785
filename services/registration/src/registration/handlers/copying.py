"""An organiser repeats an event: its draft is written anew, for the edition that is played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from backbone.postgres.database import Tx

from .. import store
from ..desk import Desk
from ..domain.copying import copied
from ..domain.rights import Act
from .events import event_for, save_draft


async def copy_event(tx: Tx, desk: Desk, me: UUID, event_id: UUID) -> tuple[UUID, Sequence[Mapping[str, Any]]]:
    """The new draft's id, and what was not taken over (pydantic's errors). It is of the same organisation if the
    account is of it, and of the account's own otherwise.

    Raises AccountGone, UnknownEvent or NotYours.
    """
    event = await event_for(tx, me, event_id, Act.EDIT)
    draft, faults = copied(event.draft, event.id, desk.editions.get(event.edition), desk.edition)
    home = event.organisation_id
    is_ours = home is not None and await store.role_in(tx, home, me) is not None
    new = uuid4()
    await save_draft(tx, me, new, draft, organisation_id=home if is_ours else None)
    return new, faults
