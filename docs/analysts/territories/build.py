"""Makes communes.csv.gz, which commune lies in which Territoire d'industrie: `python build.py FOLDER`, where FOLDER is
the `data/` of the npm package @etalab/decoupage-administratif. The same sources give the same bytes."""

import csv
import gzip
import json
import sys
from pathlib import Path

HERE, source = Path(__file__).parent, Path(sys.argv[1])


def read(name: str) -> list[dict]:
    return json.loads((source / f"{name}.json").read_text())


# a territory names what it is made of by SIREN: groups of communes, those of Greater Paris, and single communes
members = {group["code"]: [m["code"] for m in group["membres"]] for name in ("epci", "ept") for group in read(name)}
members |= {c["siren"]: [c["code"]] for c in read("communes") if c["type"] == "commune-actuelle" and "siren" in c}
with (HERE / "territoires-industrie.csv").open(newline="") as file:
    territories = {row["id"]: row["epci_siren"].split() for row in csv.DictReader(file)}
unknown = {siren for made_of in territories.values() for siren in made_of} - members.keys()
if unknown:
    sys.exit(
        f"no commune is known of {', '.join(sorted(unknown))}: they have merged or changed since the list was made"
    )
rows = sorted({(code, id_) for id_, made_of in territories.items() for siren in made_of for code in members[siren]})
with (HERE / "communes.csv.gz").open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
    file.write("\n".join(["commune_code,territory_id", *(",".join(row) for row in rows), ""]).encode())
