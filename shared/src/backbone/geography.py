"""The departments and regions of France, and the time there: facts that every service reads the same way.

Source: INSEE, Code officiel géographique 2026, as carried by `@etalab/decoupage-administratif` 6.0.0 (Licence
Ouverte 2.0); time zones: IANA.
"""

from __future__ import annotations

from collections.abc import Mapping
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


REGIONS: Mapping[str, str] = MappingProxyType(
    {
        "01": "Guadeloupe",
        "02": "Martinique",
        "03": "Guyane",
        "04": "La Réunion",
        "06": "Mayotte",
        "11": "Île-de-France",
        "24": "Centre-Val de Loire",
        "27": "Bourgogne-Franche-Comté",
        "28": "Normandie",
        "32": "Hauts-de-France",
        "44": "Grand Est",
        "52": "Pays de la Loire",
        "53": "Bretagne",
        "75": "Nouvelle-Aquitaine",
        "76": "Occitanie",
        "84": "Auvergne-Rhône-Alpes",
        "93": "Provence-Alpes-Côte d'Azur",
        "94": "Corse",
    }
)
"""The 18 regions: INSEE code → official name."""

# Uninhabited lands (984 Terres australes, 989 Clipperton) are left out: nobody holds an event there.
_TABLE = """\
01 84 Ain
02 32 Aisne
03 84 Allier
04 93 Alpes-de-Haute-Provence
05 93 Hautes-Alpes
06 93 Alpes-Maritimes
07 84 Ardèche
08 44 Ardennes
09 76 Ariège
10 44 Aube
11 76 Aude
12 76 Aveyron
13 93 Bouches-du-Rhône
14 28 Calvados
15 84 Cantal
16 75 Charente
17 75 Charente-Maritime
18 24 Cher
19 75 Corrèze
21 27 Côte-d'Or
22 53 Côtes-d'Armor
23 75 Creuse
24 75 Dordogne
25 27 Doubs
26 84 Drôme
27 28 Eure
28 24 Eure-et-Loir
29 53 Finistère
2A 94 Corse-du-Sud
2B 94 Haute-Corse
30 76 Gard
31 76 Haute-Garonne
32 76 Gers
33 75 Gironde
34 76 Hérault
35 53 Ille-et-Vilaine
36 24 Indre
37 24 Indre-et-Loire
38 84 Isère
39 27 Jura
40 75 Landes
41 24 Loir-et-Cher
42 84 Loire
43 84 Haute-Loire
44 52 Loire-Atlantique
45 24 Loiret
46 76 Lot
47 75 Lot-et-Garonne
48 76 Lozère
49 52 Maine-et-Loire
50 28 Manche
51 44 Marne
52 44 Haute-Marne
53 52 Mayenne
54 44 Meurthe-et-Moselle
55 44 Meuse
56 53 Morbihan
57 44 Moselle
58 27 Nièvre
59 32 Nord
60 32 Oise
61 28 Orne
62 32 Pas-de-Calais
63 84 Puy-de-Dôme
64 75 Pyrénées-Atlantiques
65 76 Hautes-Pyrénées
66 76 Pyrénées-Orientales
67 44 Bas-Rhin
68 44 Haut-Rhin
69 84 Rhône
70 27 Haute-Saône
71 27 Saône-et-Loire
72 52 Sarthe
73 84 Savoie
74 84 Haute-Savoie
75 11 Paris
76 28 Seine-Maritime
77 11 Seine-et-Marne
78 11 Yvelines
79 75 Deux-Sèvres
80 32 Somme
81 76 Tarn
82 76 Tarn-et-Garonne
83 93 Var
84 93 Vaucluse
85 52 Vendée
86 75 Vienne
87 75 Haute-Vienne
88 44 Vosges
89 27 Yonne
90 27 Territoire de Belfort
91 11 Essonne
92 11 Hauts-de-Seine
93 11 Seine-Saint-Denis
94 11 Val-de-Marne
95 11 Val-d'Oise
971 01 Guadeloupe
972 02 Martinique
973 03 Guyane
974 04 La Réunion
975 975 Saint-Pierre-et-Miquelon
976 06 Mayotte
977 977 Saint-Barthélemy
978 978 Saint-Martin
986 986 Wallis et Futuna
987 987 Polynésie française
988 988 Nouvelle-Calédonie
"""

DEPARTMENTS: Mapping[str, Department] = MappingProxyType(
    {
        code: Department(code, name, region)
        for code, region, name in (line.split(" ", 2) for line in _TABLE.splitlines())
    }
)
"""The 101 departments and the 6 inhabited collectivities overseas: INSEE code → department."""

_CORSICA = MappingProxyType(
    # 203 and 207 are CEDEX numbers of Ajaccio, 204 of Bastia.
    {"200": "2A", "201": "2A", "203": "2A", "207": "2A", "202": "2B", "204": "2B", "206": "2B"}
)

_ISLANDS = MappingProxyType({"97133": "977", "97150": "978"})  # they kept Guadeloupe's postcodes in 2007

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
    # 977 and 978 are no beginnings of postcodes: those islands are in `_ISLANDS`.
    return code if code in DEPARTMENTS else None


def timezone_of(department: str) -> str:
    """The IANA name of a department's time zone, e.g. « Indian/Reunion »; « Europe/Paris » in the metropolis.

    French Polynesia is told by its main zone, Tahiti's (the Marquesas and the Gambier Islands differ).
    """
    return _ZONES.get(department, "Europe/Paris")
