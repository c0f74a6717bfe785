"""Where a reader of the changes stands. To the reader it is a text without a meaning, to be handed back as it is."""

from __future__ import annotations

import base64
import struct
from typing import NamedTuple, Self
from uuid import UUID

_SHAPE = struct.Struct(">B16sQQ")
_VERSION = 1


class NoCursor(ValueError):
    """The text is no cursor of ours."""


class Cursor(NamedTuple):
    """Behind the change of this number, in the changes of this journal. Who began at the beginning, when `began` was
    the newest, never saw what was taken off the map before: of that nothing is told."""

    journal: UUID
    number: int
    began: int = 0

    @classmethod
    def beginning(cls, journal: UUID, newest: int) -> Self:
        return cls(journal, 0, newest)

    def behind(self, number: int) -> Cursor:
        """The place of a reader who has read on up to this number."""
        return self._replace(number=number, began=self.began if number < self.began else 0)

    def __str__(self) -> str:
        packed = _SHAPE.pack(_VERSION, self.journal.bytes, self.number, self.began)
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises NoCursor."""
        try:
            packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            version, journal, number, began = _SHAPE.unpack(packed)
        except (ValueError, struct.error):
            raise NoCursor from None
        if version != _VERSION or number >= 2**63 or began >= 2**63:
            raise NoCursor
        return cls(UUID(bytes=journal), number, began)
