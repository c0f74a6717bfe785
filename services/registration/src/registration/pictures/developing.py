"""A picture, decoded and made anew: upright, in the colours of screens, without a word of what its file told beside it.

Where it was taken, when, by whom and with what stays in the file that came (EXIF, XMP, IPTC, comments): of that nothing
is carried over. What the head of the file says is believed only to refuse; decoding is bounded by the process.
"""

from __future__ import annotations

import io
import warnings
from typing import NamedTuple

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from .bounds import (
    BROKEN,
    FORMATS,
    LARGE,
    LEAST_SIDE,
    MOST_PIXELS,
    MOST_RATIO,
    MOVES,
    NO_PICTURE,
    SMALL,
    TOO_LARGE,
    TOO_LONG,
    TOO_SMALL,
    PictureRefused,
)

QUALITY = 82


class Print(NamedTuple):
    """A picture in one size, as a JPEG."""

    width: int
    height: int
    jpeg: bytes


def develop(given: bytes) -> list[Print]:
    """The picture in its two sizes, the large one first. Raises PictureRefused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is odd in the file, and read all the same
            return _developed(given)
    except PictureRefused:
        raise
    except Image.DecompressionBombError:
        raise PictureRefused(TOO_LARGE) from None
    except UnidentifiedImageError:
        raise PictureRefused(NO_PICTURE) from None
    except Exception as error:  # whatever a file makes the decoders raise: struct.error, SyntaxError, MemoryError …
        raise PictureRefused(BROKEN) from error


def _developed(given: bytes) -> list[Print]:
    with Image.open(io.BytesIO(given), formats=FORMATS) as picture:
        _check(picture)
        # a JPEG is decoded in an eighth, a quarter or half of its size where that is enough
        picture.draft(None, (2 * LARGE, 2 * LARGE))
        picture.load()
        upright = ImageOps.exif_transpose(_on_screen(picture))
    large = _within(upright, LARGE)
    return [_printed(large), _printed(_within(large, SMALL))]


def _check(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise PictureRefused(TOO_LARGE)
    if getattr(picture, "n_frames", 1) > 1:
        raise PictureRefused(MOVES)
    if min(width, height) < LEAST_SIDE:
        raise PictureRefused(TOO_SMALL)
    if max(width, height) > MOST_RATIO * min(width, height):
        raise PictureRefused(TOO_LONG)


def _on_screen(picture: Image.Image) -> Image.Image:
    """The picture in sRGB, what is transparent on white; its turn, which EXIF says, still to be made."""
    exif = picture.getexif()
    plain = _in_srgb(_without_depth(picture))
    if plain.mode in ("RGBA", "LA", "PA") or "transparency" in plain.info:
        layer = plain.convert("RGBA")
        plain = Image.new("RGB", layer.size, "white")
        plain.paste(layer, mask=layer.getchannel("A"))
    plain = plain.convert("RGB")
    plain.info = {}
    turned = Image.Exif()
    if (orientation := exif.get(_ORIENTATION)) is not None:
        turned[_ORIENTATION] = orientation
    plain.info["exif"] = turned.tobytes()
    return plain


_ORIENTATION = 0x0112


def _without_depth(picture: Image.Image) -> Image.Image:
    """Of sixteen bits a channel, the eight that are seen: Pillow would cut off all that is light."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    return picture.convert("L") if picture.mode in ("1", "F") else picture


def _in_srgb(picture: Image.Image) -> Image.Image:
    """By the profile that it brings; one that cannot be read, or is of other colours, is passed over."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        done = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return done or picture


def _within(picture: Image.Image, side: int) -> Image.Image:
    smaller = picture.copy()
    smaller.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return smaller


def _printed(picture: Image.Image) -> Print:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, progressive=True, optimize=True, exif=b"")
    return Print(*picture.size, out.getvalue())
