"""The keys of an organisation: made, listed, revoked, and shown at a door."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from backbone.http.access import NotAllowed, NotSignedIn
from backbone.postgres.database import Tx

from .. import store
from ..desk import Desk
from ..domain.api_key import MOST_KEYS, KeyRequest, Scope, Secret, notices_before
from ..domain.refusals import Unacceptable, UnknownEvent, UnknownKey
from ..domain.rights import Deed
from ..store import ApiKey
from .mails import owe_end_of_key
from .organisations import member_for

log = logging.getLogger(__name__)


async def make(tx: Tx, me: UUID, organisation_id: UUID, request: KeyRequest) -> tuple[ApiKey, Secret]:
    """A key, and its secret, which is said this once; its end is told in time. Raises UnknownOrganisation, NotYours or
    Unacceptable."""
    await member_for(tx, me, organisation_id, Deed.KEYS, lock=True)
    if len(await store.keys_of(tx, organisation_id)) >= MOST_KEYS:
        raise Unacceptable.field("name", ValueError(f"Une organisation a {MOST_KEYS} clés au plus : révoquez-en une."))
    secret = Secret.new()
    key = await store.add_key(tx, organisation_id, me, request, secret)
    for due_in in notices_before(timedelta(days=request.days)):
        await owe_end_of_key(tx, me, key.id, due_in)
    log.info("a key was made", extra={"account": str(me), "organisation": str(organisation_id), "key": key.prefix})
    return key, secret


async def list_of(tx: Tx, me: UUID, organisation_id: UUID) -> list[ApiKey]:
    """The organisation's keys. Raises UnknownOrganisation or NotYours."""
    await member_for(tx, me, organisation_id, Deed.KEYS)
    return await store.keys_of(tx, organisation_id)


async def revoke(tx: Tx, me: UUID, organisation_id: UUID, key_id: UUID) -> None:
    """Raises UnknownOrganisation, NotYours or UnknownKey."""
    await member_for(tx, me, organisation_id, Deed.KEYS)
    if not await store.revoke_key(tx, organisation_id, key_id):
        raise UnknownKey
    log.info("a key was revoked", extra={"account": str(me), "organisation": str(organisation_id), "id": str(key_id)})


async def shown(desk: Desk, text: str, scope: Scope | None, event_id: UUID | None) -> ApiKey:
    """The key that a program shows, where this scope is asked for, and this event is its organisation's.

    Raises NotSignedIn, NotAllowed or UnknownEvent.
    """
    secret = Secret.read(text)
    if secret is None:
        raise NotSignedIn("no key of ours")
    async with desk.engine.begin() as tx:
        key = await store.good_key(tx, secret.kept)
        if key is None:
            raise NotSignedIn("a key that has ended, was revoked, or never was")
        event = await store.event_by_id(tx, event_id) if event_id else None
    if scope not in key.scopes:
        raise NotAllowed("a key without the scope")
    if event and event.organisation_id != key.organisation_id:
        raise UnknownEvent
    return key
