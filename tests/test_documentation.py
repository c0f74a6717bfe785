"""What the documentation says is what the code does."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from backbone.contracts import EventLabelled, EventRejected
from backbone.runtime.spans import ATTRIBUTES

ROOT = Path(__file__).parents[1]


FILE = re.compile(r"```python\n# (almanac/[\w/]+\.py)\n(.*?)```", re.DOTALL)


@pytest.fixture
def almanac(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The service of docs/architecture.md, made of the page."""
    files = FILE.findall((ROOT / "docs" / "architecture.md").read_text())
    assert [name for name, _ in files][-2:] == ["almanac/app.py", "almanac/migrations/almanac_0001_events.py"]
    for name, source in [("almanac/__init__.py", ""), *files]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("almanac.app")
    for name in [name for name in sys.modules if name.split(".")[0] == "almanac"]:
        del sys.modules[name]


async def test_the_service_that_the_architecture_shows_is_whole_and_works(
    almanac: ModuleType, make_database: Callable[[str], Awaitable[str]], has_heard: Callable[..., Awaitable[Any]]
) -> None:
    settings = almanac.Settings(
        database_url=await make_database("almanac"),
        kafka_bootstrap_servers="127.0.0.1:1",
        edition=ROOT / "editions" / "2026.toml",
    )
    service = almanac.create_app(settings)
    sample = ROOT / "shared" / "src" / "backbone" / "contracts" / "samples" / "EventLabelled.1.json"
    labelled = EventLabelled.model_validate(json.loads(sample.read_text())["value"])
    refused = EventRejected.model_validate(labelled.model_dump() | {"label": "refused", "sequence": 4})
    granted = labelled.model_copy(update={"sequence": 5})
    counted = []
    for fact in (labelled, refused, labelled, granted):
        await has_heard(service, fact)
        async with service.engine.connect() as connection:
            counted.append(await service.counts(connection))
    await service.engine.dispose()
    assert counted == [{"2026": 1}, {}, {}, {"2026": 1}]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of the settings, made in a process of its own: a test may have changed what this one has loaded."""
    program = "import sys; sys.path.insert(0, sys.argv[1]); import settings_page; print(settings_page.page(), end='')"
    done = subprocess.run(
        [sys.executable, "-c", program, str(ROOT / "tests")], capture_output=True, text=True, check=True, env=os.environ
    )
    return done.stdout


def test_the_page_of_the_metrics_says_what_the_code_declares() -> None:
    program = "import sys; sys.path.insert(0, sys.argv[1]); import metrics_page; print(metrics_page.page(), end='')"
    made = subprocess.run(
        [sys.executable, "-c", program, str(ROOT / "tests")], capture_output=True, text=True, check=True
    )
    written = (ROOT / "docs" / "metrics.md").read_text()
    assert written == made.stdout, "docs/metrics.md is not what the code says: python tests/metrics_page.py"


def test_the_page_of_the_settings_says_what_the_code_declares(made: str) -> None:
    written = (ROOT / "docs" / "settings.md").read_text()
    assert written == made, "docs/settings.md is not what the code says: python tests/settings_page.py"


def test_every_setting_says_what_it_is(made: str) -> None:
    rows = [line for line in made.splitlines() if line.startswith("| `")]
    assert [row for row in rows if not row.split(" | ")[-1].strip(" |")] == []
    assert {"`DATABASE_URL`", "`JWKS_URL`", "`RENDER_SECONDS`"} <= {row.split(" | ")[0].strip("| ") for row in rows}


def test_the_page_of_the_traces_lists_all_that_a_span_may_say() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| (.*) \|$", (ROOT / "docs" / "traces.md").read_text(), re.MULTILINE)
    assert dict(rows) == ATTRIBUTES


NAMED = re.compile(r"`((?:shared|services|clients|deploy|tests|faults|docs|editions|backbone)/[\w./*-]+)`")


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
