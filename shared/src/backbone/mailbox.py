"""What a mailbox's address is: asked at the door, and again before a mail leaves."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_LONGEST = 254  # characters, RFC 5321


def is_address(text: str) -> bool:
    """Whether this is one bare address, in ASCII, that no reader of mails takes for anything else."""
    return len(text) <= _LONGEST and _ADDRESS.fullmatch(text) is not None and "=?" not in text
