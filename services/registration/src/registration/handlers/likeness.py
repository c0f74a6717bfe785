"""Duplicates at the door: what is submitted already and looks like the event to be, and what its organiser says."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from backbone.contracts import canary
from backbone.postgres.database import Tx

from .. import store
from ..desk import Desk
from ..domain.draft import PARIS, EventDraft
from ..domain.kept import kept_of
from ..domain.likeness import Announced, Lookalike, are_one, named, token_of
from ..domain.refusals import Resembles
from ..domain.story import State
from ..store import Neighbour, StoredEvent

NAMED = 10
"""Events that are named to whoever submits one like them."""
_REFUSED = frozenset({State.REJECTED.value, State.LABEL_WITHDRAWN.value})


async def check_alike(
    tx: Tx, desk: Desk, me: UUID, event: StoredEvent, draft: EventDraft, not_the_same: Collection[str]
) -> tuple[UUID, ...]:
    """The submitted events that this one resembles and is not, as its organiser says, or theirs. `not_the_same`: the
    tokens, or ids, of those of which this account says so; it is kept.

    Raises Resembles while there is one of which nobody has said it, unless the event was as alike to it before.
    """
    if event.id == canary.EVENT:
        return ()
    announced = Announced.of(kept_of(draft))
    await store.hold_sittings(tx, announced.sittings)
    found = await _alike(tx, announced, event.id, event.account_id, event.organisation_id)
    said = await store.told_apart(tx, event.id)
    asked = [one for one in found if one.id not in said]
    told = {one.id for one in asked if not {str(one.id), token_of(one.id)}.isdisjoint(not_the_same)}
    if len(told) < len(asked) and await _is_news(tx, event, announced):
        raise Resembles(await _named(tx, desk, me, asked))
    await store.tell_apart(tx, event.id, told, by=me, at=desk.clock.now())
    return tuple(one.id for one in found if one.id in said | told)


async def lookalikes(tx: Tx, desk: Desk, me: UUID, draft: EventDraft, event_id: UUID | None) -> Sequence[Lookalike]:
    """What a submission of this draft would name, of an event that has this id or none yet; nothing is kept."""
    try:
        announced = Announced.of(kept_of(draft))
    except ValueError:
        return []  # it is not whole yet
    found = await _alike(tx, announced, event_id, me, await store.home_of(tx, me))
    said = await store.told_apart(tx, event_id) if event_id else set()
    return await _named(tx, desk, me, [one for one in found if one.id not in said])


async def _alike(
    tx: Tx, announced: Announced, event_id: UUID | None, keeper: UUID, organisation_id: UUID | None
) -> list[Neighbour]:
    found = []
    for one in await store.neighbours(tx, announced.sittings, but=event_id):
        is_own = one.account_id == keeper or (organisation_id is not None and one.organisation_id == organisation_id)
        if one.state in _REFUSED and not is_own:
            continue  # it comes on no map, and is nobody else's business
        try:
            other = Announced.of(one.draft)
        except ValueError:
            continue
        if are_one(announced, other, is_own=is_own):
            found.append(one)
    return found


async def _is_news(tx: Tx, event: StoredEvent, announced: Announced) -> bool:
    """Whether what is compared has changed since the event was submitted: a new telephone number asks nothing."""
    before = await store.submitted_draft(tx, event.id)
    try:
        return before is None or Announced.of(before) != announced
    except ValueError:
        return True


async def _named(tx: Tx, desk: Desk, me: UUID, found: Sequence[Neighbour]) -> list[Lookalike]:
    today = desk.clock.now().astimezone(ZoneInfo(PARIS)).date()
    is_map_open = bool(desk.public_map_url) and today >= desk.edition.map.opens
    named_ones = []
    for one in found[:NAMED]:
        is_readable = one.account_id == me or (
            one.organisation_id is not None and await store.role_in(tx, one.organisation_id, me) is not None
        )
        is_shown = is_map_open and one.state == State.LABELLED
        page = f"{desk.public_map_url}/evenements/{one.id}" if is_shown else None
        named_ones.append(named(one.id, one.draft, is_readable=is_readable, page=page))
    return named_ones
