"""What labelling's handlers and routes are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.campaign.clock import Clock
from backbone.campaign.edition import Editions, ReviewRules
from backbone.http.access import KeySource
from backbone.postgres.switches import Switches


@dataclass(frozen=True)
class Desk:
    """The collaborators of everything that labelling does; `app.state.desk` holds it for the routes."""

    engine: AsyncEngine
    clock: Clock
    editions: Editions
    keys: KeySource
    switches: Switches
    sign_in_url: str = "/connexion"
    map_url: str = "http://127.0.0.1:8000"
    claim: timedelta = timedelta(minutes=15)
    """How long a reviewer keeps an event to themselves."""
    away: timedelta = timedelta(days=14)
    """A region falls to the national desk if none of its reviewers has been here for so long."""

    def review_rules(self, edition: str) -> ReviewRules:
        """How people decide in an edition; of one that nobody here knows, what holds where none says otherwise."""
        known = self.editions.get(edition)
        return known.review if known else ReviewRules()
