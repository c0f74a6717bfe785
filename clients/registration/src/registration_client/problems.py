"""How registration refuses (RFC 9457), as exceptions; each says in French what happened, and what to do.

Refused
├── NotSignedIn     401  no token, or one that has ended
├── NotAllowed      403
├── NotFound        404  or not to be seen by who asks
├── Conflict        409  not as things stand; `problem.type` says why, `more` what belongs to it
├── Gone            410  a link that has served, or has expired
├── Changed         412  somebody has changed it since; 428: say which version was read
├── Unacceptable    422  `fields` says what is wrong with each
├── TooMany         429  `retry_after` says when to come back
└── Away            502, 503, 504: come back
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import ValidationError

from .models import Problem


class Refused(Exception):
    """What was asked was not done. `more`: what the problem says besides what all problems say."""

    def __init__(self, problem: Problem, more: Mapping[str, Any], retry_after: float | None = None) -> None:
        super().__init__(problem, more, retry_after)
        self.problem, self.more, self.retry_after = problem, more, retry_after

    @property
    def fields(self) -> dict[str, str]:
        """What to do, by the field that is wrong."""
        return {error.field: error.message for error in self.problem.errors or ()}

    def __str__(self) -> str:
        wrong = "".join(f" {field}: {message}" for field, message in self.fields.items())
        return f"{self.problem.status} {self.problem.title}: {self.problem.detail}{wrong}"


class NotSignedIn(Refused): ...


class NotAllowed(Refused): ...


class NotFound(Refused): ...


class Conflict(Refused): ...


class Gone(Refused): ...


class Changed(Refused): ...


class Unacceptable(Refused): ...


class TooMany(Refused): ...


class Away(Refused): ...


_KINDS: Mapping[int, type[Refused]] = {
    401: NotSignedIn,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    410: Gone,
    412: Changed,
    422: Unacceptable,
    428: Changed,
    429: TooMany,
    502: Away,
    503: Away,
    504: Away,
}


def refusal_of(answer: httpx.Response) -> Refused:
    """The exception for an answer that is an error."""
    try:
        problem = Problem.model_validate_json(answer.content)
        more = {name: value for name, value in answer.json().items() if name not in Problem.model_fields}
    except ValidationError:  # something in between has answered, which knows no problems
        asked = f"{answer.request.method} {answer.request.url.path}"
        problem = Problem(type="about:blank", title=answer.reason_phrase, status=answer.status_code, detail=asked)
        more = {}
    wait = answer.headers.get("Retry-After", "")
    return _KINDS.get(answer.status_code, Refused)(problem, more, float(wait) if wait.isdecimal() else None)
