"""Doors that an operator closes for a while (`backbone.postgres.switches`): what they refuse says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from ..campaign.typography import in_french
from ..postgres.switches import Switches
from .problem_kinds import Kind
from .problems import problem

SUSPENDED = Kind(
    503,
    "suspendu-un-moment",
    "Suspendu un moment",
    "L’équipe de la Semaine de l’industrie a fermé cette action un moment. Ce qui est enregistré le reste, et se lit.",
    "Renvoyez la même demande plus tard : l’en-tête Retry-After dit quand réessayer.",
)
RETRY_SECONDS = 300


@dataclass(frozen=True)
class Closing:
    """What a switch closes: requests of these methods and paths, and the sentence, in French, that stands in the
    answer and at the top of the pages meanwhile."""

    switch: str
    closes: Callable[[str, str], bool]
    sentence: str


def changes_something(method: str) -> bool:
    """Whether a request of this method asks for more than to be told."""
    return method not in ("GET", "HEAD", "OPTIONS")


class Closed:
    """Refuses what the switches that are on close (503, Retry-After). Nothing of such a request was done."""

    def __init__(self, app: ASGIApp, *, switches: Switches, closings: Sequence[Closing]) -> None:
        self._app, self._switches, self._closings = app, switches, closings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sentence = self._refusal(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if sentence is None:
            return await self._app(scope, receive, send)
        refused = problem(503, sentence, kind=SUSPENDED, headers={"Retry-After": str(RETRY_SECONDS)})
        return await refused(scope, receive, send)

    def _refusal(self, method: str, path: str) -> str | None:
        closed = (one for one in self._closings if one.switch in self._switches.on and one.closes(method, path))
        return next((_said(one, self._switches) for one in closed), None)


def banners(switches: Switches, closings: Sequence[Closing]) -> list[str]:
    """What is to be said at the top of a page now."""
    return [_said(one, switches) for one in closings if one.switch in switches.on]


def _said(closing: Closing, switches: Switches) -> str:
    turned = switches.on.get(closing.switch)
    return in_french(" ".join(filter(None, (closing.sentence, turned.note if turned else ""))))
