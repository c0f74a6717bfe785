"""An event as search engines read it (schema.org)."""

from __future__ import annotations

from typing import Any

import orjson
from markupsafe import Markup

from backbone.contracts import Slot

from .domain.listing import Listing

SCHEMA = "https://schema.org"


def script(listing: Listing, url: str, image: str) -> Markup:
    """The event as JSON that may stand inside a `<script>` element."""
    text = orjson.dumps(event(listing, url, image)).decode()
    # « </script> » in a title would end the element; JSON has another way of writing it
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704 (escaped)


def event(listing: Listing, url: str, image: str) -> dict[str, Any]:
    """A schema.org Event; several openings become its `subEvent`s."""
    told = listing.event
    mode = "Online" if listing.is_online else "Offline"
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
        "eventStatus": f"{SCHEMA}/EventScheduled",
        "eventAttendanceMode": f"{SCHEMA}/{mode}EventAttendanceMode",
        "isAccessibleForFree": told.is_free,
        "organizer": {"@type": "Organization", "name": told.organisation},
        "location": _place(listing, url),
    }
    if told.is_free:
        said["offers"] = {"@type": "Offer", "price": 0, "priceCurrency": "EUR", "url": listing.website or url}
    if len(listing.slots) > 1:
        said["subEvent"] = [_opening(said, slot) for slot in listing.slots]
    return said


def _opening(whole: dict[str, Any], slot: Slot) -> dict[str, Any]:
    """One opening: an Event in its own right, which must say all that its readers ask of one."""
    times = {"startDate": slot.starts_at.isoformat(), "endDate": slot.ends_at.isoformat()}
    return {name: whole[name] for name in _OF_EACH if name in whole} | times


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


def _place(listing: Listing, url: str) -> dict[str, Any]:
    venue, location = listing.event.venue, listing.location
    if venue is None:
        return {"@type": "VirtualLocation", "url": listing.online_url or url}
    address = {"streetAddress": venue.address.street, "postalCode": venue.address.postcode}
    address |= {"addressLocality": listing.city, "addressRegion": listing.region_name, "addressCountry": "FR"}
    known = {name: value for name, value in address.items() if value}
    place: dict[str, Any] = {"@type": "Place", "name": venue.name or listing.city}
    place["address"] = {"@type": "PostalAddress", **known}
    if location and listing.is_precise:
        place["geo"] = {"@type": "GeoCoordinates", "latitude": location.latitude, "longitude": location.longitude}
    return place
