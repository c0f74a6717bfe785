"""docker-compose.yml says what the tables say: the settings, the rights, the rules; and nothing that nobody knows."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from backbone.contracts.grants import PRINCIPALS
from provision.databases import SERVICES
from provision.kafka_settings import CONTAINERS
from provision.secrets import make_keys

from .settings_page import settings_of

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docker-compose.yml"
SERVED: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text())["services"]
WATCHING = {"prometheus", "alertmanager", "collector", "jaeger", "grafana"}
ANSWERED = {
    *("HTTP_HOST", "HTTP_PORT", "HEALTH_PORT"),  # the image's: what is published is the front
    *("KAFKA_SASL_MECHANISM", "KAFKA_TLS", "KAFKA_CA"),  # the broker is in the same network, which nobody else is in
    "OUTBOX_SLOT",  # its PostgreSQL keeps no log for connectors
}
"""The settings that docker-compose.yml has no use for."""


def environment(service: str) -> dict[str, Any]:
    return SERVED[service].get("environment") or {}


def known_to(service: str) -> set[str]:
    return {name.upper() for name in settings_of(service.replace("-", "_")).model_fields}


def plain(name: str, service: str) -> str:
    """A setting's own name: without the service's before it, and without `_FILE` behind it."""
    return name.removeprefix(f"{service.upper().replace('-', '_')}_").removesuffix("_FILE")


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_of_a_service_can_be_told_to_its_container_and_no_other(service: str) -> None:
    passed = {plain(name, service) for name in environment(service)}
    assert passed == known_to(service) - ANSWERED


def test_the_operators_command_is_told_where_it_may_look_and_by_which_words_labelling_judges() -> None:
    told, theirs = environment("sdi"), environment("labelling")
    assert {name for name in told if "DATABASE_URL" in name} == {
        "MAP_FEED_DATABASE_URL_FILE",
        "LABELLING_DATABASE_URL_FILE",
    }
    for name in ("LABELLING_LEXICONS", "KAFKA_BOOTSTRAP_SERVERS", "EDITION", "NOW_FILE"):
        assert told[name] == theirs[name]


def mounted(service: str) -> Iterator[tuple[str, str]]:
    """Whence and where to."""
    for one in SERVED[service].get("volumes", []):
        if isinstance(one, dict):
            yield one["source"], one["target"]
        else:
            # a default, as where nothing is set
            source, target = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", one).removesuffix(":ro").split(":")
            yield source, target


@pytest.mark.parametrize("service", SERVED)
def test_what_is_mounted_from_the_repository_is_there(service: str) -> None:
    sources = [source for source, _ in mounted(service) if source.startswith("./")]
    # the certificate and its key are whoever's site it is
    assert [source for source in sources if not (ROOT / source).exists()] in ([], ["./deploy/proxy/tls"])


def test_keys_may_write_into_every_folder_that_it_makes_a_secret_in(tmp_path: Path) -> None:
    make_keys(tmp_path)
    folders = {f"/secrets/{file.parent.relative_to(tmp_path)}" for file in tmp_path.rglob("*") if file.is_file()}
    assert {target for _, target in mounted("keys")} == folders


def test_each_principal_has_a_volume_of_its_own_for_its_password_and_reads_no_other() -> None:
    assert {target for _, target in mounted("prepare")} >= {f"/secrets/{name}" for name in PRINCIPALS}
    for service in SERVICES:
        assert [source for source, _ in mounted(service) if source.startswith("secrets-")] == [f"secrets-{service}"]


@pytest.mark.parametrize("service", SERVED)
def test_no_container_may_more_than_it_must(service: str) -> None:
    said = SERVED[service]
    assert (said["cap_drop"], said["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert bool(said.get("read_only")) != service.startswith("kafka")  # whose image writes its settings into itself
    assert said["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
    assert "privileged" not in said


@pytest.mark.parametrize("service", SERVED)
def test_only_the_loopback_is_listened_on_but_by_the_front_with_tls(service: str) -> None:
    published = [re.sub(r"\$\{\w+:-(\d+)\}", r"\1", port) for port in SERVED[service].get("ports", [])]
    assert service == "proxy-tls" or [port for port in published if not port.startswith("127.0.0.1:")] == []


@pytest.mark.parametrize("service", SERVICES)
def test_of_each_service_there_can_be_several(service: str) -> None:
    assert {"ports", "container_name", "hostname"}.isdisjoint(SERVED[service])  # one machine has each of them once
    assert SERVED[service]["stop_grace_period"] == "60s"


def test_prometheus_finds_every_replica_of_every_service_at_its_health_port() -> None:
    told = yaml.safe_load((ROOT / "deploy" / "observability" / "prometheus-compose.yml").read_text())
    scraped = {job["job_name"]: job["dns_sd_configs"] for job in told["scrape_configs"]}
    assert set(scraped) == set(SERVICES)
    for service, [asked] in scraped.items():
        assert (asked["names"], asked["type"], asked["port"]) == ([service], "A", 8001)
        assert set(SERVED[service]["networks"]) & set(SERVED["prometheus"]["networks"])
    rules = [target for source, target in mounted("prometheus") if source == "./deploy/observability/rules"]
    assert [f"{Path(target).name}/*.yml" for target in rules] == told["rule_files"]
    [alertmanager] = told["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]
    assert alertmanager.split(":")[0] in SERVED


def test_the_dashboards_are_where_grafana_is_told_to_look() -> None:
    provisioning = ROOT / "deploy" / "observability" / "grafana" / "provisioning"
    [provider] = yaml.safe_load(next((provisioning / "dashboards").glob("*.y*ml")).read_text())["providers"]
    assert ("./deploy/observability/grafana/dashboards", provider["options"]["path"]) in mounted("grafana")
    [source] = yaml.safe_load(next((provisioning / "datasources").glob("*.y*ml")).read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"


def test_the_collector_takes_traces_where_the_services_are_told_to_send_them() -> None:
    told = yaml.safe_load((ROOT / "deploy" / "observability" / "collector.yml").read_text())
    assert told["receivers"]["otlp"]["protocols"]["http"]["endpoint"].endswith(":4318")
    assert told["exporters"]["otlphttp"]["endpoint"] == "${env:TRACES_TO}"
    assert environment("collector") == {"TRACES_TO": "${TRACES_TO:-http://jaeger:4318}"}


def test_what_watches_is_there_only_where_it_is_asked_for_and_named_by_its_content() -> None:
    assert {name for name, said in SERVED.items() if said.get("profiles") == ["observability"]} == WATCHING
    unpinned = {name for name in WATCHING if not re.search(r"@sha256:[0-9a-f]{64}\}$", SERVED[name]["image"])}
    assert unpinned == {"jaeger"}  # of which no digest was known where this was written (deploy/pin-images)


def test_three_brokers_are_those_that_their_settings_name() -> None:
    told = dict(
        line.split("=", 1)
        for line in (ROOT / "deploy" / "three-brokers.env").read_text().splitlines()
        if not line.startswith("#")
    )
    assert {name for name in SERVED if name.startswith("kafka")} == set(CONTAINERS.values())
    assert told["BROKERS"] == str(len(CONTAINERS))
    assert told["KAFKA_BOOTSTRAP_SERVERS"] == ",".join(f"{host}:9092" for host in CONTAINERS.values())
    for number, host in list(CONTAINERS.items())[1:]:
        said = environment(host)
        assert SERVED[host]["profiles"] == [told["COMPOSE_PROFILES"]]
        assert (said["KAFKA_NODE_ID"], said["KAFKA_ADVERTISED_LISTENERS"]) == (number, f"CLIENTS://{host}:9092")


@pytest.mark.parametrize("more", [(), ("--file", "deploy/reachable.yml"), ("--env-file", "deploy/three-brokers.env")])
def test_compose_takes_the_file_with_every_profile(more: tuple[str, ...]) -> None:
    if not shutil.which("docker-compose"):
        pytest.skip("no docker-compose here: its plugin has the same file to read, and needs an engine’s client")
    profiles = {profile for said in SERVED.values() for profile in said.get("profiles", [])}
    words = [word for profile in sorted(profiles) for word in ("--profile", profile)]
    command = ["docker-compose", "--file", "docker-compose.yml", *more, *words, "config", "--quiet"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180)
    assert (done.returncode, done.stderr) == (0, "")
