"""Pictures of events: read in a process of its own, which what they hold may bring down, and made anew."""

from .bounds import MEDIA_TYPES, MOST_BYTES, PictureRefused
from .studio import Developed, Studio

__all__ = ["MEDIA_TYPES", "MOST_BYTES", "Developed", "PictureRefused", "Studio"]
