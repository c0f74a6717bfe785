"""The tables and the few questions asked of them."""

from .erasure import (
    KIT,
    NOTICE,
    erase_organiser,
    has_open_mails,
    hold_organiser,
    hurry_mails,
    mails_of,
    strip_mails,
)
from .events import EVENTS, ORGANISERS
from .orders import (
    KitOnShow,
    KitOrder,
    NoticeOrder,
    Order,
    counts,
    forget_past_of_canary,
    is_of_erased,
    kit_on_show,
    kit_order,
    move_state,
    notice_order,
    try_again,
)
from .tables import kits, metadata, notices, organisers

__all__ = [
    "EVENTS",
    "KIT",
    "NOTICE",
    "ORGANISERS",
    "KitOnShow",
    "KitOrder",
    "NoticeOrder",
    "Order",
    "counts",
    "erase_organiser",
    "forget_past_of_canary",
    "has_open_mails",
    "hold_organiser",
    "hurry_mails",
    "is_of_erased",
    "kit_on_show",
    "kit_order",
    "kits",
    "mails_of",
    "metadata",
    "move_state",
    "notice_order",
    "notices",
    "organisers",
    "strip_mails",
    "try_again",
]
