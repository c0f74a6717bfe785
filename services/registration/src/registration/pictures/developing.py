"""A picture, decoded and made anew: upright, in the colours of screens, without a word of what its file told beside it.

Where it was taken, when, by whom and with what stays in the file that came (EXIF, XMP, IPTC, comments): of that nothing
is carried over. What the head of the file says is believed only to refuse; decoding is bounded by the process.
"""

from __future__ import annotations

import io
import warnings
from typing import NamedTuple

from PIL import Image, ImageCms, ImageFile, UnidentifiedImageError

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
    TOO_MUCH,
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
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint has it otherwise wherever it is imported
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is odd in the file, and read all the same
            return _developed(given)
    except PictureRefused:
        raise
    except Image.DecompressionBombError:
        raise PictureRefused(TOO_LARGE) from None
    except MemoryError:  # the decoder of WebP keeps several copies
        raise PictureRefused(TOO_MUCH) from None
    except UnidentifiedImageError:
        raise PictureRefused(NO_PICTURE) from None
    except Exception as error:  # whatever a file makes the decoders raise: struct.error, SyntaxError, ValueError …
        raise PictureRefused(BROKEN) from error


def _developed(given: bytes) -> list[Print]:
    with Image.open(io.BytesIO(given), formats=FORMATS) as picture:
        _check(picture)
        # a JPEG is decoded in an eighth, a quarter or half of its size where that is enough
        picture.draft(None, (2 * LARGE, 2 * LARGE))
        picture.load()
        exif = picture.getexif().get(_ORIENTATION)
        # small first: all that follows takes its memory again
        large = _upright(_on_screen(_within(_in_whole_colours(picture), LARGE)), exif)
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


def _in_whole_colours(picture: Image.Image) -> Image.Image:
    """What can be made smaller: no palette, and of sixteen bits a channel the eight that are seen (Pillow would cut off
    all that is light)."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode in ("P", "PA") or "transparency" in picture.info:
        return picture.convert("RGBA" if picture.mode == "PA" or "transparency" in picture.info else "RGB")
    return picture.convert("L") if picture.mode in ("1", "F") else picture


def _on_screen(picture: Image.Image) -> Image.Image:
    """The picture in sRGB, what is transparent on white."""
    plain = _in_srgb(picture)
    if plain.mode in ("RGBA", "LA"):
        layer = plain.convert("RGBA")
        plain = Image.new("RGB", layer.size, "white")
        plain.paste(layer, mask=layer.getchannel("A"))
    plain = plain.convert("RGB")
    plain.info = {}  # a comment, or whatever else a format carries over when it is written again
    return plain


def _upright(picture: Image.Image, orientation: object) -> Image.Image:
    return picture.transpose(_TURNS[orientation]) if orientation in _TURNS else picture


_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By what EXIF says of how the camera was held (CIPA DC-008, Orientation)."""


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
    share = side / max(picture.size)
    if share >= 1:
        return picture
    width, height = (max(1, round(length * share)) for length in picture.size)
    # an alpha is told of by Pillow, which weighs colours by it while it makes the picture smaller
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _printed(picture: Image.Image) -> Print:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, progressive=True, optimize=True, exif=b"")
    return Print(*picture.size, out.getvalue())
