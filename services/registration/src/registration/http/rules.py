"""Who is let in at a door: each route says it here, and a test asks every route as everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..domain.api_key import SCOPES, Scope
from ..domain.rights import Act, Deed, Door

Rule = Act | Deed | Door
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def rule(said: Rule, scope: Scope | None = None) -> Callable[[Endpoint], Endpoint]:
    """Says what the route is for: the act or deed that its handler asks for (`handlers.events.event_for`,
    `handlers.organisations.member_for`), or who comes in. It lets nobody in and keeps nobody out by itself.

    By a key of an organisation it is open to programs with the `scope`, which follows from an act; else to none.
    """

    def mark(endpoint: Endpoint) -> Endpoint:
        endpoint.__dict__["rule"] = said
        endpoint.__dict__["scope"] = scope or (SCOPES.get(said) if isinstance(said, Act) else None)
        return endpoint

    return mark


def rule_of(endpoint: Callable[..., Any]) -> Rule | None:
    """What a route has said; None: nothing."""
    said: Rule | None = getattr(endpoint, "rule", None)
    return said


def scope_of(endpoint: Callable[..., Any]) -> Scope | None:
    """Which scope of a key opens the route; None: none does."""
    scope: Scope | None = getattr(endpoint, "scope", None)
    return scope
