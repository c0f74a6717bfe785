"""Long lists, page by page: how many there are, and a cursor that says where the next page begins.

A cursor holds the place of the last item, not a number of items: what is added or taken away meanwhile neither
repeats an item nor skips one.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Generic, NamedTuple, TypeVar
from uuid import UUID

from fastapi import Query
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=200)]

WRONG_CURSOR = "Reprenez tel quel le « next » de la page d’avant."


class Page(BaseModel, Generic[T]):
    """A part of a list. `next` is None on the last page."""

    items: list[T]
    total: int
    next: str | None = None


class Place(NamedTuple):
    """Where an item stands in a list that is ordered by a time, then by id."""

    at: datetime
    id: UUID

    def as_cursor(self) -> str:
        text = json.dumps([self.at.isoformat(), str(self.id)])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(cursor: str | None) -> Place | None:
    """Where a cursor points; None for the beginning. Raises RequestValidationError for what is none of ours."""
    if cursor is None:
        return None
    try:
        at, item_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        place = Place(datetime.fromisoformat(at), UUID(item_id))
        if place.at.tzinfo is None:
            raise ValueError("no time zone")
    except (ValueError, TypeError, AttributeError):
        wrong = {"type": "value_error", "loc": ("query", "cursor"), "ctx": {"error": WRONG_CURSOR}}
        raise RequestValidationError([wrong]) from None
    return place


def page_of(found: Sequence[tuple[Place, T]], limit: int, total: int) -> Page[T]:
    """A page of what was found, of which one more than `limit` was looked for."""
    shown = found[:limit]
    more = shown[-1][0].as_cursor() if len(found) > limit else None
    return Page(items=[item for _, item in shown], total=total, next=more)
