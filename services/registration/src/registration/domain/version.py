"""Which version of an event somebody has read: of what is written and submitted of it, not of what others decide."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any


def version_of(draft: Mapping[str, Any] | None, revision: int) -> str:
    """In a few letters, another one for each change that an organiser makes."""
    told = json.dumps([draft, revision], sort_keys=True, ensure_ascii=False)
    return sha256(told.encode()).hexdigest()[:16]


def is_among(version: str, said: str) -> bool:
    """Whether a version is one of those that an `If-Match` names: `"a", "b"`, or `*` for any."""
    named = [one.strip() for one in said.split(",")]
    return "*" in named or f'"{version}"' in named
