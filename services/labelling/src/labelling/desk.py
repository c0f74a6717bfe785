"""What labelling's handlers and routes are given."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.campaign.clock import Clock
from backbone.campaign.edition import Editions
from backbone.http.access import KeySource


@dataclass(frozen=True)
class Desk:
    """The collaborators of everything that labelling does; `app.state.desk` holds it for the routes."""

    engine: AsyncEngine
    clock: Clock
    editions: Editions
    keys: KeySource
