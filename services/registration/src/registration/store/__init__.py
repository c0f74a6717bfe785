"""Registration's tables and the few questions asked of them."""

from .account import Account, account_by_email, account_by_id, confirm_account, grant_role, open_account
from .erasure import (
    forget_account,
    forget_confirmations,
    is_mailed,
    lock_account,
    lock_long_unconfirmed,
    lock_submitted_events,
)
from .event import (
    StoredEvent,
    add_step,
    count_own_events,
    counts,
    mark_submitted,
    mark_withdrawn,
    own_event,
    own_events,
    save_draft,
    steps,
)
from .tables import accounts, events, metadata, timeline

__all__ = [
    "Account",
    "StoredEvent",
    "account_by_email",
    "account_by_id",
    "accounts",
    "add_step",
    "confirm_account",
    "count_own_events",
    "counts",
    "events",
    "forget_account",
    "forget_confirmations",
    "grant_role",
    "is_mailed",
    "lock_account",
    "lock_long_unconfirmed",
    "lock_submitted_events",
    "mark_submitted",
    "mark_withdrawn",
    "metadata",
    "open_account",
    "own_event",
    "own_events",
    "save_draft",
    "steps",
    "timeline",
]
