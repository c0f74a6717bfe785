"""The words and rules of a kit: pure, in French, and free of any renderer."""

from .dates import Opening, group_slots, is_open, name_days, name_zone
from .look import Look
from .pieces import PIECES, Kit, name_zip, piece_of
from .text import clean, first_sentences, tidy, tidy_line, typeset
from .words import (
    is_on_site,
    is_online,
    name_admission,
    name_audiences,
    name_door,
    name_kind,
    name_place,
    open_link,
    ordinal_ending,
    show_url,
)

__all__ = [
    "PIECES",
    "Kit",
    "Look",
    "Opening",
    "clean",
    "first_sentences",
    "group_slots",
    "is_on_site",
    "is_online",
    "is_open",
    "name_admission",
    "name_audiences",
    "name_days",
    "name_door",
    "name_kind",
    "name_place",
    "name_zip",
    "name_zone",
    "open_link",
    "ordinal_ending",
    "piece_of",
    "show_url",
    "tidy",
    "tidy_line",
    "typeset",
]
