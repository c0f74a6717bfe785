"""Who decides for a region, as far as accounts tell."""

from __future__ import annotations

from collections.abc import Collection

from backbone.campaign.geography import ONLINE, REVIEW_REGIONS

ORGANISER, REVIEWER, COORDINATOR, ADMINISTRATOR = "organiser", "reviewer", "coordinator", "administrator"
REVIEWS = (REVIEWER, ADMINISTRATOR)
"""Those who decide about the events of others."""


def may_review(role: str, regions: Collection[str], region: str) -> bool:
    """Whether somebody may be reminded of what waits in a region: its reviewers, the national desk where it has none,
    and administrators where there is nobody else."""
    return role == ADMINISTRATOR or (role == REVIEWER and (region in regions or ONLINE in regions))


def desk_name(region: str) -> str:
    """How the people of a region are called: « Auvergne-Rhône-Alpes », « équipe nationale »."""
    return "équipe nationale" if region == ONLINE else REVIEW_REGIONS.get(region, region)
