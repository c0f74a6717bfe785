"""An event as search engines read it (schema.org)."""

from __future__ import annotations

from typing import Any

import orjson
from markupsafe import Markup

from .domain.listing import Listing

SCHEMA = "https://schema.org"


def script(listing: Listing, url: str) -> Markup:
    """The event as JSON that may stand inside a `<script>` element."""
    text = orjson.dumps(event(listing, url)).decode()
    # « </script> » in a title would end the element; JSON has another way of writing it
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704 (escaped)


def event(listing: Listing, url: str) -> dict[str, Any]:
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
        said["offers"] = {"@type": "Offer", "price": 0, "priceCurrency": "EUR", "url": url}
    if len(told.slots) > 1:
        said["subEvent"] = [_opening(listing, place) for place in range(len(told.slots))]
    return said


def _opening(listing: Listing, place: int) -> dict[str, Any]:
    slot = listing.event.slots[place]
    times = {"startDate": slot.starts_at.isoformat(), "endDate": slot.ends_at.isoformat()}
    return {"@type": "Event", "name": listing.event.title, **times}


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
