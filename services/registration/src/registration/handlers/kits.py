"""Who is let to an event's kit, and by what way: commskit hands it out to whoever bears registration's pass."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from backbone.http.passes import KIT, sign_pass
from backbone.postgres.database import Tx

from ..desk import Desk
from ..domain.kit import KitNews, kit_news
from ..domain.rights import Act
from .events import event_for
from .knowing import known_of


class WayToKit(NamedTuple):
    """Where the kit is downloaded, and until when."""

    url: str
    ends_at: datetime


async def kit_for(tx: Tx, desk: Desk, me: UUID, event_id: UUID) -> tuple[KitNews, WayToKit | None]:
    """What is known of the event's kit, and the way to it; None: there is none to be had now.

    Raises AccountGone, UnknownEvent or NotYours.
    """
    event = await event_for(tx, me, event_id, Act.KIT)
    news = kit_news(await known_of(tx, desk, event))
    if not news.is_handed_out:
        return news, None
    token, ends_at = sign_pass(desk.signer, KIT, event_id)
    return news, WayToKit(f"{desk.public_kits_url}/kits/{event_id}?jeton={token}", ends_at)
