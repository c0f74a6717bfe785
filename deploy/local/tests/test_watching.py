"""What `make watch` tells of a running stack."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from local_stack.places import Places
from local_stack.prometheus import Alert, find_tool
from local_stack.watching import told_anew
from provision.databases import SERVICES
from provision.errors import CannotStart

TEXTS = {
    "summary": "geocoding is away",
    "description": "No process of geocoding has answered for a minute.",
    "runbook_url": "docs/runbook/ServiceAway.md",
}


def away(*, fires: bool) -> Alert:
    return Alert("ServiceAway", "page", {"job": "geocoding"}, TEXTS, fires)


def test_what_fires_is_told_once_with_its_page_and_that_it_is_over() -> None:
    said: list[str] = []
    firing: dict[str, Alert] = {}
    for alerts in ([], [away(fires=False)], [away(fires=True)], [away(fires=True)], []):
        firing = told_anew(firing, alerts, said.append)
    assert [re.sub(r"^\d\d:\d\d:\d\d|^ +", "", line).strip() for line in said] == [
        "page    geocoding is away",
        "No process of geocoding has answered for a minute.",
        "docs/runbook/ServiceAway.md",
        "well    ServiceAway geocoding: it is so no more",
    ]


def test_a_start_tells_prometheus_where_each_service_is_asked(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.choose_addresses()
    told = json.loads((places.prometheus / "targets.json").read_text())
    where = {f"http://{target['targets'][0]}" for target in told}
    assert [target["labels"]["job"] for target in told] == list(SERVICES)
    assert where == set(places.health_addresses().values())


def test_a_machine_without_prometheus_is_told_how_to_have_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("local_stack.prometheus.UNPACKED", tmp_path)
    with pytest.raises(CannotStart, match="promtool is not here: run deploy/setup watch"):
        find_tool("promtool")
