"""An event as search engines read it (schema.org)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from markupsafe import Markup

from backbone.contracts import EventStatus, Slot, SlotStatus, Venue

from .domain.listing import Listing

SCHEMA = "https://schema.org"
STATUSES: Mapping[str, str] = {
    EventStatus.SCHEDULED: f"{SCHEMA}/EventScheduled",
    EventStatus.CANCELLED: f"{SCHEMA}/EventCancelled",
    EventStatus.POSTPONED: f"{SCHEMA}/EventPostponed",
    EventStatus.RESCHEDULED: f"{SCHEMA}/EventRescheduled",
    EventStatus.MOVED_ONLINE: f"{SCHEMA}/EventMovedOnline",
}


def script(listing: Listing, url: str, image: str) -> Markup:
    """The event as JSON that may stand inside a `<script>` element."""
    text = orjson.dumps(event(listing, url, image)).decode()
    # « </script> » in a title would end the element; JSON has another way of writing it
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704 (escaped)


def event(listing: Listing, url: str, image: str) -> dict[str, Any]:
    """A schema.org Event; several openings become its `subEvent`s."""
    told = listing.event
    mode = "Mixed" if listing.is_hybrid else "Online" if listing.is_online else "Offline"
    said: dict[str, Any] = {
        "@context": SCHEMA,
        "@type": "Event",
        "@id": url,
        "url": url,
        "name": told.title,
        "description": told.description,
        "image": image,
        "inLanguage": "fr",
        "startDate": listing.starts_at.isoformat(),
        "endDate": listing.ends_at.isoformat(),
        "eventStatus": STATUSES[listing.status],
        "eventAttendanceMode": f"{SCHEMA}/{mode}EventAttendanceMode",
        "isAccessibleForFree": told.is_free,
        "organizer": {"@type": "Organization", "name": told.organisation},
        "location": _where(listing, url),
    }
    if told.is_free:
        said["offers"] = {"@type": "Offer", "price": 0, "priceCurrency": "EUR", "url": listing.website or url}
        said["offers"] |= _availability(listing.slots)
    if told.capacity and len(listing.slots) == 1:  # of one opening, not of all together
        said["maximumAttendeeCapacity"] = told.capacity
    if len(listing.slots) > 1:
        said["subEvent"] = [_opening(said, slot) for slot in listing.slots]
    return said


def _opening(whole: dict[str, Any], slot: Slot) -> dict[str, Any]:
    """One opening: an Event in its own right, which must say all that its readers ask of one."""
    own: dict[str, Any] = {"startDate": slot.starts_at.isoformat(), "endDate": slot.ends_at.isoformat()}
    if slot.status == SlotStatus.CANCELLED:
        own["eventStatus"] = STATUSES[EventStatus.CANCELLED]
    if "offers" in whole:
        own["offers"] = whole["offers"] | _availability([slot])
    return {name: whole[name] for name in _OF_EACH if name in whole} | own


def _availability(slots: Iterable[Slot]) -> dict[str, str]:
    is_full = {slot.status for slot in slots} == {SlotStatus.FULL}
    return {"availability": f"{SCHEMA}/SoldOut"} if is_full else {}


_OF_EACH = (
    "@type",
    "url",
    "name",
    "description",
    "image",
    "eventStatus",
    "eventAttendanceMode",
    "isAccessibleForFree",
    "location",
    "organizer",
    "offers",
)


def _where(listing: Listing, url: str) -> dict[str, Any] | list[dict[str, Any]]:
    online = {"@type": "VirtualLocation", "url": listing.online_url or url}
    if listing.venue is None:
        return online
    place = _place(listing, listing.venue)
    return [place, online] if listing.is_hybrid else place


def _place(listing: Listing, venue: Venue) -> dict[str, Any]:
    location = listing.location
    address = {"streetAddress": venue.address.street, "postalCode": venue.address.postcode}
    address |= {"addressLocality": listing.city, "addressRegion": listing.region_name, "addressCountry": "FR"}
    known = {name: value for name, value in address.items() if value}
    place: dict[str, Any] = {"@type": "Place", "name": venue.name or listing.city}
    place["address"] = {"@type": "PostalAddress", **known}
    if location and listing.is_precise:
        place["geo"] = {"@type": "GeoCoordinates", "latitude": location.latitude, "longitude": location.longitude}
    return place
