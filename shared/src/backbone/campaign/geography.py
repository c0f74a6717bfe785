"""The departments and regions of France, and the time there: facts that every service reads the same way.

Source: INSEE, Code officiel géographique 2026, as carried by `@etalab/decoupage-administratif` 6.0.0 (Licence
Ouverte 2.0); time zones: IANA.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import NamedTuple


class Department(NamedTuple):
    """A department, or a collectivity overseas that stands in its place.

    `code` is INSEE's, e.g. « 69 », « 2A », « 974 ». `region` is a key of `REGIONS`; a collectivity overseas is
    in no region and bears its own code there, as in the source.
    """

    code: str
    name: str
    region: str


_REGIONS_AND_THEIR_DEPARTMENTS = """\
01 Guadeloupe: 971 Guadeloupe
02 Martinique: 972 Martinique
03 Guyane: 973 Guyane
04 La Réunion: 974 La Réunion
06 Mayotte: 976 Mayotte
11 Île-de-France: 75 Paris, 77 Seine-et-Marne, 78 Yvelines, 91 Essonne, 92 Hauts-de-Seine,
    93 Seine-Saint-Denis, 94 Val-de-Marne, 95 Val-d'Oise
24 Centre-Val de Loire: 18 Cher, 28 Eure-et-Loir, 36 Indre, 37 Indre-et-Loire, 41 Loir-et-Cher, 45 Loiret
27 Bourgogne-Franche-Comté: 21 Côte-d'Or, 25 Doubs, 39 Jura, 58 Nièvre, 70 Haute-Saône, 71 Saône-et-Loire,
    89 Yonne, 90 Territoire de Belfort
28 Normandie: 14 Calvados, 27 Eure, 50 Manche, 61 Orne, 76 Seine-Maritime
32 Hauts-de-France: 02 Aisne, 59 Nord, 60 Oise, 62 Pas-de-Calais, 80 Somme
44 Grand Est: 08 Ardennes, 10 Aube, 51 Marne, 52 Haute-Marne, 54 Meurthe-et-Moselle, 55 Meuse, 57 Moselle,
    67 Bas-Rhin, 68 Haut-Rhin, 88 Vosges
52 Pays de la Loire: 44 Loire-Atlantique, 49 Maine-et-Loire, 53 Mayenne, 72 Sarthe, 85 Vendée
53 Bretagne: 22 Côtes-d'Armor, 29 Finistère, 35 Ille-et-Vilaine, 56 Morbihan
75 Nouvelle-Aquitaine: 16 Charente, 17 Charente-Maritime, 19 Corrèze, 23 Creuse, 24 Dordogne, 33 Gironde,
    40 Landes, 47 Lot-et-Garonne, 64 Pyrénées-Atlantiques, 79 Deux-Sèvres, 86 Vienne, 87 Haute-Vienne
76 Occitanie: 09 Ariège, 11 Aude, 12 Aveyron, 30 Gard, 31 Haute-Garonne, 32 Gers, 34 Hérault, 46 Lot,
    48 Lozère, 65 Hautes-Pyrénées, 66 Pyrénées-Orientales, 81 Tarn, 82 Tarn-et-Garonne
84 Auvergne-Rhône-Alpes: 01 Ain, 03 Allier, 07 Ardèche, 15 Cantal, 26 Drôme, 38 Isère, 42 Loire,
    43 Haute-Loire, 63 Puy-de-Dôme, 69 Rhône, 73 Savoie, 74 Haute-Savoie
93 Provence-Alpes-Côte d'Azur: 04 Alpes-de-Haute-Provence, 05 Hautes-Alpes, 06 Alpes-Maritimes,
    13 Bouches-du-Rhône, 83 Var, 84 Vaucluse
94 Corse: 2A Corse-du-Sud, 2B Haute-Corse
"""

# Uninhabited lands (984 Terres australes, 989 Clipperton) are left out: nobody holds an event there.
_COLLECTIVITIES = """\
975 Saint-Pierre-et-Miquelon, 977 Saint-Barthélemy, 978 Saint-Martin, 986 Wallis et Futuna,
987 Polynésie française, 988 Nouvelle-Calédonie
"""


def _listed(text: str) -> list[tuple[str, str]]:
    """« 01 Ain, 03 Allier » → [("01", "Ain"), ("03", "Allier")]."""
    pairs = (entry.split(maxsplit=1) for entry in text.split(","))
    return [(code, " ".join(name.split())) for code, name in pairs]


_ROWS = [row.split(":") for row in _REGIONS_AND_THEIR_DEPARTMENTS.replace("\n    ", " ").splitlines()]

REGIONS: Mapping[str, str] = MappingProxyType(dict(_listed(",".join(region for region, _ in _ROWS))))
"""The 18 regions: INSEE code → official name."""

DEPARTMENTS: Mapping[str, Department] = MappingProxyType(
    {code: Department(code, name, region[:2]) for region, departments in _ROWS for code, name in _listed(departments)}
    | {code: Department(code, name, code) for code, name in _listed(_COLLECTIVITIES)}
)
"""The 101 departments and the 6 inhabited collectivities overseas: INSEE code → department."""

_CORSICA = MappingProxyType(
    # 203, 205 and 207 are CEDEX numbers of Ajaccio, 204 of Bastia.
    {"200": "2A", "201": "2A", "203": "2A", "205": "2A", "207": "2A", "202": "2B", "204": "2B", "206": "2B"}
)

_ISLANDS = MappingProxyType({"97133": "977", "97150": "978"})  # they kept Guadeloupe's postcodes in 2007
_CEDEX_OF_REUNION = ("977", "978")  # as postcodes; as INSEE codes they are the two islands

_ZONES = MappingProxyType(
    {
        "971": "America/Guadeloupe",
        "972": "America/Martinique",
        "973": "America/Cayenne",
        "974": "Indian/Reunion",
        "975": "America/Miquelon",
        "976": "Indian/Mayotte",
        "977": "America/St_Barthelemy",
        "978": "America/Marigot",
        "986": "Pacific/Wallis",
        "987": "Pacific/Tahiti",
        "988": "Pacific/Noumea",
    }
)

# Half an hour and an hour ahead of Tahiti. Named by their communes, and by the postcodes of these: not of `98790` nor
# of any other that an archipelago shares with its neighbour.
_MARQUESAS, _GAMBIER = "Pacific/Marquesas", "Pacific/Gambier"
_ZONES_OF_COMMUNES = MappingProxyType(
    dict.fromkeys(("98718", "98723", "98731", "98746", "98756", "98757"), _MARQUESAS) | {"98719": _GAMBIER}
)
_ZONES_OF_POSTCODES = MappingProxyType(
    dict.fromkeys((*(str(code) for code in range(98740, 98750)), "98796"), _MARQUESAS)
    | dict.fromkeys(("98755", "98792", "98793"), _GAMBIER)
)

ONLINE = "00"
"""Stands for the region of events that take place online."""

REVIEW_REGIONS = MappingProxyType(
    {department.region: REGIONS.get(department.region, department.name) for department in DEPARTMENTS.values()}
    | {ONLINE: "en ligne"}
)
"""Wherever an event may be reviewed: the regions, the collectivities that are in none, and online."""


def department_of(postcode: str) -> str | None:
    """The INSEE code of the department that a postcode names, or None if it names none (Monaco, the army).

    The postcode is the post's word: a few dozen communes at a border are served from the next department, so
    a commune's own department is to be had from its INSEE code, not from here.
    """
    if not (len(postcode) == 5 and postcode.isascii() and postcode.isdigit()):
        return None
    code = _ISLANDS.get(postcode)
    if code is None and postcode.startswith("20"):
        code = _CORSICA.get(postcode[:3])
    elif code is None:
        code = postcode[:3] if postcode.startswith(("97", "98")) else postcode[:2]
        code = "974" if code in _CEDEX_OF_REUNION else code
    return code if code in DEPARTMENTS else None


def postcode_pattern(regions: Collection[str]) -> str:
    """A regular expression, for Python and PostgreSQL alike, of the postcodes that name a department of these regions:
    the same that `department_of` says of one."""
    codes = {code for code, department in DEPARTMENTS.items() if department.region in regions}
    corsican = [f"{prefix}[0-9]{{2}}" for prefix, code in _CORSICA.items() if code in codes]
    islands = [postcode for postcode, code in _ISLANDS.items() if code in codes]
    begun = codes - {*_CORSICA.values(), *_ISLANDS.values()} | ({*_CEDEX_OF_REUNION} if "974" in codes else set())
    others = [f"{code}[0-9]{{{5 - len(code)}}}" for code in sorted(begun)]
    kept = "|".join(f"{postcode}$" for postcode in _ISLANDS if postcode not in islands)
    there = "|".join((*others, *corsican, *islands)) or "none"
    return f"^(?!{kept})(?:{there})$" if kept else f"^(?:{there})$"


def timezone_of(department: str) -> str:
    """The IANA name of a department's time zone, e.g. « Indian/Reunion »; « Europe/Paris » in the metropolis.

    French Polynesia is told by its main zone, Tahiti's: `timezone_at` and `timezone_of_commune` know the others.
    """
    return _ZONES.get(department, "Europe/Paris")


def timezone_at(postcode: str) -> str | None:
    """The IANA name of the time zone at a postcode, e.g. « Pacific/Marquesas »; None if it names no department."""
    department = department_of(postcode)
    return _ZONES_OF_POSTCODES.get(postcode, timezone_of(department)) if department else None


def timezone_of_commune(code: str) -> str:
    """The IANA name of the time zone of a commune, by its INSEE code."""
    return _ZONES_OF_COMMUNES.get(code, timezone_of(code[:3] if code.startswith(("97", "98")) else code[:2]))
