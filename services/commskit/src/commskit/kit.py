"""The whole kit of one event: every piece made, all in one zip.

Imports the renderer: a service's own process goes through `render`, which calls this in another.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from backbone.contracts.event import PublicEvent

from .assets import FONTS
from .composition import compose
from .domain import Kit, Look, name_zip, piece_of, pieces
from .fit import face
from .guide import GuidePrinter
from .ics import Earlier, make_calendar
from .pdf import Press
from .poster import PosterPrinter
from .qr import QrCode

_NO_DATE = (1980, 1, 1, 0, 0, 0)  # a zip's first day: the same pieces always make the same bytes
_STORED = (".pdf", ".png")  # compressed already


class Studio:
    """All that one process keeps between two kits."""

    def __init__(self) -> None:
        press = Press()
        self._posters = PosterPrinter(press)
        self._guides = GuidePrinter(press)

    def prepare(self, look: Look) -> None:
        """Makes what all kits of an edition share, if it is not made yet: that is no single kit's time."""
        for name in FONTS:
            face(name)
        self._guides.print(look)
        self._posters.prepare(look)

    def make(self, event: PublicEvent, page_url: str, look: Look, stamp: datetime, earlier: Earlier = ()) -> Kit:
        """The kit of an event whose page is at `page_url`, dated `stamp`; `earlier` is for its calendar."""
        if not page_url.startswith(("https://", "http://")):
            raise ValueError("a poster leads to a web page")
        qr = QrCode(page_url)
        svg = qr.svg()
        files = {
            pieces.POSTER_A4: self._posters.print(compose(event, page_url), look, svg, stamp),
            pieces.GUIDE: self._guides.print(look),
            pieces.QR_SVG: svg,
            pieces.QR_PNG: qr.png(),
            pieces.CALENDAR: make_calendar(event, page_url, stamp, earlier),
        }
        told = tuple(piece_of(name, content) for name, content in files.items())
        return Kit(filename=name_zip(event), pieces=told, content=_zip(files))


@cache
def studio() -> Studio:
    """This process's studio, set up at the first call."""
    return Studio()


def prepare(look: Look) -> None:
    """Sets this process up for the kits of an edition."""
    studio().prepare(look)


def make_kit(event: PublicEvent, page_url: str, look: Look, stamp: datetime, earlier: Earlier = ()) -> Kit:
    """The kit of an event. The same event, address, look, stamp and earlier openings give the same bytes."""
    return studio().make(event, page_url, look, stamp, earlier)


def _zip(files: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        for name, content in files.items():
            entry = ZipInfo(name, _NO_DATE)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, ZIP_STORED if name.endswith(_STORED) else ZIP_DEFLATED)
    return out.getvalue()
