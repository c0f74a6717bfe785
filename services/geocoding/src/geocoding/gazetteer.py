"""The communes of France, carried along: a geocoder that needs no network, precise to the commune."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple, Self

from backbone.campaign.geography import department_of
from backbone.contracts import Address
from backbone.runtime.spans import part

from .called import Called, Row
from .cleaning import cleaned
from .domain import Commune, Verdict, centre, described
from .names import fold, readings, says_cedex
from .tables import lines_of

PROVIDER, VINTAGE = "gazetteer", "2026"

# The BAN speaks of the municipal arrondissements of three cities, which are no communes.
_ARRONDISSEMENTS = {"751": "75056", "6938": "69123", "132": "13055"}


class Way(StrEnum):
    """How an address named its commune, in words for whoever asks why."""

    NAMED = "its name, and a postcode that serves it"
    CHOSEN = "its INSEE code was chosen from a list, and the postcode is of its department"
    FORMERLY = "a former commune's, a quarter's or the post's name for it, and a postcode that serves it"
    NAMED_IN_DEPARTMENT = "its name, and a postcode that is no place's but tells the department"
    FORMERLY_IN_DEPARTMENT = "another name of it, and a postcode that is no place's but tells the department"
    ABRIDGED = "its name without the small words"
    SHORTENED = "the first words of the only such name at the postcode"
    MISSPELT = "its name but for a slip of the pen"
    AMONG_OTHERS = "its name among other words"
    AT_ANOTHER_POSTCODE = "its name, which no other commune of the department bears; the postcode is another's"


OF_THE_POST = {Way.NAMED_IN_DEPARTMENT, Way.FORMERLY_IN_DEPARTMENT}
"""Where letters lie: of four CEDEX codes one is somebody's in another commune than its label says."""
GUESSES = {Way.SHORTENED, Way.MISSPELT, Way.AMONG_OTHERS, Way.AT_ANOTHER_POSTCODE}
"""What we made of the words, not what the organiser wrote: they are asked to look."""


_SURE = {
    Way.NAMED: 1.0,
    Way.CHOSEN: 1.0,
    Way.FORMERLY: 0.9,
    Way.NAMED_IN_DEPARTMENT: 0.9,
    Way.FORMERLY_IN_DEPARTMENT: 0.8,
    Way.ABRIDGED: 0.9,
    Way.SHORTENED: 0.8,
    Way.AMONG_OTHERS: 0.7,
    Way.AT_ANOTHER_POSTCODE: 0.6,
}
"""How sure a way makes us (0 to 1). A slip of the pen is as sure as the part of the name that was written right."""


class Found(NamedTuple):
    """A commune, how sure the address makes it (0 to 1), and how it was named."""

    commune: Commune
    score: float
    way: Way


class Gazetteer:
    """Every commune, found by name and postcode, which together are the key: either alone is ambiguous.

    A row stays the line of text that it was until it is asked for, so that 35 000 communes weigh a few megabytes;
    the names of a postcode or a department are folded once, when they are first asked for. It satisfies `Geocoder`
    and never raises.
    """

    __slots__ = (
        "_arrondissements",
        "_at_postcode",
        "_called_at",
        "_called_in",
        "_folded",
        "_former_codes",
        "_other_names",
        "_rows",
    )

    def __init__(
        self,
        rows: Iterable[str],
        other_names: Iterable[str] = (),
        former_codes: Iterable[str] = (),
        arrondissements: Iterable[str] = (),
    ) -> None:
        """`rows` are lines of `data/communes.csv.gz`, `other_names` of `aliases.csv.gz`, `former_codes` of
        `former_codes.csv.gz`, `arrondissements` of `arrondissements.csv.gz`, all without headers."""
        self._rows = sorted(rows)  # by code, so that a department is one slice
        self._at_postcode: dict[str, list[int]] = {}
        for index, row in enumerate(self._rows):
            for postcode in row.split(",", 3)[2].split():
                self._at_postcode.setdefault(postcode, []).append(index)
        self._other_names: dict[str, list[str]] = {}
        for line in other_names:
            name, code = line.rsplit(",", 1)
            self._other_names.setdefault(code, []).append(name)
        self._former_codes = dict(line.split(",") for line in former_codes)
        self._arrondissements = dict(line.split(",", 1) for line in arrondissements)
        self._folded: dict[int, Row] = {}
        self._called_at: dict[str, Called] = {}
        self._called_in: dict[str, Called] = {}

    @classmethod
    def load(cls) -> Self:
        """The gazetteer that ships with the service (`data/README.md` tells its sources)."""
        tables = ("communes.csv.gz", "aliases.csv.gz", "former_codes.csv.gz", "arrondissements.csv.gz")
        return cls(*map(lines_of, tables))

    async def locate(self, address: Address) -> Verdict:
        """The commune's point; nowhere when name and postcode name no commune together."""
        with part("geocode", provider=PROVIDER):
            found = self.find(address)
        if found is None:
            return Verdict(None, "it has no such commune")
        score = round(found.score, 2)
        commune, label = self.narrowed(found.commune, cleaned(address).postcode)
        at = centre(commune, PROVIDER, score, vintage=VINTAGE, matched_label=label)
        return Verdict(at, described(at.precision, found.commune, score, label))

    def find(self, address: Address) -> Found | None:
        """The commune that an address names, never one that merely shares its postcode."""
        address = cleaned(address)
        there, city = self._at(address.postcode), address.city
        found = self._first(city, lambda name: self._by_name(name, there, Way.NAMED, Way.FORMERLY))
        found = found or self._chosen(address)
        if found:
            return found
        department = self._in(department_of(address.postcode))
        if not there or says_cedex(city):
            ways = Way.NAMED_IN_DEPARTMENT, Way.FORMERLY_IN_DEPARTMENT
            found = self._first(city, lambda name: self._by_name(name, department, *ways))
        found = found or self._first(city, lambda name: self._guessed(name, there, department))
        return found or self._first(city, lambda name: self._only(department.today(name), Way.AT_ANOTHER_POSTCODE))

    def _first(self, city: str, find: Callable[[str], Found | None]) -> Found | None:
        return next(filter(None, map(find, readings(city))), None)

    def _by_name(self, wanted: str, among: Called, today: Way, formerly: Way) -> Found | None:
        if named := among.today(wanted):
            return self._only(named, today)
        return self._only(among.formerly(wanted), formerly)

    def _chosen(self, address: Address) -> Found | None:
        """The commune of the code that the address carries, if its postcode does not say otherwise. A name that is
        another commune's goes before: it was typed after the code was chosen."""
        chosen = self.by_code(address.commune_code) if address.commune_code else None
        if chosen is None or (
            address.postcode not in chosen.postcodes and department_of(address.postcode) != chosen.department
        ):
            return None
        return Found(chosen, _SURE[Way.CHOSEN], Way.CHOSEN)

    def _guessed(self, wanted: str, there: Called, department: Called) -> Found | None:
        # A name that another commune of the department bears is that commune's, not a slip of the pen here.
        if department.today(wanted):
            return None
        if not there:  # business mail: « Valbonne Sophia Antipolis CEDEX »
            return self._only(department.heading(wanted).within(wanted), Way.AMONG_OTHERS)
        return (
            self._only(there.abridged(wanted), Way.ABRIDGED)
            or self._only(there.beginning(wanted), Way.SHORTENED)
            or self._misspelt(wanted, there)
            or self._only(there.within(wanted), Way.AMONG_OTHERS)
        )

    def _misspelt(self, wanted: str, there: Called) -> Found | None:
        places, slips = there.nearly(wanted)
        return self._only(places, Way.MISSPELT, 1 - slips / len(wanted))

    def _only(self, places: list[int], way: Way, score: float | None = None) -> Found | None:
        """The one that answers; two that do are none."""
        if len(places) != 1:
            return None
        return Found(_commune(self._rows[places[0]]), _SURE[way] if score is None else score, way)

    def by_code(self, citycode: str) -> Commune | None:
        """The commune of an INSEE code; that of a municipal arrondissement leads to its city, that of a commune which
        was merged to the one that it is part of today."""
        citycode = self._former_codes.get(citycode, citycode)
        for beginning, city in _ARRONDISSEMENTS.items():
            if citycode.startswith(beginning):
                citycode = city
        index = bisect_left(self._rows, citycode + ",")
        if index < len(self._rows) and self._rows[index].startswith(citycode + ","):
            return _commune(self._rows[index])
        return None

    def narrowed(self, commune: Commune, postcode: str) -> tuple[Commune, str | None]:
        """The commune; of Paris, Lyon and Marseille with the point and the radius of the arrondissement that the
        postcode is of, and what that is called."""
        if not (self.has_arrondissements(commune.code) and postcode in commune.postcodes):
            return commune, None
        name, longitude, latitude, radius_m = self._arrondissements[postcode].split(",")
        there = commune._replace(longitude=float(longitude), latitude=float(latitude), radius_m=int(radius_m))
        return there, name

    def serves(self, postcode: str) -> bool:
        """Whether a postcode is a place's, not business mail's (CEDEX) nor a misprint."""
        return postcode in self._at_postcode

    def has_arrondissements(self, code: str) -> bool:
        """Whether a commune is Paris, Lyon or Marseille."""
        return code in _ARRONDISSEMENTS.values()

    def communes(self) -> Iterator[Commune]:
        """Every commune, in the order of the codes."""
        return map(_commune, self._rows)

    def commune(self, place: int) -> Commune:
        """The commune at a place in that order."""
        return _commune(self._rows[place])

    def places_in(self, department: str) -> range:
        """The places of a department's communes in that order."""
        return range(*(bisect_left(self._rows, department + end) for end in ("", ":")))  # ':' > '9'

    def other_names(self) -> Iterator[tuple[str, str]]:
        """Every former name, routing label and quarter, with the code of its commune."""
        return ((name, code) for code, names in self._other_names.items() for name in names)

    def other_names_of(self, code: str) -> Sequence[str]:
        """Those of one commune."""
        return self._other_names.get(code, ())

    def _at(self, postcode: str) -> Called:
        if postcode not in self._called_at:
            if postcode not in self._at_postcode:
                return Called(())  # kept for none: anything may be asked
            self._called_at[postcode] = Called(map(self._row, self._at_postcode[postcode]))
        return self._called_at[postcode]

    def _in(self, department: str | None) -> Called:
        if department is None:
            return Called(())
        if department not in self._called_in:
            self._called_in[department] = Called(map(self._row, self.places_in(department)))
        return self._called_in[department]

    def _row(self, index: int) -> Row:
        if index not in self._folded:
            code, name, _ = self._rows[index].split(",", 2)
            others = dict.fromkeys(map(fold, self._other_names.get(code, ())))
            self._folded[index] = Row(index, fold(name), tuple(others))
        return self._folded[index]


def _commune(row: str) -> Commune:
    code, name, postcodes, population, department, region, longitude, latitude, radius_m = row.split(",")
    return Commune(
        code=code,
        name=name,
        postcodes=tuple(postcodes.split()),
        population=int(population),
        department=department,
        region=region,
        longitude=float(longitude),
        latitude=float(latitude),
        radius_m=int(radius_m),
    )
