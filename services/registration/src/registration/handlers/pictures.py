"""What an organiser does with the picture of an event: gives it, names it in a draft, takes it away."""

from __future__ import annotations

from uuid import UUID, uuid4

from backbone.postgres.database import Tx

from .. import store
from ..desk import Desk
from ..domain.kept import Kept
from ..domain.picture import NOT_THERE, SMALL, DraftPicture, address_of
from ..domain.refusals import Unacceptable
from ..pictures import Developed, PictureRefused
from ..store import KeptPicture, StoredEvent
from .quotas import count_picture

LEFT_AT_MOST = 10
"""Pictures of an announced event that it does not name any more; of one that never was, none is kept."""


async def develop(desk: Desk, given: bytes) -> Developed:
    """The picture, made anew. Raises Unacceptable or Crowded."""
    try:
        return await desk.studio.develop(given)
    except PictureRefused as refused:
        raise Unacceptable.field("picture", ValueError(str(refused))) from None


async def give_picture(
    tx: Tx, desk: Desk, event: StoredEvent, developed: Developed, *, credit: str | None, alternative_text: str | None
) -> None:
    """Keeps it as the picture of this event, whose row the caller has locked, and names it in the draft: what was said
    of the one before is not true of it. Raises TooMany."""
    await count_picture(tx, event.organisation_id)
    base = desk.confirmations.public_url
    picture = KeptPicture(uuid4(), event.id, base, developed.width, developed.height)
    await store.add_picture(tx, picture, developed.large, developed.small)
    await store.name_picture(tx, event.id, _named(picture, credit, alternative_text))
    await store.drop_unnamed(tx, event.id, but=LEFT_AT_MOST if event.revision else 0)


async def take_away(tx: Tx, event_id: UUID) -> None:
    """The draft has no picture any more."""
    await store.name_picture(tx, event_id, None)


async def own_picture(tx: Tx, me: UUID, event_id: UUID, named: DraftPicture | None) -> None:
    """A draft that was written names a picture of its own: of one that it was copied from, with the picture, it gets
    a copy. Raises Unacceptable if there is no such picture, or it is not theirs."""
    if named is None:
        return
    picture = await store.picture_for(tx, named.id, event_id, me)
    if picture is None:
        raise Unacceptable.field("picture", ValueError(NOT_THERE))
    if picture.event_id != event_id:
        picture = await store.copy_picture(tx, picture, event_id)
    await store.name_picture(tx, event_id, _named(picture, named.credit, named.alternative_text))


def _named(picture: KeptPicture, credit: str | None, alternative_text: str | None) -> Kept:
    told = {
        "id": str(picture.id),
        "credit": credit,
        "alternative_text": alternative_text,
        "url": address_of(picture.base, picture.id),
        "thumbnail_url": address_of(picture.base, picture.id, side=SMALL),
        "width": picture.width,
        "height": picture.height,
    }
    return {name: value for name, value in told.items() if value is not None}
