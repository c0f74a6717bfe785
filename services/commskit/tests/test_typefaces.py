"""A kit is the same bytes on a machine with typefaces for everything, and on one that has none."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from commskit.assets import read_font

STRANGE = "\u2011①⌀Ⅳ工場ש"
PRINT = """
import hashlib, pickle, sys
from commskit.assets import FONTS, read_font
from commskit.kit import make_kit
from commskit.pdf import Press

jobs, strange = pickle.load(sys.stdin.buffer)
press = Press()
sheet = press.sheet("fonts.css", {}, {name: read_font(name) for name in FONTS})
page = press.pdf(f'<html lang="fr"><title>x</title><body style="font-family: Text">Forge {strange}', sheet, {})
for content in (page, *(make_kit(*job).content for job in jobs)):
    print(hashlib.sha256(content).hexdigest())
"""


@pytest.fixture
def a_machine_with(tmp_path: Path):
    """A machine's typefaces: the file in which Fontconfig reads where they are."""

    def settings(name: str, *files: bytes) -> str:
        folder = tmp_path / name
        folder.mkdir()
        for number, content in enumerate(files):
            (folder / f"{number}.ttf").write_bytes(content)
        file = tmp_path / f"{name}.conf"
        file.write_text(f"<fontconfig><dir>{folder}</dir><cachedir>{tmp_path}/cache</cachedir></fontconfig>")
        return str(file)

    return settings


@pytest.fixture
def typeface_of_everything() -> bytes:
    """It has the strange letters (all of them look like an X)."""
    with TTFont(BytesIO(read_font("text-regular.ttf"))) as font:
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap |= {ord(letter): table.cmap[ord("X")] for letter in STRANGE}
        out = BytesIO()
        font.save(out)
        return out.getvalue()


def printed(jobs: list[tuple], typefaces: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PRINT],
        input=pickle.dumps((jobs, STRANGE)),
        env={**os.environ, "FONTCONFIG_FILE": typefaces},
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().split()


def test_a_machines_typefaces_change_nothing(
    hardest_events, page_url, look_2026, stamp, a_machine_with, typeface_of_everything
):
    names = ("what word processors paste", "signs of the trade", "other alphabets of ours", "other scripts")
    jobs = [(hardest_events[name], page_url, look_2026, stamp) for name in names]
    bare = printed(jobs, a_machine_with("nothing"))
    assert len(bare) == len(jobs) + 1
    assert printed(jobs, a_machine_with("everything", typeface_of_everything)) == bare
