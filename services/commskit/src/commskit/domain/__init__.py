"""The words and rules of a kit: pure, in French, and free of any renderer."""

from .dates import Opening, group_slots, name_days, name_zone
from .look import Look
from .pieces import PIECES, Kit, name_zip
from .text import clean, first_sentences, tidy, tidy_line, typeset
from .words import (
    name_admission,
    name_audiences,
    name_door,
    name_kind,
    name_place,
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
    "name_admission",
    "name_audiences",
    "name_days",
    "name_door",
    "name_kind",
    "name_place",
    "name_zip",
    "name_zone",
    "ordinal_ending",
    "show_url",
    "tidy",
    "tidy_line",
    "typeset",
]
