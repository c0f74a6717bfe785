"""What partners are told of the map: that an event was listed, changed, or taken off it.

A change says what the public can see, and nothing of what came before it was there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Any
from uuid import UUID

from backbone.contracts import Label

from .listing import Listing


class Kind(StrEnum):
    """The type of a change, for ever: programs compare it."""

    LISTED = "event.listed"
    CHANGED = "event.changed"
    REMOVED = "event.removed"


class Aspect(StrEnum):
    """What of an event has changed."""

    TEXT = "text"
    DATES = "dates"
    PLACE = "place"
    STATUS = "status"


class Has(StrEnum):
    """Whether a receiver has an event."""

    YES = "yes"
    NO = "no"
    PERHAPS = "perhaps"
    """A request was on its way, and nobody knows whether it was taken."""


class Why(StrEnum):
    """Why an event was taken off the map. An open list: readers take what they do not know as `OTHER`."""

    WITHDRAWN = "withdrawn"
    LABEL_WITHDRAWN = "label_withdrawn"
    LABEL_SUSPENDED = "label_suspended"
    LABEL_REFUSED = "label_refused"
    MAP_CLOSED = "map_closed"
    FILTERED_OUT = "filtered_out"
    OTHER = "other"


_BY_LABEL = {
    Label.WITHDRAWN: Why.LABEL_WITHDRAWN,
    Label.SUSPENDED: Why.LABEL_SUSPENDED,
    Label.REFUSED: Why.LABEL_REFUSED,
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Change:
    """The newest change of one event. `number` is its instant in microseconds, and grows from change to change."""

    number: int
    event_id: UUID
    edition: str
    kind: Kind
    changed: tuple[str, ...] = ()
    reason: str | None = None
    feature: Mapping[str, Any] | None = None

    @property
    def id(self) -> str:
        """Stays the same however often it is told."""
        return f"chg_{self.number}"

    @property
    def at(self) -> datetime:
        """When it was seen. No two changes have the same instant, and a later one has a later one."""
        return _EPOCH + timedelta(microseconds=self.number)

    def document(self, public_url: str) -> dict[str, Any]:
        """The change as it is told, whichever way (the body of a webhook is this one too)."""
        return {
            "id": self.id,
            "type": self.kind,
            "timestamp": self.at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "data": {
                "event_id": str(self.event_id),
                "edition": self.edition,
                "changed": list(self.changed),
                "reason": self.reason,
                "feature": at_home(self.feature, public_url) if self.feature else None,
            },
        }


def at_home(feature: Mapping[str, Any], public_url: str) -> dict[str, Any]:
    """The feature, which is kept without the map's own address, with it: a map may move."""
    properties = feature["properties"]
    return {**feature, "properties": {**properties, "url": f"{public_url}{properties['url']}"}}


def fingerprints(listing: Listing) -> dict[str, str]:
    """A fingerprint of each aspect of what visitors see, on the event's page too: what changes one of them is news."""
    event, location = listing.event, listing.location
    text = event.model_dump(
        mode="json",
        include={
            *("title", "description", "organisation", "kind", "themes", "audiences", "admission", "is_free"),
            *("website", "booking", "capacity", "access", "accessibility", "accessibility_note"),
        },
    )
    if event.picture:  # those without one have the fingerprint that they had before there were pictures
        text["picture"] = event.picture.model_dump(mode="json")
    seen = {
        Aspect.TEXT: text,
        Aspect.DATES: [[slot.starts_at.isoformat(), slot.ends_at.isoformat()] for slot in listing.slots],
        Aspect.PLACE: [
            listing.venue.model_dump(mode="json", exclude={"position"}) if listing.venue else None,
            [location.longitude, location.latitude, location.precision, location.commune_name] if location else None,
            [listing.department, listing.region, listing.is_online, listing.online_url, listing.time_of],
        ],
        Aspect.STATUS: [listing.status, listing.status_note, [slot.status for slot in listing.slots]],
    }
    return {aspect: _fingerprint(told) for aspect, told in seen.items()}


def _fingerprint(told: object) -> str:
    return blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=8).hexdigest()


def differs(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """The aspects that are not what they were, in the order in which they are named."""
    return tuple(aspect for aspect in Aspect if before.get(aspect) != now.get(aspect))


def why_removed(*, label: str | None, is_withdrawn: bool, is_open: bool) -> Why:
    """Why an event can no longer be seen. `is_open`: whether the map of its edition is."""
    if is_withdrawn:
        return Why.WITHDRAWN
    if label is not None and label in _BY_LABEL:
        return _BY_LABEL[Label(label)]
    return Why.OTHER if is_open else Why.MAP_CLOSED


def for_receiver(change: Change, *, has_it: Has, wants_it: bool) -> Change | None:
    """The change as it is told to somebody who has the event or not, and wants to have it or not; None: not at all.

    Whoever has it perhaps is told what is right either way: that it is listed, or that it is gone.
    """
    if change.feature is not None and wants_it:
        kind = Kind.CHANGED if has_it is Has.YES else Kind.LISTED
        # taken off and listed again since: what is different now, nobody can say
        changed = (change.changed or tuple(Aspect)) if has_it is Has.YES else ()
        return replace(change, kind=kind, changed=changed)
    if has_it is Has.NO:
        return None
    reason = change.reason if change.feature is None else Why.FILTERED_OUT
    return replace(change, kind=Kind.REMOVED, changed=(), reason=reason, feature=None)
