"""Colours as people see them: text must stand out from its ground by 4.5 to 1 (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

TEXT_CONTRAST = 4.5
WHITE = "#ffffff"
_STEPS = 50


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two `#rrggbb` colours: from 1 (the same) to 21 (black on white)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """`one` with `share` (0 to 1) of `other` in it."""
    blend = (round(a + (b - a) * share) for a, b in zip(_channels(one), _channels(other), strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in blend)


def readable(colour: str, *, on: str, towards: str, least: float = TEXT_CONTRAST) -> str:
    """`colour`, led towards another no further than it must for text in it to be read `on` a ground."""
    shades = (mix(colour, towards, step / _STEPS) for step in range(_STEPS + 1))
    return next((shade for shade in shades if contrast(shade, on) >= least), towards)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
