"""What an operator may close for a while, and what people are told then."""

from __future__ import annotations

from backbone.http.closing import Closing, changes_something
from backbone.postgres.switches import READ_ONLY

_KEEPS_NOTHING = ("/v1/assessments",)


def _decides(method: str, path: str) -> bool:
    return changes_something(method) and path not in _KEEPS_NOTHING


CLOSINGS = (
    Closing(
        READ_ONLY,
        _decides,
        "Les décisions et les demandes sont suspendues un moment. Rien n’est perdu, et tout se lit.",
    ),
)
