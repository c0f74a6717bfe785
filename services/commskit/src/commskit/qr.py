"""The QR code that leads from paper to the event's page."""

from __future__ import annotations

from io import BytesIO

import segno

QUIET_ZONE = 4  # modules, as the standard asks; the code prints on a white plate of its own
DARK, LIGHT = "#000000", "#ffffff"
_PNG_SCALE = 20


class QrCode:
    """One code, drawn as often as needed."""

    def __init__(self, url: str) -> None:
        """Level M: a poster is rained on and folded. No boost: it would make the modules smaller."""
        self._code = segno.make(url, error="m", micro=False, boost_error=False)

    def svg(self) -> bytes:
        """For print: dark on white, scales with its box."""
        out = BytesIO()
        self._code.save(out, "svg", border=QUIET_ZONE, dark=DARK, light=LIGHT, xmldecl=False, omitsize=True, nl=False)
        return out.getvalue()

    def png(self) -> bytes:
        """For screens and word processors."""
        out = BytesIO()
        self._code.save(out, "png", border=QUIET_ZONE, dark=DARK, light=LIGHT, scale=_PNG_SCALE)
        return out.getvalue()
