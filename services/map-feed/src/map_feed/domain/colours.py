"""An edition's colours made readable: text must stand out from its ground by 4.5 to 1 (WCAG 2.1, 1.4.3)."""

from __future__ import annotations

from backbone.edition import Colours

READABLE = 4.5
WHITE = "#ffffff"


def palette(colours: Colours) -> dict[str, str]:
    """The page's colours, by name, all made from the edition's three."""
    ink, accent, paper = colours.ink, colours.accent, colours.paper
    tint = mix(ink, paper, 0.93)  # the darkest ground that text stands on: what is read there is read on paper too
    return {
        "ink": ink,
        "accent": accent,
        "paper": paper,
        "accent-text": readable(accent, tint, ink),
        "accent-on-ink": readable(accent, ink, WHITE),
        "ink-soft": readable(mix(ink, paper, 0.32), tint, ink),
        "paper-on-ink": mix(paper, ink, 0.16),
        "line": mix(ink, paper, 0.84),
        "tint": tint,
        "sea": mix(ink, WHITE, 0.86),
        "border": mix(ink, WHITE, 0.72),
    }


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))


def _luminance(colour: str) -> float:
    linear = [
        c / 12.92 if (c := value / 255) <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for value in _channels(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """`one` with that share of `other` in it."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def readable(colour: str, ground: str, towards: str) -> str:
    """The colour, led towards another no further than it must to be read on the ground."""
    shades = (mix(colour, towards, step / 20) for step in range(21))
    return next((shade for shade in shades if contrast(shade, ground) >= READABLE), towards)
