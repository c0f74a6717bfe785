"""The tables and the few questions asked of them."""

from .erasure import KIT, erase_organiser, has_open_kits, hold_organiser, hurry_kits, kits_of, strip_kits
from .events import EVENTS, ORGANISERS
from .orders import KitOrder, counts, is_of_erased, kit_order, move_state, try_again
from .tables import kits, metadata, organisers

__all__ = [
    "EVENTS",
    "KIT",
    "ORGANISERS",
    "KitOrder",
    "counts",
    "erase_organiser",
    "has_open_kits",
    "hold_organiser",
    "hurry_kits",
    "is_of_erased",
    "kit_order",
    "kits",
    "kits_of",
    "metadata",
    "move_state",
    "organisers",
    "strip_kits",
    "try_again",
]
