"""The alerts: each is right about when it fires, each leads to a page, and each page to commands that are there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from local_stack.prometheus import SHIPPED, find_tool

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "docs" / "runbook"
ALERTS: dict[str, dict[str, Any]] = {
    rule["alert"]: rule
    for file in (SHIPPED / "rules").glob("*.yml")
    for group in yaml.safe_load(file.read_text())["groups"]
    for rule in group["rules"]
    if "alert" in rule
}
CASES = sorted((SHIPPED / "tests").glob("*.yml"))
FENCED = re.compile(r"```sh\n(.*?)```", re.S)


def run(tool: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([find_tool(tool), *words], cwd=SHIPPED / "tests", capture_output=True, text=True, timeout=120)


def page(alert: str) -> str:
    return (PAGES / f"{alert}.md").read_text()


def commands(text: str) -> list[str]:
    return [re.sub(r"\s+#.*", "", line) for block in FENCED.findall(text) for line in block.splitlines() if line]


def test_the_rules_and_the_configurations_are_what_prometheus_takes() -> None:
    rules = run("promtool", "check", "rules", *sorted((SHIPPED / "rules").glob("*.yml")))
    configurations = run("promtool", "check", "config", "--syntax-only", *sorted(SHIPPED.glob("prometheus*.yml")))
    assert (rules.returncode, configurations.returncode) == (0, 0), rules.stderr + configurations.stderr


@pytest.mark.parametrize("cases", CASES, ids=lambda file: file.stem)
def test_each_alert_fires_in_time_and_what_only_looks_like_a_fault_raises_none(cases: Path) -> None:
    done = run("promtool", "test", "rules", cases)
    assert done.returncode == 0, done.stdout + done.stderr


def test_of_each_alert_a_case_shows_that_it_fires_and_another_that_it_does_not() -> None:
    shown: set[str] = set()
    for file in CASES:
        for test in yaml.safe_load(file.read_text())["tests"]:
            asked = [(case["expr"], str(case["exp_samples"])) for case in test["promql_expr_test"]]
            fired = {name for _, found in asked for name in re.findall(r'alertname="(\w+)"', found)}
            shown |= {
                name
                for name in fired
                if any(f'"{name}"' not in found and asks_about(name, expr) for expr, found in asked)
            }
    assert shown == set(ALERTS)


def asks_about(alert: str, expression: str) -> bool:
    """Whether a question about what fires would have found this one."""
    matchers = re.findall(r'alertname(=~|!=|=)"([^"]+)"', expression)
    ways = {"=": str.__eq__, "!=": str.__ne__, "=~": lambda value, pattern: bool(re.fullmatch(pattern, value))}
    return all(ways[way](alert, value) for way, value in matchers)


def test_each_alert_says_what_happened_to_whom_and_where_to_read_what_to_do() -> None:
    assert {rule["labels"]["severity"] for rule in ALERTS.values()} == {"page", "ticket"}
    for name, rule in ALERTS.items():
        told = rule["annotations"]
        assert set(told) == {"summary", "description", "runbook_url"}, name
        assert len(told["summary"]) < 140, name
        assert len(told["description"]) > 100, name
        assert told["runbook_url"] == f"docs/runbook/{name}.md"


def test_each_alert_has_a_page_and_each_page_an_alert() -> None:
    assert {file.stem for file in PAGES.glob("*.md")} == set(ALERTS)
    index = (ROOT / "docs" / "runbook.md").read_text()
    assert set(re.findall(r"\(runbook/(\w+)\.md\)", index)) == set(ALERTS)


@pytest.mark.parametrize("alert", sorted(ALERTS))
def test_a_page_has_its_four_parts_and_says_its_severity(alert: str) -> None:
    text = page(alert)
    assert text.startswith(f"# {alert}\n*{ALERTS[alert]['labels']['severity']}.* ")
    parts = re.findall(r"^\*\*(.*?)\*\*", text, re.M)
    assert [part for part in parts if part in ("See it", "Do", "Well again")] == ["See it", "Do", "Well again"]
    linked = re.findall(r"\]\(([\w./]+)\)", text)
    assert [link for link in linked if not (PAGES / link).exists()] == []


@pytest.mark.parametrize("alert", sorted(ALERTS))
def test_every_command_of_a_page_is_one_that_is_there(alert: str) -> None:
    """What the runbook's own list has is run word for word on a running stack (tests/test_runbook.py)."""
    tried = commands((ROOT / "docs" / "runbook.md").read_text())
    services = set(yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"])
    for command in commands(page(alert)):
        if command.startswith("docker compose"):
            verb = re.fullmatch(
                r"docker compose (ps --all|logs --tail \d+|up --detach --scale SERVICE=3 --no-recreate|up --detach|up"
                r"|restart)((?: [a-zA-Z][\w-]*)*)",
                command,
            )
            assert verb, command
            assert set(verb[2].split()) - {"SERVICE"} <= services, command
        else:
            # of the dead jobs the list has commskit's, and says « likewise » of the others
            command = re.sub(r'"(geocoding|registration) jobs', '"commskit jobs', command)
            # whatever is asked of whichever database
            command = re.sub(
                r"(psql ARGS=\")(?:SERVICE|postgres) -c '[^']+'",
                r"\1SERVICE -c 'SELECT pg_terminate_backend(PID)'",
                command,
            )
            command = command.replace('psql ARGS="map-feed', 'psql ARGS="SERVICE')
            assert command in tried or command == 'make run ARGS="SERVICE serve"', command


def test_a_page_that_calls_and_a_ticket_that_waits_reach_whom_they_should() -> None:
    example = SHIPPED / "alertmanager.yml"
    checked = run("amtool", "check-config", example)
    assert checked.returncode == 0, checked.stdout + checked.stderr

    def receiver(*labels: str) -> str:
        return run("amtool", "config", "routes", "test", f"--config.file={example}", *labels).stdout.strip()

    assert [receiver(f"severity={word}") for word in ("page", "ticket")] == ["on-call", "tickets"]
    assert receiver("alertname=Unheard") == "tickets"


def test_what_silences_and_what_is_silenced_are_alerts_of_ours() -> None:
    rules = yaml.safe_load((SHIPPED / "alertmanager.yml").read_text())["inhibit_rules"]
    named = {
        name
        for rule in rules
        for matcher in (*rule["source_matchers"], *rule["target_matchers"])
        for name in re.findall(r"[A-Z]\w+", matcher)
    }
    assert named
    assert named - set(ALERTS) == set()


def test_the_five_that_are_expected_are_the_services_there_are() -> None:
    from provision.databases import SERVICES

    records = yaml.safe_load((SHIPPED / "rules" / "records.yml").read_text())["groups"][0]["rules"]
    expected = [rule["labels"]["job"] for rule in records if rule["record"] == "sdi:expected"]
    compose = yaml.safe_load((SHIPPED / "prometheus-compose.yml").read_text())["scrape_configs"]
    assert sorted(expected) == sorted(job["job_name"] for job in compose) == sorted(SERVICES)
