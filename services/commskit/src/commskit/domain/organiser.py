"""Whom to write to: personal data."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Organiser:
    """A person behind events; without an address, one of whom nothing is known (yet, or any more)."""

    id: UUID
    name: str | None = None
    email: str | None = None
    is_erased: bool = False
    """For ever: what is told of them afterwards is old, or a mistake."""
