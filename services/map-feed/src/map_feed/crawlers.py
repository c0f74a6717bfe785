"""What search engines ask for first: what they may read, and where every page is (sitemaps.org)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from .posted import Notice

MOST = 10_000  # addresses in one file; 50,000 and 50 MB are allowed
MEDIA_TYPE = "application/xml"
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def robots(public_url: str) -> bytes:
    """All may be read."""
    return f"User-agent: *\nDisallow:\n\nSitemap: {public_url}/sitemap.xml\n".encode()


def index(public_url: str, notices: Sequence[Notice]) -> bytes:
    """The sitemaps: one of the pages that stay, and as many as it takes for the events."""
    entries: list[tuple[str, datetime | None]] = [(f"{public_url}/sitemap-pages.xml", None)]
    for number, part in enumerate(parts(notices), start=1):
        newest = max((notice.labelled_at for notice in part if notice.labelled_at), default=None)
        entries.append((f"{public_url}/sitemap-evenements-{number}.xml", newest))
    return _xml("sitemapindex", "sitemap", entries)


def pages(public_url: str, paths: Iterable[str]) -> bytes:
    """The pages that stay."""
    return _xml("urlset", "url", [(f"{public_url}{path}", None) for path in paths])


def events(public_url: str, part: Iterable[Notice]) -> bytes:
    """The pages of these events, with the day on which what they say was labelled."""
    return _xml("urlset", "url", [(f"{public_url}/evenements/{it.listing.id}", it.labelled_at) for it in part])


def parts(notices: Sequence[Notice]) -> Iterator[Sequence[Notice]]:
    """The events in the order of their ids, so that a new one moves few others to another file."""
    by_id = sorted(notices, key=lambda notice: notice.listing.id)
    return (by_id[first : first + MOST] for first in range(0, len(by_id), MOST))


def _xml(root: str, each: str, entries: Iterable[tuple[str, datetime | None]]) -> bytes:
    lines = [f"<{root} {_SPACE}>"]
    for address, at in entries:
        changed = f"<lastmod>{at.isoformat(timespec='seconds')}</lastmod>" if at else ""
        lines.append(f"<{each}><loc>{escape(address)}</loc>{changed}</{each}>")
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *lines, f"</{root}>", ""]).encode()
