"""Pictures of events, each its event's own: they go with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Text, cast, delete, exists, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB

from backbone.postgres.database import Tx

from ..domain.kept import Kept
from .tables import events, members, pictures

LEFT_DAYS = 35
"""For so long a picture stays that its event does not name any more: an older revision may be on the map with it."""
AT_ONCE = 100


class KeptPicture(NamedTuple):
    """A picture, without its bytes."""

    id: UUID
    event_id: UUID
    base: str
    width: int
    height: int


_PICTURE = select(*(pictures.c[name] for name in KeptPicture._fields))


async def add_picture(tx: Tx, picture: KeptPicture, large: bytes, small: bytes) -> None:
    """Keeps a picture of an event."""
    await tx.execute(insert(pictures).values(**picture._asdict(), large=large, small=small))


async def picture_for(tx: Tx, picture_id: UUID, event_id: UUID, account_id: UUID) -> KeptPicture | None:
    """The picture, if it is this event's, or of another one that the account keeps or shares: of the one that is
    copied. None if there is none."""
    organisations = select(members.c.organisation_id).where(members.c.account_id == account_id)
    is_theirs = (events.c.account_id == account_id) | events.c.organisation_id.in_(organisations)
    is_shared = pictures.c.event_id.in_(select(events.c.id).where(is_theirs))
    question = _PICTURE.where(pictures.c.id == picture_id, (pictures.c.event_id == event_id) | is_shared)
    row = (await tx.execute(question)).one_or_none()
    return KeptPicture._make(row) if row else None


async def copy_picture(tx: Tx, picture: KeptPicture, event_id: UUID) -> KeptPicture:
    """The same picture as another event's own."""
    copied = picture._replace(id=uuid4(), event_id=event_id)
    values = [literal(value) for value in copied]
    same = select(*values, pictures.c.large, pictures.c.small).where(pictures.c.id == picture.id)
    await tx.execute(insert(pictures).from_select([*KeptPicture._fields, "large", "small"], same))
    return copied


async def name_picture(tx: Tx, event_id: UUID, picture: Kept | None) -> None:
    """The draft names this picture, or none."""
    draft = events.c.draft.op("-")("picture")
    if picture:
        draft = draft.op("||")(cast({"picture": picture}, JSONB))
    await tx.execute(update(events).where(events.c.id == event_id).values(draft=draft))


async def drop_unnamed(tx: Tx, event_id: UUID, *, but: int) -> None:
    """Deletes the event's pictures that it does not name, but the newest of them."""
    unnamed = select(pictures.c.id).where(pictures.c.event_id == event_id, ~_IS_NAMED)
    older = unnamed.order_by(pictures.c.created_at.desc()).offset(but)
    await tx.execute(delete(pictures).where(pictures.c.id.in_(older)))


async def forget_left_pictures(tx: Tx) -> bool:
    """A purge: what no event names any more begins to count its days, and goes once they are over."""
    left = pictures.c.left_at.is_not(None)
    await tx.execute(update(pictures).where(left, _IS_NAMED).values(left_at=None))
    await tx.execute(update(pictures).where(~left, ~_IS_NAMED).values(left_at=func.now()))
    over = select(pictures.c.id).where(pictures.c.left_at < func.now() - timedelta(days=LEFT_DAYS)).limit(AT_ONCE)
    return (await tx.execute(delete(pictures).where(pictures.c.id.in_(over)))).rowcount == AT_ONCE


async def picture_file(tx: Tx, picture_id: UUID, *, is_small: bool) -> bytes | None:
    """The JPEG; None if there is no such picture."""
    wanted = pictures.c.small if is_small else pictures.c.large
    file: bytes | None = await tx.scalar(select(wanted).where(pictures.c.id == picture_id))
    return file


def _named_in(draft: ColumnElement[Any]) -> ColumnElement[str]:
    named: ColumnElement[str] = draft[("picture", "id")].astext
    return named


_IS_NAMED = exists().where(
    events.c.id == pictures.c.event_id,
    cast(pictures.c.id, Text).in_([_named_in(events.c.draft), _named_in(events.c.submitted_draft)]),
)
