"""The dashboards are what their source says, what Grafana's own schema has, and ask only what is there to be asked."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from local_stack.prometheus import SHIPPED, find_tool
from provision.databases import SERVICES

ROOT = Path(__file__).parents[3]
FILES = sorted((SHIPPED / "grafana" / "dashboards").glob("*.json"))
RULES = [
    rule
    for file in (SHIPPED / "rules").glob("*.yml")
    for group in yaml.safe_load(file.read_text())["groups"]
    for rule in group["rules"]
]
METRIC = re.compile(r"\bsdi_\w+")
OF_A_HISTOGRAM = re.compile(r"_(bucket|count|sum)$")


def dashboard(file: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(file.read_text())
    return read


def panels(file: Path) -> list[dict[str, Any]]:
    return [panel for panel in dashboard(file)["panels"] if panel["type"] != "row"]


def queries() -> dict[str, str]:
    """Every query of every panel, by where it stands, as Grafana sends it."""
    return {
        f"{file.stem}: {panel['title']}, {target['refId']}": target["expr"].replace("$__rate_interval", "1m")
        for file in FILES
        for panel in panels(file)
        for target in panel["targets"]
    }


def declared() -> dict[str, str]:
    """Every metric of docs/metrics.md, and its type."""
    rows = re.findall(r"^\| `(sdi_\w+)` \| (\w+) \|", (ROOT / "docs" / "metrics.md").read_text(), re.M)
    return dict(rows)


def test_the_files_are_what_their_source_says(tmp_path: Path) -> None:
    program = "import sys; sys.path.insert(0, sys.argv[1]); import dashboards as d; from pathlib import Path"
    program += "; d.FOLDER = Path(sys.argv[2]); d.main()"
    subprocess.run([sys.executable, "-c", program, str(SHIPPED), str(tmp_path)], check=True, timeout=180)
    made = {file.name: file.read_text() for file in tmp_path.glob("*.json")}
    written = {file.name: file.read_text() for file in FILES}
    assert written == made, "they are older than their source: python deploy/observability/dashboards.py"
    assert set(written) == {"platform.json", *(f"{service}.json" for service in SERVICES)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_dashboard_has_no_word_that_the_schema_of_grafana_does_not_have(file: Path) -> None:
    register_default_plugins()
    told = dashboard(file)
    # what its classes do not know is dropped on the way
    understood = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(told)))
    assert lost(told, understood) == []


def lost(told: Any, understood: Any, place: str = "") -> list[str]:
    """Where something is told that was not understood, or as something else."""
    if isinstance(told, dict) and isinstance(understood, dict):
        return [
            where
            for name, value in told.items()
            for where in (
                [f"{place}.{name}"] if name not in understood else lost(value, understood[name], f"{place}.{name}")
            )
        ]
    if isinstance(told, list) and isinstance(understood, list) and len(told) == len(understood):
        return [
            where
            for number, (one, other) in enumerate(zip(told, understood, strict=True))
            for where in lost(one, other, f"{place}[{number}]")
        ]
    return [] if told == understood else [place]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_panel_says_what_it_shows_in_which_unit_and_from_where(file: Path) -> None:
    assert panels(file)
    for panel in panels(file):
        assert len(panel["title"]) > 5, panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        asked = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert asked == [{"type": "prometheus", "uid": "${datasource}"}] * len(asked)
    variables = [(one["name"], one["type"]) for one in dashboard(file)["templating"]["list"]]
    assert variables == [("datasource", "datasource")]
    places = [panel["gridPos"] for panel in dashboard(file)["panels"]]
    cells = [
        (x, y) for at in places for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells)), "one panel lies over another"
    assert max(x for x, _ in cells) < 24


def test_every_query_is_one_that_prometheus_reads(tmp_path: Path) -> None:
    rules = [{"record": f"query:{number}", "expr": expr} for number, expr in enumerate(queries().values())]
    assert len(rules) > 80
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    done = subprocess.run([find_tool("promtool"), "check", "rules", file], capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr


def test_every_metric_that_is_asked_for_is_one_that_a_service_declares() -> None:
    known = declared()
    asked = {**queries(), **{rule.get("alert") or rule["record"]: rule["expr"] for rule in RULES}}
    pages = {
        file.stem: " ".join(re.findall(r"`([^`]+)`", file.read_text()))
        for file in (ROOT / "docs" / "runbook").glob("*.md")
    }
    recorded = {rule["record"] for rule in RULES if "record" in rule}
    for where, expression in {**asked, **pages}.items():
        without = expression
        for name in sorted(recorded, key=len, reverse=True):
            without = without.replace(name, "")
        assert [name for name in re.findall(r"\b\w+(?::\w+)+\b", without) if ":sdi" in name] == [], where
        for name in METRIC.findall(without):
            whole = OF_A_HISTOGRAM.sub("", name) if known.get(OF_A_HISTOGRAM.sub("", name)) == "histogram" else name
            assert whole in known, f"{where}: {name}"


def test_every_label_that_is_asked_for_is_one_that_the_metric_has() -> None:
    rows = re.findall(r"^\| `(sdi_\w+)` \| \w+ \| (.*?) \|", (ROOT / "docs" / "metrics.md").read_text(), re.M)
    labels: dict[str, set[str]] = {}
    for name, about in rows:
        labels.setdefault(name, set()).update(re.findall(r"`(\w+)`:", about))
    asked = [*queries().values(), *(rule["expr"] for rule in RULES)]
    found = [pair for expression in asked for pair in re.findall(r"(sdi_\w+)\{([^}]*)\}", expression)]
    assert len(found) > 60
    for name, matchers in found:
        whole = name if name in labels else OF_A_HISTOGRAM.sub("", name)
        used = set(re.findall(r"(\w+)(?:=~|!=|=|!~)", matchers))
        assert used <= labels[whole] | {"job", "instance"} | ({"le"} if name.endswith("_bucket") else set()), (
            f"{name}{{{matchers}}}"
        )
