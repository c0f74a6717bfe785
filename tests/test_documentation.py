"""What the documentation says is what the code does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of the settings, made in a process of its own: a test may have changed what this one has loaded."""
    program = "import sys; sys.path.insert(0, sys.argv[1]); import settings_page; print(settings_page.page(), end='')"
    done = subprocess.run(
        [sys.executable, "-c", program, str(ROOT / "tests")], capture_output=True, text=True, check=True, env=os.environ
    )
    return done.stdout


def test_the_page_of_the_settings_says_what_the_code_declares(made: str) -> None:
    written = (ROOT / "docs" / "settings.md").read_text()
    assert written == made, "docs/settings.md is not what the code says: python tests/settings_page.py"


def test_every_setting_says_what_it_is(made: str) -> None:
    rows = [line for line in made.splitlines() if line.startswith("| `")]
    assert [row for row in rows if not row.split(" | ")[-1].strip(" |")] == []
    assert {"`DATABASE_URL`", "`JWKS_URL`", "`RENDER_SECONDS`"} <= {row.split(" | ")[0].strip("| ") for row in rows}


NAMED = re.compile(r"`((?:shared|services|deploy|tests|faults|docs|editions|backbone)/[\w./*-]+)`")


def test_every_file_that_the_documentation_names_is_there() -> None:
    places = [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("*/*/README.md"),
        *ROOT.glob("deploy/*/README.md"),
    ]
    named = {(file, name) for file in places for name in NAMED.findall(file.read_text())}
    assert len(named) > 30
    roots = (ROOT, ROOT / "shared" / "src")
    assert sorted(f"{file.name}: {name}" for file, name in named if not any([*root.glob(name)] for root in roots)) == []
