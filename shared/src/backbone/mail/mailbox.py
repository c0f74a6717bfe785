"""What a mailbox's address is: asked at the door, and again before a mail leaves."""

from __future__ import annotations

import re
from email.utils import getaddresses
from typing import Annotated

from pydantic import AfterValidator

_ADDRESS = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_LONGEST = 254  # characters, RFC 5321


def is_address(text: str) -> bool:
    """Whether this is one bare address, in ASCII, that no reader of mails takes for anything else."""
    return len(text) <= _LONGEST and _ADDRESS.fullmatch(text) is not None and "=?" not in text


def a_sender(text: str) -> str:
    """The text itself: « Name <address> », or an address. Raises ValueError for what no mail may come from."""
    # of a name with accents some readers decode the header before they take it apart: its signs would be the header's
    plain = text if text.isascii() else text.replace('"', "")
    addresses = [address for _, address in getaddresses([plain])]
    if len(addresses) != 1 or not is_address(addresses[0]) or "=?" in text or not text.isprintable():
        raise ValueError("not one address, with or without a name; a name with a comma is quoted, and has no accents")
    return text


Sender = Annotated[str, AfterValidator(a_sender)]
