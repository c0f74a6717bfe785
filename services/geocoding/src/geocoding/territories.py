"""What a commune is part of: its group of communes, its Territoire d'industrie, its académie."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Self

from backbone.contracts import Location

from .academies import ACADEMIES
from .tables import lines_of


class Territories:
    """By the INSEE code of the commune, whoever found it: never by what an address says.

    A row stays the line of text that it was, as the gazetteer's do.
    """

    __slots__ = ("_industry", "_rows")

    def __init__(self, rows: Iterable[str], industry: Mapping[str, str]) -> None:
        """`rows` are lines of `data/territories.csv.gz`, `industry` names the Territoires d'industrie by their ids."""
        self._rows, self._industry = sorted(rows), dict(industry)

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> Self:
        """Those that ship with the service (`data/README.md` tells of which year)."""
        named = (line.partition(",") for line in lines_of("industry_territories.csv.gz"))
        return cls(lines_of("territories.csv.gz"), {id_: name for id_, _, name in named})

    def told(self, location: Location) -> Location:
        """The location, with what its commune is part of; nothing else of it is changed."""
        epci, industry = self._of(location.commune_code)
        part_of = {
            "epci_code": epci or None,
            "industry_territory": self._industry.get(industry),
            "academy": ACADEMIES.get(location.department_code),
        }
        return location.model_copy(update=part_of)

    def _of(self, code: str) -> tuple[str, str]:
        index = bisect_left(self._rows, f"{code},")
        if index == len(self._rows) or not self._rows[index].startswith(f"{code},"):
            return "", ""
        _, epci, industry = self._rows[index].split(",")
        return epci, industry
