"""What addok is loaded with, as the national base writes it: every commune, and streets that are nobody's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import log10
from typing import Any

from backbone.campaign.geography import DEPARTMENTS, REGIONS
from geocoding.domain import Commune

Document = dict[str, Any]

_BETWEEN_DOORS = 0.0001  # degrees of latitude: eleven metres


def municipalities(communes: Iterable[Commune]) -> Iterator[Document]:
    """Each commune by its name and all its postcodes; of Paris, Lyon and Marseille each arrondissement too."""
    for commune in communes:
        yield _document(commune, "municipality", commune.name) | {"population": commune.population}
        for postcode in commune.postcodes:
            if district := _district(commune, postcode):
                yield _document(commune, "municipality", district["district"], postcode)


def street(commune: Commune, postcode: str, name: str, numbers: Iterable[str] = (), kind: str = "street") -> Document:
    """A street whose doors stand north of the commune's point, one after the other; with another kind, a locality."""
    made = _document(commune, kind, name, postcode)
    doors = {
        number: {"id": f"{made['id']}_{number}", "lon": made["lon"], "lat": made["lat"] + place * _BETWEEN_DOORS}
        for place, number in enumerate(numbers, start=1)
    }
    return made | {"housenumbers": doors} if doors else made


def _document(commune: Commune, kind: str, name: str, postcode: str | None = None) -> Document:
    made = {
        "type": kind,
        "name": name,
        "postcode": postcode or list(commune.postcodes),
        "citycode": commune.code,
        "city": commune.name,
        "lon": commune.longitude,
        "lat": commune.latitude,
        "context": _context(commune),
        "importance": min(1.0, log10(commune.population + 1) / 7) * (1 if kind == "municipality" else 0.8),
    }
    made |= _district(commune, postcode)
    called = "" if name == commune.name else f"_{postcode}_{name}"
    return made | {"id": f"{made['citycode']}{called}"}


def _context(commune: Commune) -> str:
    department = DEPARTMENTS.get(commune.department)
    region = REGIONS.get(commune.region)
    return ", ".join(filter(None, (commune.department, department and department.name, region)))


_FIRST_ARRONDISSEMENTS = {"75056": 75101, "69123": 69381, "13055": 13201}


def _district(commune: Commune, postcode: str | None) -> dict[str, str]:
    """The arrondissement of a postcode, whose code the base tells in place of the commune's."""
    first = _FIRST_ARRONDISSEMENTS.get(commune.code)
    if first is None or postcode is None:
        return {}
    number = int(postcode[-2:])  # of the second postcode of the sixteenth too: 75116
    return {
        "citycode": str(first + number - 1),
        "district": f"{commune.name} {number}{'er' if number == 1 else 'e'} Arrondissement",
    }
