"""What is wrong with a cell, as whoever filled it in reads it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

MOST_SHOWN = 120
"""Characters of a cell that are repeated to whoever wrote them."""


class Unreadable(ValueError):
    """What was read is not what is wanted there; its words say what is, in French."""


class CellFault(BaseModel):
    """A fault: in the column (counted from 0) under `heading`; None: of the row as a whole. `read`: what stands there;
    `message`: what is wanted instead, in French."""

    model_config = ConfigDict(frozen=True)

    column: int | None = None
    heading: str | None = None
    read: Annotated[str, StringConstraints(max_length=MOST_SHOWN)] = ""
    message: str


def shown(text: str) -> str:
    """A cell as it is repeated: in one line, and not a long one."""
    line = " ".join(text.split())
    return line if len(line) <= MOST_SHOWN else f"{line[: MOST_SHOWN - 1]}…"
