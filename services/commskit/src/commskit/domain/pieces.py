"""What a kit is made of and what its files are called."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from backbone.contracts import KitPiece, PublicEvent

POSTER_A4 = "affiche-a4.pdf"
GUIDE = "guide.pdf"
QR_SVG = "qr.svg"
QR_PNG = "qr.png"
CALENDAR = "evenement.ics"
PIECES = (POSTER_A4, GUIDE, QR_SVG, QR_PNG, CALENDAR)

_MEDIA_TYPES = {"pdf": "application/pdf", "svg": "image/svg+xml", "png": "image/png", "ics": "text/calendar"}
_SLUG_LENGTH = 60
_NOT_DECOMPOSED = str.maketrans({"œ": "oe", "æ": "ae", "’": "-"})


@dataclass(frozen=True)
class Kit:
    """A finished kit: what goes into the mail and behind the download link."""

    filename: str
    pieces: tuple[KitPiece, ...]
    content: bytes


def piece_of(name: str, content: bytes) -> KitPiece:
    """What is told of a file of the kit."""
    known = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return KitPiece(name=name, media_type=_MEDIA_TYPES[name.rpartition(".")[2]], **known)


def name_zip(event: PublicEvent) -> str:
    """`kit-semaine-industrie-visite-de-l-usine.zip`: plain letters, safe on any disk."""
    return f"kit-semaine-industrie-{_slug(event.title) or str(event.event_id)[:8]}.zip"


def _slug(text: str) -> str:
    text = text.lower().translate(_NOT_DECOMPOSED)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_SLUG_LENGTH].rstrip("-")
