"""What a client takes, and what it has already, as its headers say (RFC 9110)."""

from __future__ import annotations

from collections.abc import Iterable


def takes_gzip(accept_encoding: Iterable[str]) -> bool:
    """Whether the body is best sent compressed: where that is not refused, and not liked less than the plain one.

    Without a word a client takes the plain one; « gzip;q=0 » refuses, « * » means all that is not named.
    """
    liked = dict(_weighed(coding) for line in accept_encoding for coding in line.split(",") if coding.strip())
    everything_else = liked.get("*", 0.0)
    gzip = max(liked.get("gzip", everything_else), liked.get("x-gzip", 0.0))
    return gzip > 0 and gzip >= liked.get("identity", 0.0)


def _weighed(coding: str) -> tuple[str, float]:
    """« gzip;q=0.5 » → ("gzip", 0.5); a weight that is none counts as a refusal."""
    name, *parameters = (part.strip().lower() for part in coding.split(";"))
    weight = next(
        (value.strip() for key, _, value in (p.partition("=") for p in parameters) if key.strip() == "q"), "1"
    )
    try:
        return name, min(1.0, max(0.0, float(weight)))
    except ValueError:
        return name, 0.0


def has_it(if_none_match: str, etag: str) -> bool:
    """Whether one of the fingerprints that a client has is this one; a weak and a strong one are the same here."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags
