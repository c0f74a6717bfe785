"""The colours of a page, made from those of the edition."""

from __future__ import annotations

from .edition import Colours
from .palette import WHITE, mix, readable


def palette(colours: Colours) -> dict[str, str]:
    """The page's colours, by name, all made from the edition's three."""
    ink, accent, paper = colours.ink, colours.accent, colours.paper
    tint = mix(ink, paper, 0.93)  # the darkest ground that text stands on: what is read there is read on paper too
    return {
        "ink": ink,
        "accent": accent,
        "paper": paper,
        "accent-text": readable(accent, on=tint, towards=ink),
        "accent-on-ink": readable(accent, on=ink, towards=WHITE),
        "ink-soft": readable(mix(ink, paper, 0.32), on=tint, towards=ink),
        "paper-on-ink": mix(paper, ink, 0.16),
        "line": mix(ink, paper, 0.84),
        "tint": tint,
        "sea": mix(ink, WHITE, 0.86),
        "border": mix(ink, WHITE, 0.72),
    }
