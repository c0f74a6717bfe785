"""What a kit is made of and what its files are called."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from backbone.contracts.event import PublicEvent

POSTER_A4 = "affiche-a4.pdf"
GUIDE = "guide.pdf"
QR_SVG = "qr.svg"
QR_PNG = "qr.png"
CALENDAR = "evenement.ics"
PIECES = (POSTER_A4, GUIDE, QR_SVG, QR_PNG, CALENDAR)

_SLUG_LENGTH = 60
_NOT_DECOMPOSED = str.maketrans({"œ": "oe", "æ": "ae", "’": "-"})


@dataclass(frozen=True)
class Kit:
    """A finished kit: what goes into the mail and behind the download link."""

    filename: str
    pieces: tuple[str, ...]
    content: bytes


def name_zip(event: PublicEvent) -> str:
    """`kit-semaine-industrie-visite-de-l-usine.zip`: plain letters, safe on any disk."""
    return f"kit-semaine-industrie-{_slug(event.title) or str(event.event_id)[:8]}.zip"


def _slug(text: str) -> str:
    text = text.lower().translate(_NOT_DECOMPOSED)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_SLUG_LENGTH].rstrip("-")
