"""The press of all that is printed, with this service's stylesheets and colours."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from weasyprint import CSS

from backbone.campaign.palette import WHITE, readable
from backbone.printing import press
from backbone.printing.press import FetchRefused

from .assets import templates
from .domain import Look

__all__ = ["LOOKS", "FetchRefused", "Press", "colours"]

LOOKS = 8  # of several editions at once: the one that runs, those before it, and those being replayed


class Press(press.Press):
    """Turns our templates into PDFs."""

    def sheet(self, name: str, values: Mapping[str, object], assets: Mapping[str, bytes] = MappingProxyType({})) -> CSS:
        """A stylesheet of ours, parsed once and used for many documents."""
        return self.css(templates().get_template(name).render(values), assets)


def colours(look: Look) -> dict[str, str]:
    """The edition's colours, and its accent where one can read it."""
    return {
        "ink": look.ink,
        "accent": look.accent,
        "paper": look.paper,
        "accent_on_white": readable(look.accent, on=WHITE, towards=look.ink),
        "accent_on_paper": readable(look.accent, on=look.paper, towards=look.ink),
        "accent_on_ink": readable(look.accent, on=look.ink, towards=look.paper),
    }
