"""What a visitor looks for: the filters of the list and of the map, as they stand in the address."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from backbone.geography import DEPARTMENTS, REGIONS

from .listing import Listing
from .words import fold


class Search(BaseModel):
    """The filters. Their names in an address are French; a filter left empty is none."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    text: str | None = Field(None, alias="q", max_length=100, description="Mots cherchés, tous présents")
    region: str | None = Field(None, max_length=3, description="Code INSEE de la région, par exemple 84")
    department: str | None = Field(None, alias="departement", max_length=3, description="Code INSEE, par exemple 69")
    kind: str | None = Field(None, alias="type", max_length=40, description="Type d’événement")
    audience: str | None = Field(None, alias="public", max_length=40, description="Public visé")
    day: date | None = Field(None, alias="jour", description="Jour local, par exemple 2026-11-17")
    place: Literal["sur-place", "en-ligne"] | None = Field(None, alias="lieu", description="Où l’on participe")

    @model_validator(mode="before")
    @classmethod
    def _tidy(cls, given: Any) -> Any:
        tidy = {name: value for name, value in given.items() if value not in ("", None)}
        department = DEPARTMENTS.get(tidy.get("departement", ""))
        if department and tidy.get("region") in REGIONS and department.region != tidy["region"]:
            # a visitor who chooses another region leaves the department of the old one behind
            del tidy["departement"]
        return tidy

    @field_validator("region")
    @classmethod
    def _region_exists(cls, code: str | None) -> str | None:
        if code not in {None, *REGIONS}:
            raise ValueError("Cette région n’existe pas ; indiquez son code INSEE, par exemple 84.")
        return code

    @field_validator("department")
    @classmethod
    def _department_exists(cls, code: str | None) -> str | None:
        if code not in {None, *DEPARTMENTS}:
            raise ValueError("Ce département n’existe pas ; indiquez son code INSEE, par exemple 69 ou 2A.")
        return code

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set, by their names in an address."""
        given = self.model_dump(mode="json", by_alias=True, exclude_none=True, include=set(Search.model_fields))
        return {name: str(value) for name, value in given.items()}

    def query(self, *, without: str | None = None, page: int = 1) -> str:
        """The part of an address behind the question mark."""
        pairs = {name: value for name, value in self.filters.items() if name != without}
        return urlencode(pairs | ({"page": str(page)} if page > 1 else {}))

    def only_filters(self) -> Search:
        """The filters alone: what the map and the list have in common."""
        return Search.model_validate(self.filters)

    def finds(self, listing: Listing) -> bool:
        """Whether the event is one of those looked for."""
        event = listing.event
        wanted_and_told = (
            (self.region, listing.region),
            (self.department, listing.department),
            (self.kind, event.kind),
        )
        return (
            all(wanted in (None, told) for wanted, told in wanted_and_told)
            and (self.audience is None or self.audience in event.audiences)
            and (self.day is None or self.day in listing.days)
            and (self.place is None or (self.place == "en-ligne") == listing.is_online)
            and all(word in listing.searched for word in fold(self.text or "").split())
        )


class ListQuery(Search):
    """The filters, and which page of the list."""

    page: int = Field(1, ge=1, le=1000)


def in_order(listings: Iterable[Listing], now: datetime) -> list[Listing]:
    """As a visitor wants to read them: what is still to come first, by date; what is over last."""
    return sorted(listings, key=lambda it: (it.is_over(now), it.rank))
