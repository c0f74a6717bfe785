"""The communes of France, carried along: a geocoder that needs no network, precise to the commune."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple, Self

from backbone.campaign.geography import department_of
from backbone.contracts import Address, Location
from backbone.runtime.spans import part

from .domain import Commune, centre
from .names import essence, fold, readings, says_cedex
from .tables import lines_of

PROVIDER, VINTAGE = "gazetteer", "2026"

# How sure a name makes us, told as the location's score.
_NAMED = 1.0  # the commune's name, and a postcode that serves it
_FORMERLY = 0.9  # the name of a former commune or of a quarter, and a postcode of today's commune
_NAMED_IN_DEPARTMENT = 0.9  # the name, and a postcode that is no place's (CEDEX) but tells the department
_FORMERLY_IN_DEPARTMENT = 0.8
_ABRIDGED = 0.9  # without its small words: « Boulogne Mer »
_SHORTENED = 0.8  # the first words of the only such name there: « Ponteils » for Ponteils-et-Brésis
_AMONG_OTHERS = 0.7  # with a quarter or a landmark: « Lyon Part-Dieu »
_LONG_ENOUGH = 4  # letters of a name that is looked for among other words: « Eu » and « Gif » stand in too many
_MISSPELT_FROM = 0.85  # a slip of the pen: the likeness of the two names (0 to 1) is the score

_TOO_SHORT = {"saint", "sainte", "val", "ville", "mont", "pont"}  # first words that name nothing by themselves

# The BAN speaks of the municipal arrondissements of three cities, which are no communes.
_ARRONDISSEMENTS = {"751": "75056", "6938": "69123", "132": "13055"}


class Found(NamedTuple):
    """A commune, and how sure the address makes it (0 to 1)."""

    commune: Commune
    score: float


class Gazetteer:
    """Every commune, found by name and postcode, which together are the key: either alone is ambiguous.

    A row stays the line of text that it was until it is asked for, so that 35 000 communes weigh a few
    megabytes. It satisfies `Geocoder` and never raises.
    """

    __slots__ = ("_at_postcode", "_other_names", "_rows")

    def __init__(self, rows: Iterable[str], other_names: Iterable[str] = ()) -> None:
        """`rows` are lines of `data/communes.csv.gz`, `other_names` of `data/aliases.csv.gz`, without headers."""
        self._rows = sorted(rows)  # by code, so that a department is one slice
        self._at_postcode: dict[str, list[int]] = {}
        for index, row in enumerate(self._rows):
            for postcode in row.split(",", 3)[2].split():
                self._at_postcode.setdefault(postcode, []).append(index)
        self._other_names: dict[str, list[str]] = {}
        for line in other_names:
            name, code = line.rsplit(",", 1)
            self._other_names.setdefault(code, []).append(name)

    @classmethod
    def load(cls) -> Self:
        """The gazetteer that ships with the service (`data/README.md` tells its sources)."""
        return cls(lines_of("communes.csv.gz"), lines_of("aliases.csv.gz"))

    async def locate(self, address: Address) -> Location | None:
        """The commune's point; None when name and postcode name no commune together."""
        with part("geocode", provider=PROVIDER):
            found = self.find(address)
        return None if found is None else centre(found.commune, PROVIDER, round(found.score, 2), vintage=VINTAGE)

    def find(self, address: Address) -> Found | None:
        """The commune that an address names, never one that merely shares its postcode."""
        wanted = list(readings(address.city))
        department = self._in_department(department_of(address.postcode))
        there = self._at_postcode.get(address.postcode, [])
        found = self._first(wanted, lambda name: self._by_name(name, there, _NAMED, _FORMERLY))
        if found is None and (not there or says_cedex(address.city)):
            found = self._first(
                wanted, lambda name: self._by_name(name, department, _NAMED_IN_DEPARTMENT, _FORMERLY_IN_DEPARTMENT)
            )
        return found or self._first(wanted, lambda name: self._guessed(name, there, department))

    def _first(self, wanted: Iterable[str], find: Callable[[str], Found | None]) -> Found | None:
        return next(filter(None, map(find, wanted)), None)

    def _guessed(self, wanted: str, there: Sequence[int], department: Sequence[int]) -> Found | None:
        # A name that another commune of the department bears is that commune's, not a slip of the pen here.
        if self._bearing(wanted, department):
            return None
        if not there:  # business mail: « Valbonne Sophia Antipolis CEDEX »
            return self._among_others(wanted, [i for i in department if wanted.startswith(f"{self._name(i)} ")])
        return (
            self._abridged(wanted, there)
            or self._shortened(wanted, there)
            or self._misspelt(wanted, there)
            or self._among_others(wanted, there)
        )

    def by_code(self, citycode: str) -> Commune | None:
        """The commune of an INSEE code; that of a municipal arrondissement leads to its city."""
        for beginning, city in _ARRONDISSEMENTS.items():
            if citycode.startswith(beginning):
                citycode = city
        index = bisect_left(self._rows, citycode + ",")
        if index < len(self._rows) and self._rows[index].startswith(citycode + ","):
            return _commune(self._rows[index])
        return None

    def serves(self, postcode: str) -> bool:
        """Whether a postcode is a place's, not business mail's (CEDEX) nor a misprint."""
        return postcode in self._at_postcode

    def has_arrondissements(self, code: str) -> bool:
        """Whether a commune is Paris, Lyon or Marseille."""
        return code in _ARRONDISSEMENTS.values()

    def communes(self) -> Iterator[Commune]:
        """Every commune, in the order of the codes."""
        return map(_commune, self._rows)

    def other_names(self) -> Iterator[tuple[str, str]]:
        """Every former name, routing label and quarter, with the code of its commune."""
        return ((name, code) for code, names in self._other_names.items() for name in names)

    def _in_department(self, department: str | None) -> Sequence[int]:
        if department is None:
            return range(0)
        return range(bisect_left(self._rows, department), bisect_left(self._rows, department + ":"))  # ':' > '9'

    def _by_name(self, wanted: str, there: Sequence[int], named: float, formerly: float) -> Found | None:
        if today := self._bearing(wanted, there):
            return self._only(today, named)
        return self._only([i for i in there if wanted in self._former_names(i)], formerly)

    def _bearing(self, wanted: str, there: Sequence[int]) -> list[int]:
        return [index for index in there if self._name(index) == wanted]

    def _abridged(self, wanted: str, there: Sequence[int]) -> Found | None:
        bare = essence(wanted)
        if not bare or bare in _TOO_SHORT:
            return None
        return self._only([i for i in there if bare in map(essence, self._all_names(i))], _ABRIDGED)

    def _among_others(self, wanted: str, there: Sequence[int]) -> Found | None:
        """« lyon part dieu », « campus de ker lann bruz »: the commune whose name there is the longest."""
        within = {i: max((len(n) for n in self._all_names(i) if _stands_in(n, wanted)), default=0) for i in there}
        longest = max(within.values(), default=0)
        return self._only([i for i in there if within[i] == longest > 0], _AMONG_OTHERS)

    def _shortened(self, wanted: str, there: Sequence[int]) -> Found | None:
        if wanted in _TOO_SHORT:
            return None
        return self._only([i for i in there if any(n.startswith(wanted + " ") for n in self._all_names(i))], _SHORTENED)

    def _misspelt(self, wanted: str, there: Sequence[int]) -> Found | None:
        likeness = {
            index: max(SequenceMatcher(None, wanted, name).ratio() for name in self._all_names(index))
            for index in there
        }
        closest = max(likeness.values(), default=0.0)
        if closest < _MISSPELT_FROM:
            return None
        return self._only([index for index in there if likeness[index] == closest], closest)

    def _only(self, indexes: list[int], score: float) -> Found | None:
        """The one that answers; two that do are none."""
        return Found(_commune(self._rows[indexes[0]]), score) if len(indexes) == 1 else None

    def _name(self, index: int) -> str:
        return fold(self._rows[index].split(",", 2)[1])

    def _former_names(self, index: int) -> list[str]:
        return [fold(name) for name in self._other_names.get(self._rows[index].split(",", 1)[0], [])]

    def _all_names(self, index: int) -> list[str]:
        return [self._name(index), *self._former_names(index)]


def _stands_in(name: str, wanted: str) -> bool:
    return len(name) >= _LONG_ENOUGH and name not in _TOO_SHORT and f" {name} " in f" {wanted} "


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
