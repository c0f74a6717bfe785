"""What claims to be accessible is: veraPDF reads every PDF of the hardest kits, all in one run."""

from __future__ import annotations

import html
import json
import subprocess
import unicodedata
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from backbone.texts.lettering import ALPHABET
from commskit.assets import FONTS, read_font
from commskit.kit import make_kit
from commskit.pdf import Press
from local_stack.jars import VERAPDF, fetch_jars, jars_folder

FACES = ("400 9pt Text", "600 9pt Text", "700 9pt Display, Text", "900 9pt Display, Text")


@pytest.fixture
def faults_of(tmp_path: Path) -> Callable[[Mapping[str, bytes]], dict[str, list[str]]]:
    """Says of each PDF which clauses of PDF/UA-1 it breaks, and where."""

    def read(documents: Mapping[str, bytes]) -> dict[str, list[str]]:
        names = {}
        for number, (name, content) in enumerate(documents.items()):
            file = tmp_path / f"{number}.pdf"
            file.write_bytes(content)
            names[str(file)] = name
        jars = fetch_jars(jars_folder(program=VERAPDF), VERAPDF)
        veraPDF = ["java", "-cp", f"{jars}/*", "org.verapdf.apps.GreenfieldCliWrapper"]  # noqa: N806  # its name
        command = [*veraPDF, "--flavour", "ua1", "--format", "json", "--maxfailuresdisplayed", "1", *names]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
        jobs = json.loads(done.stdout)["report"]["jobs"]
        return {names[job["itemDetails"]["name"]]: _faults(job) for job in jobs}

    return read


def _faults(job: dict) -> list[str]:
    if "validationResult" not in job:
        return [f"was not read: {job}"]
    rules = job["validationResult"][0]["details"]["ruleSummaries"]
    broken = [rule for rule in rules if rule["ruleStatus"] == "FAILED"]
    return [f"{rule['clause']}: {rule['checks'][0]['errorMessage']}" for rule in broken]


@pytest.fixture(scope="module")
def page() -> Callable[[str], bytes]:
    """Prints a page in our typefaces, whatever is on it."""
    press = Press()
    sheet = press.sheet("fonts.css", {}, {name: read_font(name) for name in FONTS})
    return lambda body: press.pdf(f'<html lang="fr"><title>x</title><body style="font-family: Text">{body}', sheet, {})


def every_letter() -> str:
    """Each letter that may be printed, and each mark on letters of three alphabets, in each of our faces."""
    letters = html.escape("".join(sorted(ALPHABET)))
    marks = [character for character in sorted(ALPHABET) if unicodedata.category(character) == "Mn"]
    marked = " ".join(f"x{mark}é{mark}Ω{mark}" for mark in marks)
    return "".join(f"<p style='font: {face}'>{letters}</p><p style='font: {face}'>{marked}</p>" for face in FACES)


WRONG = {"7.18.5": '<a href="https://carte.example/">une<br>deux</a>', "7.21.8": "工場"}
"""What breaks a clause: a link over two lines, letters without a glyph."""


def test_every_pdf_of_the_hardest_kits_is_accessible_and_has_a_glyph_for_each_letter(
    hardest_events, page_url, look_2026, stamp, page, faults_of
):
    documents = {}
    for name, event in hardest_events.items():
        with ZipFile(BytesIO(make_kit(event, page_url, look_2026, stamp).content)) as kit:
            pdfs = [file for file in kit.namelist() if file.endswith(".pdf")]
            documents |= {kit.read(file): f"{name}: {file}" for file in pdfs}  # the guide is one for all
    assert len(documents) == len(hardest_events) + 1 >= 21
    right = {name: content for content, name in documents.items()} | {"every letter": page(every_letter())}
    wrong = {clause: page(body) for clause, body in WRONG.items()}

    faults = faults_of(right | wrong)

    assert {name: faults[name] for name in right} == {name: [] for name in right}
    unseen = [clause for clause in wrong if not any(fault.startswith(f"{clause}:") for fault in faults[clause])]
    assert unseen == [], "veraPDF does not look at it: nothing is shown"
