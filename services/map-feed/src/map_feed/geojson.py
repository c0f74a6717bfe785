"""Events as GeoJSON (RFC 7946), one feature at a time, so that a collection is a join of bytes."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from backbone.campaign.edition import Edition

from .domain.listing import Listing

MEDIA_TYPE = "application/geo+json"
LICENCE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"


def feature(listing: Listing, public_url: str) -> bytes:
    """One event; its geometry is null when it is online or its place is not known."""
    event, location = listing.event, listing.location
    point = {"type": "Point", "coordinates": [location.longitude, location.latitude]} if location else None
    properties = {
        "id": listing.id,
        "title": event.title,
        "organisation": event.organisation,
        "kind": event.kind,
        "audiences": event.audiences,
        "starts_at": listing.starts_at.isoformat(),
        "ends_at": listing.ends_at.isoformat(),
        "city": listing.city,
        "postcode": listing.postcode,
        "department": listing.department,
        "region": listing.region,
        "precision": location.precision if location else None,
        "online": listing.venue is None,
        "attendance": _attendance(listing),
        "status": listing.status,
        "edition": event.edition,
        "url": f"{public_url}/evenements/{listing.id}",
    }
    if picture := event.picture:  # with what must be shown beside it
        properties["picture"] = picture.model_dump(exclude={"id"})
    return orjson.dumps({"type": "Feature", "id": listing.id, "geometry": point, "properties": properties})


def _attendance(listing: Listing) -> str:
    if listing.is_hybrid:
        return "mixed"
    return "online" if listing.is_online else "on_site"


def collection(features: Iterable[bytes], edition: Edition) -> bytes:
    """The features as one FeatureCollection that says whose data it is and under which licence."""
    said = {
        "type": "FeatureCollection",
        "title": f"La Semaine de l’industrie {edition.name} : événements labellisés",
        "licence": f"Licence Ouverte 2.0 ({LICENCE})",
        "attribution": f"La Semaine de l’industrie {edition.name} ; positions : BAN, IGN, © GeoNames (CC BY 4.0)",
    }
    return orjson.dumps(said)[:-1] + b',"features":[' + b",\n".join(features) + b"]}\n"
